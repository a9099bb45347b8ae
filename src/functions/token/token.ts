import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { readForm, refuseDuplicates, required } from '../parameters.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import { clientCredentialsGrant } from './client-credentials-grant.ts';
import { codeGrant } from './code-grant.ts';
import { refreshGrant } from './refresh-grant.ts';

type Grant = (gateway: Gateway, caller: AuthenticatedClient, form: URLSearchParams) => Promise<Response>;

const GRANTS: Readonly<Record<string, Grant>> = {
  authorization_code: codeGrant,
  refresh_token: refreshGrant,
  client_credentials: clientCredentialsGrant,
};

const PARAMETERS = [
  'grant_type',
  'code',
  'redirect_uri',
  'code_verifier',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'refresh_token',
  'scope',
];

/** `POST {authBase}/token`: parameters in the body only, each once. */
export async function token(gateway: Gateway, request: Request): Promise<Response> {
  const form = await readForm(request);
  refuseDuplicates(form, PARAMETERS);
  const grantType = required(form, 'grant_type');
  const grant = Object.hasOwn(GRANTS, grantType) ? GRANTS[grantType] : undefined;
  if (grant === undefined) throw new OAuthError('unsupported_grant_type', 'this grant_type is not supported');
  return grant(gateway, await authenticateClient(gateway, request, form), form);
}
