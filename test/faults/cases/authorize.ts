import { sha256 } from '../../../src/core/ids.ts';
import { html } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { authorizeParameters } from '../requests.ts';
import { errorAtClient, redirectTo, registeredUri, resend } from './authorizing.ts';

/** A challenge whose verifier nobody knows. */
const SOME_CHALLENGE = sha256('some verifier');

/** A server that overlooks a broken rule: requests that break it are mended on their way, and everything goes on. */
function overlooks(
  check: string,
  name: string,
  broken: (parameters: URLSearchParams, asked: Asked) => boolean,
  mend: (parameters: URLSearchParams, asked: Asked) => void,
): Fault {
  return breaks(
    check,
    name,
    (asked) => {
      const parameters = authorizeParameters(asked);
      return parameters?.has('client_id') === true && broken(parameters, asked);
    },
    async (asked, next) => {
      const parameters = new URLSearchParams(authorizeParameters(asked));
      mend(parameters, asked);
      return next(resend(asked, parameters));
    },
  );
}

function overlooksAud(kind: 'absent' | 'wrong', method: 'GET' | 'POST'): Fault {
  const how = method === 'GET' ? 'queries' : 'posted forms';
  return overlooks(
    `launch/aud-${kind}-${method === 'GET' ? 'get' : 'post'}`,
    kind === 'absent' ? `aud is not missed in ${how}` : `aud is not compared in ${how}`,
    (parameters, asked) =>
      asked.method === method &&
      (kind === 'absent'
        ? !parameters.has('aud')
        : parameters.has('aud') && parameters.get('aud') !== asked.profile.fhirUrl),
    (parameters, asked) => parameters.set('aud', asked.profile.fhirUrl),
  );
}

function repeated(parameters: URLSearchParams): readonly string[] {
  return [...new Set(parameters.keys())].filter((name) => parameters.getAll(name).length > 1);
}

function isLonger(asked: Asked): boolean {
  const [registered, redirectUri] = [registeredUri(asked), authorizeParameters(asked)?.get('redirect_uri')];
  return (
    registered !== undefined && redirectUri?.startsWith(registered) === true && redirectUri !== registered
  );
}

const LONGER = 'longer-';

/** The server behind knows only the registered redirect URI; its code is then sent to the longer one. */
async function redirectToLonger(
  asked: Asked,
  next: (request: Request) => Promise<Response>,
): Promise<Response> {
  const { notes } = asked.memory;
  const parameters = new URLSearchParams(authorizeParameters(asked));
  if (parameters.has('redirect_uri')) {
    const state = `${LONGER}${notes.size}`;
    notes.set(state, `${parameters.get('state')} ${parameters.get('redirect_uri')}`);
    parameters.set('state', state);
    parameters.set('redirect_uri', registeredUri(asked) ?? '');
    return next(resend(asked, parameters));
  }
  const response = await next(asked.request);
  const location = response.headers.get('location') ?? '';
  const query = URL.canParse(location) ? new URL(location).searchParams : new URLSearchParams();
  const [state, redirectUri] = notes.get(query.get('state') ?? '')?.split(' ') ?? [];
  if (state === undefined || redirectUri === undefined) return response;
  return redirectTo(redirectUri, { ...Object.fromEntries(query), state });
}

function isUnknown(asked: Asked): boolean {
  const clientId = authorizeParameters(asked)?.get('client_id') ?? null;
  return (
    clientId !== null && !Object.values(asked.profile.clients).some((item) => item.clientId === clientId)
  );
}

/** What an authorization request must have, and what happens when it has not. */
export const authorizeFaults: readonly Fault[] = [
  overlooksAud('wrong', 'GET'),
  overlooksAud('wrong', 'POST'),
  overlooksAud('absent', 'GET'),
  overlooksAud('absent', 'POST'),
  overlooks(
    'launch/pkce-missing',
    'PKCE is voluntary',
    (parameters) => !parameters.has('code_challenge'),
    (parameters) => {
      parameters.set('code_challenge', SOME_CHALLENGE);
      parameters.set('code_challenge_method', 'S256');
    },
  ),
  overlooks(
    'launch/pkce-plain',
    'PKCE works with plain',
    (parameters) => parameters.get('code_challenge_method') === 'plain',
    (parameters) => {
      parameters.set('code_challenge', sha256(parameters.get('code_challenge') ?? ''));
      parameters.set('code_challenge_method', 'S256');
    },
  ),
  overlooks(
    'launch/pkce-method-missing',
    'a challenge without method is taken for S256',
    (parameters) => parameters.has('code_challenge') && !parameters.has('code_challenge_method'),
    (parameters) => parameters.set('code_challenge_method', 'S256'),
  ),
  overlooks(
    'launch/state-required',
    'state is not missed',
    (parameters) => !parameters.has('state'),
    (parameters) => parameters.set('state', 'none'),
  ),
  overlooks(
    'launch/redirect-uri-required',
    'the only registered redirect URI stands in for a missing one',
    (parameters) => !parameters.has('redirect_uri'),
    (parameters, asked) => parameters.set('redirect_uri', registeredUri(asked) ?? ''),
  ),
  overlooks(
    'launch/response-type',
    'response_type=token is answered with a code',
    (parameters) => parameters.get('response_type') === 'token',
    (parameters) => parameters.set('response_type', 'code'),
  ),
  overlooks(
    'launch/repeated-parameter',
    'of a repeated parameter the first one counts',
    (parameters) => repeated(parameters).length > 0,
    (parameters) => {
      for (const name of repeated(parameters)) parameters.set(name, parameters.get(name) ?? '');
    },
  ),
  breaks(
    'launch/redirect-uri-exact',
    'redirect_uri need only begin with the registered one',
    (asked) =>
      isLonger(asked) ||
      (asked.path === '/auth/callback' && asked.memory.notes.keys().some((note) => note.startsWith(LONGER))),
    redirectToLonger,
  ),
  breaks(
    'launch/redirect-uri-exact',
    'a wrong redirect_uri is replaced by the registered one',
    (asked) => {
      const redirectUri = authorizeParameters(asked)?.get('redirect_uri') ?? undefined;
      const registered = registeredUri(asked);
      return redirectUri !== undefined && registered !== undefined && redirectUri !== registered;
    },
    async (asked, next) => {
      const parameters = new URLSearchParams(authorizeParameters(asked));
      if (parameters.get('response_type') !== 'code') return next(asked.request);
      parameters.set('redirect_uri', registeredUri(asked) ?? '');
      return next(resend(asked, parameters));
    },
  ),
  breaks('launch/unknown-client', 'an unknown client gets its error by redirect', isUnknown, async (asked) =>
    errorAtClient(asked, 'unauthorized_client'),
  ),
  breaks(
    'launch/errors-stay-home',
    'response_type is checked before redirect_uri',
    (asked) => {
      const type = authorizeParameters(asked)?.get('response_type');
      const redirectUri = authorizeParameters(asked)?.get('redirect_uri') ?? undefined;
      return type !== 'code' && redirectUri !== undefined && redirectUri !== registeredUri(asked);
    },
    async (asked) => errorAtClient(asked, 'unsupported_response_type'),
  ),
  breaks(
    'launch/authorize-post',
    'the authorize endpoint takes no forms',
    (asked) => asked.method === 'POST' && authorizeParameters(asked) !== undefined,
    async () => html(405, '<!doctype html><title>Method not allowed</title>'),
  ),
];
