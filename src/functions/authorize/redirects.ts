import type { Gateway } from '../context.ts';
import type { OAuthError } from '../oauth-error.ts';

export interface ClientAddress {
  /** Registered: nothing else may ever get here. */
  readonly redirectUri: string;
  readonly state?: string | undefined;
}

/** 303: whatever method came in, the browser goes on with GET and without the body (RFC 9700 section 4.12). */
export function seeOther(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: {
      location,
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'referrer-policy': 'no-referrer',
      ...headers,
    },
  });
}

/** RFC 6749 section 4.1.2.1, with the `iss` of RFC 9207. */
export async function redirectError(
  gateway: Gateway,
  to: ClientAddress,
  error: OAuthError,
): Promise<Response> {
  return seeOther(await clientUrl(gateway, to, { error: error.code, error_description: error.message }));
}

export async function redirectCode(gateway: Gateway, to: ClientAddress, code: string): Promise<Response> {
  return seeOther(await clientUrl(gateway, to, { code }));
}

async function clientUrl(
  gateway: Gateway,
  to: ClientAddress,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const { issuer } = await gateway.keys.metadata();
  const query = new URLSearchParams({
    ...parameters,
    ...(to.state === undefined ? {} : { state: to.state }),
    iss: issuer,
  });
  // The registered URI is not parsed and rebuilt: private-use schemes and its own query stay as they are.
  const [base = '', fragment] = to.redirectUri.split('#');
  const joint = base.includes('?') ? '&' : '?';
  return `${base}${joint}${query.toString()}${fragment === undefined ? '' : `#${fragment}`}`;
}
