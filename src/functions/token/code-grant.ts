import type { JWTPayload } from 'jose';
import { SECOND } from '../../core/clock.ts';
import { grantedContext, parseFhirUser } from '../authorize/launch-context.ts';
import type { Gateway } from '../context.ts';
import type { AccessClaims } from '../issuer/entra-keys.ts';
import type { IssuedTokens } from '../issuer/token-issuer.ts';
import { OAuthError } from '../oauth-error.ts';
import { required } from '../parameters.ts';
import { openSession, revokeSession, sessionIdOfCode } from '../state/sessions.ts';
import type { CodeRecord, Session } from '../state/state.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { sealRefreshToken, sessionEnd } from './refresh-token.ts';
import { tokenEnd, tokenResponse } from './token-response.ts';
import { checkVerifier } from './verifier.ts';

/** `grant_type=authorization_code` (SMART 2.2.0 app-launch#step-5-access-token). */
export async function codeGrant(
  gateway: Gateway,
  caller: AuthenticatedClient,
  form: URLSearchParams,
): Promise<Response> {
  const code = required(form, 'code');
  const record = await takeCode(gateway, caller, code);
  if (required(form, 'redirect_uri') !== record.request.redirectUri) {
    throw new OAuthError('invalid_grant', 'redirect_uri is not the one of the authorization request');
  }
  checkVerifier(form, record.request.codeChallenge);
  const issued = await redeem(gateway, caller, record);
  const claims = await gateway.keys.verifyAccessToken(issued.accessToken);
  if (claims === undefined || claims.clientId !== caller.client.clientId) {
    throw new OAuthError('server_error', 'the identity provider sent no usable access token', {
      status: 502,
    });
  }
  if (claims.oid !== record.user.oid) {
    throw new OAuthError('invalid_grant', 'another user signed in than the one who chose the scopes');
  }
  const session = await newSession(gateway, record, claims, issued);
  return answer(gateway, sessionIdOfCode(code), session, claims, issued);
}

/**
 * One-time use. A second use ends what the first one began (RFC 6749 section 4.1.2); a code of another client is
 * left to its owner.
 */
async function takeCode(
  gateway: Gateway,
  { client }: AuthenticatedClient,
  code: string,
): Promise<CodeRecord> {
  const known = await gateway.state.codes.get(code);
  if (known !== undefined && known.value.request.clientId !== client.clientId) {
    throw new OAuthError('invalid_grant', 'the code was issued to another client');
  }
  const record = known === undefined ? undefined : await gateway.state.codes.take(code);
  if (record !== undefined) return record;
  const sessionId = sessionIdOfCode(code);
  // A race for the code, or a session that it opened: both are a replay. Anything else was never a code of ours.
  const opened = await gateway.state.sessions.get(sessionId);
  if (known !== undefined || opened?.value.clientId === client.clientId) {
    await revokeSession(gateway, sessionId, client.clientId);
  }
  throw new OAuthError('invalid_grant', 'the code is unknown, used or expired');
}

async function redeem(
  gateway: Gateway,
  caller: AuthenticatedClient,
  record: CodeRecord,
): Promise<IssuedTokens> {
  const entra = (await gateway.seal.open('entra-code', record.entra)) as
    | { code: string; verifier: string }
    | undefined;
  if (entra === undefined) throw new Error('a code record could not be opened');
  return gateway.issuer.redeem(caller.client, caller.proof, entra.code, entra.verifier);
}

async function newSession(
  gateway: Gateway,
  record: CodeRecord,
  claims: AccessClaims,
  issued: IssuedTokens,
): Promise<Session> {
  const { request } = record;
  const fhirUser = parseFhirUser(claims.fhirUser);
  let context: Session['context'];
  try {
    context = grantedContext(gateway.settings, record.granted, request.launch, fhirUser);
  } catch (error) {
    if (error instanceof OAuthError) throw new OAuthError('invalid_grant', error.message);
    throw error;
  }
  // Nobody without a FHIR resource is told to be one.
  const scopes = record.granted.split(' ').filter((scope) => scope !== 'fhirUser' || fhirUser !== undefined);
  const identity = scopes.includes('openid')
    ? await identityOf(gateway, request.clientId, issued)
    : undefined;
  // What the id_token tells is what introspection repeats (SMART 2.2.0 token-introspection).
  const named = identity?.['fhirUser'] ?? (scopes.includes('fhirUser') ? claims.fhirUser : undefined);
  return {
    clientId: request.clientId,
    scope: scopes.join(' '),
    context,
    oid: claims.oid,
    ...(typeof named === 'string' ? { fhirUser: named } : {}),
    ...(identity?.iss === undefined ? {} : { issuer: identity.iss }),
    ...(identity?.sub === undefined ? {} : { subject: identity.sub }),
    generation: 0,
    expiresAt: sessionEnd(gateway, scopes, tokenEnd(gateway, claims.exp * SECOND)),
    tokens: [],
  };
}

/** Who said yes to `openid` gets an id_token, or an error: an answer without it would be no OIDC answer. */
async function identityOf(gateway: Gateway, clientId: string, issued: IssuedTokens): Promise<JWTPayload> {
  const identity = await gateway.keys.verifyIdToken(issued.idToken ?? '', clientId);
  if (identity !== undefined) return identity;
  throw new OAuthError('server_error', 'the identity provider sent no usable id_token', { status: 502 });
}

async function answer(
  gateway: Gateway,
  sessionId: string,
  session: Session,
  claims: AccessClaims,
  issued: IssuedTokens,
): Promise<Response> {
  const token = { uti: claims.uti, expiresAt: tokenEnd(gateway, claims.exp * SECOND), scope: session.scope };
  await openSession(gateway, sessionId, session, token);
  const refreshToken = await sealRefreshToken(gateway, sessionId, session, issued.refreshToken);
  return tokenResponse(gateway, {
    accessToken: issued.accessToken,
    token,
    context: session.context,
    ...(session.subject === undefined || issued.idToken === undefined ? {} : { idToken: issued.idToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  });
}
