import type { Gateway } from './context.ts';
import { NO_STORE, OAuthError } from './oauth-error.ts';
import { readForm, refuseDuplicates, required } from './parameters.ts';
import { revokeSession } from './state/sessions.ts';
import { authenticateClient, confirmSecret } from './token/client-authentication.ts';
import { openRefreshToken } from './token/refresh-token.ts';

/** `POST {authBase}/revoke` (RFC 7009): either kind of token ends the whole session, on every instance. */
export async function revoke(gateway: Gateway, request: Request): Promise<Response> {
  const form = await readForm(request);
  refuseDuplicates(form, ['token', 'token_type_hint', 'client_id', 'client_secret', 'client_assertion']);
  const caller = await authenticateClient(gateway, request, form);
  await confirmSecret(gateway, caller);
  const owner = await ownerOf(gateway, required(form, 'token'));
  if (owner !== undefined) {
    if (owner.clientId !== caller.client.clientId) {
      throw new OAuthError('invalid_grant', 'the token was issued to another client');
    }
    await revokeSession(gateway, owner.sessionId, owner.clientId);
  }
  // RFC 7009 section 2.2: unknown and already revoked tokens are answered alike.
  return new Response(null, { status: 200, headers: NO_STORE });
}

async function ownerOf(
  gateway: Gateway,
  token: string,
): Promise<{ sessionId: string; clientId: string } | undefined> {
  const refresh = await openRefreshToken(gateway, token);
  if (refresh !== undefined) return refresh;
  const claims = await gateway.keys.verifyAccessToken(token);
  return claims === undefined ? undefined : (await gateway.state.tokens.get(claims.uti))?.value;
}
