import { randomToken } from '../../core/ids.ts';
import { createPkce, type Pkce } from '../pkce.ts';
import { formRequest, type HttpRequest } from '../recorder.ts';

export interface AuthorizeParameters {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** The FHIR base. */
  readonly aud: string;
  /** The handle an EHR gave. */
  readonly launch?: string;
}

/** An authorization request and what its sender must remember to believe the answer. */
export interface AuthorizeRequest {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pkce: Pkce;
  readonly state: string;
  readonly nonce: string;
}

/** SMART app-launch step 4. State and nonce have 256 random bits. */
export function createAuthorizeRequest(options: AuthorizeParameters): AuthorizeRequest {
  const pkce = createPkce();
  const state = randomToken();
  const nonce = randomToken();
  const parameters: Record<string, string> = {
    response_type: 'code',
    client_id: options.clientId,
    redirect_uri: options.redirectUri,
    scope: options.scope,
    state,
    aud: options.aud,
    code_challenge: pkce.challenge,
    code_challenge_method: pkce.method,
    nonce,
  };
  if (options.launch !== undefined) parameters['launch'] = options.launch;
  return { parameters, pkce, state, nonce };
}

export type AuthorizeMethod = 'GET' | 'POST';

/** The parameters as the browser sends them: in the query, or as a form (capability authorize-post). */
export function authorizeHttpRequest(
  endpoint: string,
  parameters: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  method: AuthorizeMethod = 'GET',
): HttpRequest {
  if (method === 'POST') return formRequest(endpoint, parameters, { accept: 'text/html,*/*' });
  const url = new URL(endpoint);
  const pairs = Array.isArray(parameters) ? parameters : Object.entries(parameters);
  for (const [name, value] of pairs) url.searchParams.append(name, value);
  return { url: url.href };
}
