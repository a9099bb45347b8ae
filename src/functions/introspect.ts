import type { Gateway } from './context.ts';
import { bearerToken } from './guard/bearer.ts';
import { type LiveToken, liveToken } from './guard/live-token.ts';
import { NO_STORE, OAuthError } from './oauth-error.ts';
import { readForm, refuseDuplicates, required } from './parameters.ts';
import { authenticateClient, confirmSecret } from './token/client-authentication.ts';
import { openRefreshToken } from './token/refresh-token.ts';

/** `POST {authBase}/introspect` (RFC 7662, SMART 2.2.0 token-introspection). */
export async function introspect(gateway: Gateway, request: Request): Promise<Response> {
  const form = await readForm(request);
  refuseDuplicates(form, ['token', 'token_type_hint', 'client_id', 'client_secret', 'client_assertion']);
  await authorizeCaller(gateway, request, form);
  const token = required(form, 'token');
  const live = await liveToken(gateway, token);
  const answer = live === undefined ? await describeRefresh(gateway, token) : describeAccess(live);
  return Response.json(answer, { headers: NO_STORE });
}

/** A client that may introspect, with its own credentials; or any live access token of a session. */
async function authorizeCaller(gateway: Gateway, request: Request, form: URLSearchParams): Promise<void> {
  const bearer = bearerToken(request);
  if (bearer !== undefined) {
    if ((await liveToken(gateway, bearer)) === undefined) {
      throw new OAuthError('invalid_token', 'the access token is not valid');
    }
    return;
  }
  const caller = await authenticateClient(gateway, request, form);
  if (caller.proof.kind === 'public') throw new OAuthError('invalid_client', 'client authentication failed');
  await confirmSecret(gateway, caller);
  if (!caller.client.permissions.includes('introspect')) {
    throw new OAuthError('unauthorized_client', 'this client may not introspect tokens', { status: 403 });
  }
}

function describeAccess({ claims, record }: LiveToken): object {
  const { context, fhirUser, issuer, subject } = record;
  return {
    active: true,
    token_type: 'Bearer',
    client_id: record.clientId,
    scope: record.scope,
    exp: record.exp,
    jti: claims.uti,
    ...context,
    ...(fhirUser === undefined ? {} : { fhirUser }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(subject === undefined ? {} : { sub: subject }),
  };
}

/** Refresh tokens are ours, so we can answer for them too. RFC 7662 section 2.2: inactive says nothing else. */
async function describeRefresh(gateway: Gateway, token: string): Promise<object> {
  const content = await openRefreshToken(gateway, token);
  const session =
    content === undefined ? undefined : (await gateway.state.sessions.get(content.sessionId))?.value;
  const current =
    gateway.client(session?.clientId ?? '')?.auth !== 'public' || content?.generation === session?.generation;
  if (session === undefined || session.revoked || !current) return { active: false };
  return {
    active: true,
    client_id: session.clientId,
    scope: session.scope,
    exp: Math.floor(session.expiresAt / 1000),
    ...session.context,
    ...(session.fhirUser === undefined ? {} : { fhirUser: session.fhirUser }),
    ...(session.issuer === undefined ? {} : { iss: session.issuer }),
    ...(session.subject === undefined ? {} : { sub: session.subject }),
  };
}
