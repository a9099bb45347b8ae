import { SECOND } from '../../core/clock.ts';
import { isEnforceable } from '../../smart/granular.ts';
import { formatScopes, narrow, parseScopeList } from '../../smart/scopes.ts';
import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { required } from '../parameters.ts';
import { openSession } from '../state/sessions.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { BACKEND_TOKEN_MS, tokenEnd, tokenResponse } from './token-response.ts';

/** `grant_type=client_credentials` (SMART 2.2.0 backend-services): only with an assertion, only `system/` scopes. */
export async function clientCredentialsGrant(
  gateway: Gateway,
  caller: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Response> {
  const { client, proof } = caller;
  if (client.launch !== 'backend' || proof.kind !== 'assertion') {
    throw new OAuthError('unauthorized_client', 'this client may not use client_credentials here');
  }
  const scope = grantedScope(required(form, 'scope'), client.scopes);
  const issued = await gateway.issuer.clientCredentials(client, proof);
  const claims = await gateway.keys.verifyAccessToken(issued.accessToken);
  if (claims === undefined || claims.clientId !== client.clientId || !claims.appOnly) {
    throw new OAuthError('server_error', 'the identity provider sent no usable access token', {
      status: 502,
    });
  }
  const token = {
    uti: claims.uti,
    expiresAt: tokenEnd(gateway, claims.exp * SECOND, BACKEND_TOKEN_MS),
    scope,
  };
  const session = {
    clientId: client.clientId,
    scope,
    context: {},
    generation: 0,
    expiresAt: token.expiresAt,
    tokens: [],
  };
  await openSession(gateway, gateway.random(32), session, token);
  return tokenResponse(gateway, { accessToken: issued.accessToken, token, context: {} });
}

function grantedScope(text: string, registered: readonly string[]): string {
  const asked = parseScopeList(text).scopes.filter((one) => one.kind === 'resource' && isEnforceable(one));
  const allowed = parseScopeList(registered.join(' ')).scopes.filter(
    (one) => one.kind === 'resource' && one.context === 'system',
  );
  const granted = narrow(asked, allowed);
  if (granted.length === 0)
    throw new OAuthError('invalid_scope', 'none of the scopes can be granted to this client');
  return formatScopes(granted);
}
