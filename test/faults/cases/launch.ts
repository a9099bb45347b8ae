import {
  type Asked,
  authorizeParameters,
  breaks,
  clientNamed,
  type Fault,
  isAuthorize,
  isLaunch,
  json,
  redirectWithCode,
} from '../fault.ts';

const code: Fault['answer'] = async (asked) => redirectWithCode(asked);

function base(asked: Asked): string {
  return asked.profile.fhirUrl;
}

/** A request whose sender and target are known. */
function parametersOf(asked: Asked, method?: string): URLSearchParams | undefined {
  const parameters = authorizeParameters(asked);
  if (method !== undefined && asked.method !== method) return undefined;
  return parameters?.has('client_id') === true ? parameters : undefined;
}

/** Gives a code to authorization requests of which `when` is true. */
function accepts(
  check: string,
  name: string,
  when: (parameters: URLSearchParams, asked: Asked) => boolean,
  method?: string,
) {
  return breaks(
    check,
    name,
    (asked) => {
      const parameters = parametersOf(asked, method);
      return parameters !== undefined && when(parameters, asked);
    },
    code,
  );
}

/** The real redirect with its query changed. */
function redirect(
  change: (query: URLSearchParams) => void,
  when: (query: URLSearchParams) => boolean,
): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    const location = response.headers.get('location');
    if (location === null || !URL.canParse(location, asked.url.href)) return response;
    const url = new URL(location, asked.url);
    if (!when(url.searchParams)) return response;
    change(url.searchParams);
    const headers = new Headers(response.headers);
    headers.set('location', url.href);
    return new Response(null, { status: response.status, headers });
  };
}

function serverError(asked: Asked): Response {
  const parameters = authorizeParameters(asked) ?? new URLSearchParams();
  const url = new URL(parameters.get('redirect_uri') ?? 'https://app.example.org/');
  url.searchParams.set('error', 'server_error');
  url.searchParams.set('state', parameters.get('state') ?? '');
  return new Response(null, { status: 302, headers: { location: url.href } });
}

const isCallback = (asked: Asked): boolean => asked.path === '/auth/callback';
const PROBE_TYPE = 'smartfhir-probe';
const FOREIGN_REDIRECT = 'https://app.example.org/callback';

function registered(parameters: URLSearchParams, asked: Asked): boolean {
  const uris = Object.values(asked.profile.clients).map((client) => client.redirectUri);
  return uris.includes(parameters.get('redirect_uri') ?? '');
}

