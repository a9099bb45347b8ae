import { SECOND } from '../../core/clock.ts';
import { covers, formatScopes, parseScopeList } from '../../smart/scopes.ts';
import type { Gateway } from '../context.ts';
import type { AccessClaims } from '../issuer/entra-keys.ts';
import type { IssuedTokens } from '../issuer/token-issuer.ts';
import { OAuthError } from '../oauth-error.ts';
import { once, required } from '../parameters.ts';
import type { Kept } from '../state/collection.ts';
import { addToken, revokeSession } from '../state/sessions.ts';
import type { Session } from '../state/state.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { openRefreshToken, type RefreshContent, sealRefreshToken, sessionEnd } from './refresh-token.ts';
import { tokenEnd, tokenResponse } from './token-response.ts';

/** `grant_type=refresh_token` (SMART 2.2.0 app-launch#step-7-refresh): the same session, never more of it. */
export async function refreshGrant(
  gateway: Gateway,
  caller: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Response> {
  const content = await openRefreshToken(gateway, required(form, 'refresh_token'));
  if (content === undefined || content.clientId !== caller.client.clientId) throw unknownToken();
  const kept = await gateway.state.sessions.get(content.sessionId);
  if (kept === undefined || kept.value.revoked) throw unknownToken();
  await checkGeneration(gateway, caller, content, kept.value);
  const scope = narrowed(kept.value.scope, once(form, 'scope'));
  const issued = await gateway.issuer.refresh(caller.client, caller.proof, content.entra);
  const claims = await gateway.keys.verifyAccessToken(issued.accessToken);
  if (claims === undefined || claims.clientId !== caller.client.clientId || claims.oid !== kept.value.oid) {
    throw new OAuthError('server_error', 'the identity provider sent no usable access token', {
      status: 502,
    });
  }
  return continueSession(gateway, caller, content, kept, { issued, claims, scope });
}

function unknownToken(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'the refresh token is unknown, expired, revoked or not for this client',
  );
}

/** RFC 9700 section 2.2.2: a public client's old refresh token coming back means that somebody else has it too. */
async function checkGeneration(
  gateway: Gateway,
  { client }: AuthenticatedClient,
  content: RefreshContent,
  session: Session,
): Promise<void> {
  if (client.auth !== 'public' || content.generation === session.generation) return;
  await revokeSession(gateway, content.sessionId, client.clientId);
  throw unknownToken();
}

/** RFC 6749 section 6: the same scopes or fewer. */
function narrowed(granted: string, asked: string | undefined): string {
  if (asked === undefined) return granted;
  const { scopes: allowed } = parseScopeList(granted);
  const { scopes, unknown } = parseScopeList(asked);
  const fits = scopes.every((scope) =>
    allowed.some((other) =>
      scope.kind === 'resource'
        ? other.kind === 'resource' && covers(other, scope)
        : other.text === scope.text,
    ),
  );
  if (unknown.length > 0 || !fits || scopes.length === 0) {
    throw new OAuthError('invalid_scope', 'the scope exceeds what was granted');
  }
  return formatScopes(scopes);
}

interface Refreshed {
  readonly issued: IssuedTokens;
  readonly claims: AccessClaims;
  readonly scope: string;
}

async function continueSession(
  gateway: Gateway,
  { client }: AuthenticatedClient,
  content: RefreshContent,
  kept: Kept<Session>,
  { issued, claims, scope }: Refreshed,
): Promise<Response> {
  const session = kept.value;
  const token = { uti: claims.uti, expiresAt: tokenEnd(gateway, claims.exp * SECOND), scope };
  const now = gateway.clock.now();
  const next: Session = {
    ...session,
    generation: client.auth === 'public' ? session.generation + 1 : session.generation,
    expiresAt: sessionEnd(gateway, session.scope.split(' '), token.expiresAt),
    tokens: [
      ...session.tokens.filter((one) => one.expiresAt > now),
      { uti: token.uti, expiresAt: token.expiresAt },
    ],
  };
  // Somebody refreshed or revoked at the same moment: exactly one of two refreshes of a public client wins.
  if (!(await gateway.state.sessions.replace(content.sessionId, next, next.expiresAt, kept.etag))) {
    throw new OAuthError('invalid_grant', 'the session changed while it was refreshed');
  }
  await addToken(gateway, content.sessionId, next, token);
  const refreshToken = await sealRefreshToken(
    gateway,
    content.sessionId,
    next,
    issued.refreshToken ?? content.entra,
  );
  return tokenResponse(gateway, {
    accessToken: issued.accessToken,
    token,
    context: session.context,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  });
}
