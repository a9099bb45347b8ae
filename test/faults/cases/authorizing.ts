import type { Asked } from '../asked.ts';
import type { Fault } from '../fault.ts';
import { authorizeParameters } from '../requests.ts';

/** Ways to disturb the authorization endpoint that several faults share. */

/** The redirect URI of the client that asks. */
export function registeredUri(asked: Asked): string | undefined {
  const clientId = authorizeParameters(asked)?.get('client_id');
  return Object.values(asked.profile.clients).find((client) => client.clientId === clientId)?.redirectUri;
}

/** The same authorization request with other parameters. */
export function resend({ request, url, method }: Asked, parameters: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  if (method === 'POST') return new Request(url, { method, headers, body: parameters.toString() });
  const changed = new URL(url);
  changed.search = parameters.toString();
  return new Request(changed, { headers });
}

export function redirectTo(redirectUri: string, parameters: Readonly<Record<string, string>>): Response {
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return new Response(null, { status: 303, headers: { location: location.href } });
}

/** An authorization request answered with an error at the address it names. */
export function errorAtClient(asked: Asked, error: string): Response {
  const parameters = authorizeParameters(asked) ?? new URLSearchParams();
  const state = parameters.get('state');
  return redirectTo(parameters.get('redirect_uri') ?? asked.profile.fhirUrl, {
    error,
    ...(state === null ? {} : { state }),
  });
}

/** The real redirect to a client, its query changed where `when` is true of it. */
export function redirect(
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