export const launchFaults: readonly Fault[] = [
  accepts(
    'launch/aud-wrong-get',
    'aud is not compared in the query',
    (p, asked) => p.has('aud') && p.get('aud') !== base(asked),
    'GET',
  ),
  accepts(
    'launch/aud-wrong-post',
    'aud is not compared in the form',
    (p, asked) => p.has('aud') && p.get('aud') !== base(asked),
    'POST',
  ),
  accepts('launch/aud-absent-get', 'aud may be absent in the query', (p) => !p.has('aud'), 'GET'),
  accepts('launch/aud-absent-post', 'aud may be absent in the form', (p) => !p.has('aud'), 'POST'),
  breaks(
    'launch/code-issued',
    'the standalone app is always answered with an error',
    (asked) => parametersOf(asked, 'GET')?.get('client_id') === clientNamed(asked, 'patient-confidential'),
    async (asked) => serverError(asked),
  ),
  breaks(
    'launch/state-returned',
    'state is lowered on its way back',
    isCallback,
    redirect(
      (query) => query.set('state', (query.get('state') ?? '').toLowerCase()),
      (query) => query.has('code') && query.has('state'),
    ),
  ),
  breaks(
    'launch/state-on-error',
    'reserved characters are lost from the state of errors',
    (asked) => /[ &%]/.test(parametersOf(asked)?.get('state') ?? ''),
    redirect(
      (query) => query.set('state', (query.get('state') ?? '').replace(/[^A-Za-z0-9_-]/g, '')),
      (query) => query.has('error'),
    ),
  ),
  accepts('launch/state-required', 'state may be absent', (p) => !p.has('state')),
  accepts(
    'launch/response-type',
    'the implicit flow is let through',
    (p) => p.get('response_type') === 'token',
  ),
  breaks(
    'launch/error-registered',
    'an error of our own invention',
    (asked) => {
      const parameters = parametersOf(asked);
      return parameters?.get('response_type') === PROBE_TYPE && registered(parameters, asked);
    },
    redirect(
      (query) => query.set('error', 'bad_response_type'),
      (query) => query.has('error'),
    ),
  ),
  accepts(
    'launch/repeated-parameter',
    'the last of two parameters wins',
    (p) => p.getAll('scope').length > 1,
  ),
  accepts('launch/pkce-missing', 'PKCE is optional', (p) => !p.has('code_challenge')),
  accepts('launch/pkce-plain', 'plain PKCE is accepted', (p) => p.get('code_challenge_method') === 'plain'),
  accepts(
    'launch/pkce-method-missing',
    'a challenge without method is accepted',
    (p) => p.has('code_challenge') && !p.has('code_challenge_method'),
  ),
  accepts(
    'launch/redirect-uri-exact',
    'redirect URIs are compared by their beginning',
    (p, asked) =>
      p.has('redirect_uri') && !registered(p, asked) && p.get('redirect_uri') !== FOREIGN_REDIRECT,
  ),
  accepts(
    'launch/redirect-uri-required',
    'the only registered redirect URI is the default',
    (p) => !p.has('redirect_uri'),
  ),
  accepts(
    'launch/unknown-client',
    'unknown clients are redirected',
    (p) => p.get('client_id')?.startsWith('unknown-') === true,
  ),
  breaks(
    'launch/errors-stay-home',
    'errors are sent wherever the request says',
    (asked) => {
      const parameters = parametersOf(asked);
      return (
        parameters?.get('redirect_uri') === FOREIGN_REDIRECT && parameters.get('response_type') === PROBE_TYPE
      );
    },
    async (asked) => serverError(asked),
  ),
  breaks(
    'launch/authorize-post',
    'posted authorization requests end in an error',
    (asked) => parametersOf(asked, 'POST')?.get('aud') === base(asked),
    async (asked) => serverError(asked),
  ),
  breaks(
    'launch/denial',
    'a denial looks like a server error',
    (asked) => asked.path.startsWith('/auth/') && asked.method === 'POST' && !isAuthorize(asked),
    redirect(
      (query) => query.set('error', 'server_error'),
      (query) => query.get('error') === 'access_denied',
    ),
  ),
  breaks(
    'launch/ehr-code-issued',
    'EHR launches end in an error',
    (asked) => parametersOf(asked)?.get('client_id') === clientNamed(asked, 'ehr-practitioner'),
    async (asked) => serverError(asked),
  ),
  accepts(
    'launch/forged-launch',
    'launch handles are not looked up',
    (p, asked) => p.has('launch') && !asked.memory.launches.has(p.get('launch') ?? ''),
  ),
  accepts(
    'launch/replayed-launch',
    'launch handles are not used up',
    (p, asked) =>
      asked.memory.usedLaunches.has(p.get('launch') ?? '') &&
      asked.memory.launches.get(p.get('launch') ?? '') === p.get('client_id'),
  ),
  accepts('launch/launch-client-bound', 'launch handles fit every app', (p, asked) => {
    const client = asked.memory.launches.get(p.get('launch') ?? '');
    return client !== undefined && client !== p.get('client_id');
  }),
  breaks(
    'launch/launch-creation',
    'anybody may create launches',
    (asked) => isLaunch(asked) && asked.authorization === undefined,
    async () => json(201, { launch: 'a-launch-that-should-not-be', expiresIn: 300 }),
  ),
  breaks(
    'security/issuer-returned',
    'the redirect does not name its issuer',
    isCallback,
    redirect(
      (query) => query.delete('iss'),
      (query) => query.has('code'),
    ),
  ),
];
