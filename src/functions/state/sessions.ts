import { sha256 } from '../../core/ids.ts';
import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import type { Session, TokenRecord } from './state.ts';

/** A session's id follows from its code, so that a replayed code leads to the session it must end. */
export function sessionIdOfCode(code: string): string {
  return sha256(`session\n${code}`);
}

export interface NewToken {
  readonly uti: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What this token is for: the session's scopes or, after a narrowing refresh, fewer. */
  readonly scope: string;
}

/**
 * Opens a session with its first access token.
 *
 * @throws OAuthError `invalid_grant` when the session was ended before it began (its code was replayed meanwhile)
 */
export async function openSession(
  gateway: Gateway,
  sessionId: string,
  session: Session,
  token: NewToken,
): Promise<void> {
  const opened = { ...session, tokens: [{ uti: token.uti, expiresAt: token.expiresAt }] };
  if (!(await gateway.state.sessions.insert(sessionId, opened, session.expiresAt))) {
    throw new OAuthError('invalid_grant', 'the authorization code was used before');
  }
  await addToken(gateway, sessionId, opened, token);
}

/** Writes the record the guard looks for. An existing one (a tombstone) is left as it is: the token stays dead. */
export async function addToken(
  gateway: Gateway,
  sessionId: string,
  session: Session,
  token: NewToken,
): Promise<void> {
  await gateway.state.tokens.insert(token.uti, tokenRecord(sessionId, session, token), token.expiresAt);
}

function tokenRecord(sessionId: string, session: Session, token: NewToken): TokenRecord {
  const { clientId, context, fhirUser, issuer, subject } = session;
  return {
    sessionId,
    clientId,
    scope: token.scope,
    context,
    exp: Math.floor(token.expiresAt / 1000),
    ...(fhirUser === undefined ? {} : { fhirUser }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(subject === undefined ? {} : { subject }),
  };
}

const REVOKE_ATTEMPTS = 5;

/** Ends a session and every access token of it, on all instances. Also before it is opened. */
export async function revokeSession(gateway: Gateway, sessionId: string, clientId: string): Promise<void> {
  const { sessions, tokens } = gateway.state;
  const until = gateway.clock.now() + TOMBSTONE_MS;
  for (let attempt = 0; attempt < REVOKE_ATTEMPTS; attempt++) {
    const kept = await sessions.get(sessionId);
    if (kept === undefined) {
      const end = tombstone(clientId, until);
      if (await sessions.insert(sessionId, end, until)) return;
      if (attempt === 0) continue;
      // Only a row past its expiry is there and not found.
      return sessions.upsert(sessionId, end, until);
    }
    const ended: Session = { ...kept.value, revoked: true };
    if (
      !kept.value.revoked &&
      !(await sessions.replace(sessionId, ended, Math.max(until, ended.expiresAt), kept.etag))
    ) {
      continue;
    }
    for (const { uti } of kept.value.tokens) {
      const dead = tokenRecord(sessionId, ended, { uti, expiresAt: until, scope: '' });
      await tokens.upsert(uti, { ...dead, revoked: true }, until);
    }
    return;
  }
  throw new Error('a session kept changing while it was to be revoked');
}

/** Longer than any access token of Entra's lives (a lifetime policy allows up to one day). */
const TOMBSTONE_MS = 25 * 60 * 60 * 1000;

function tombstone(clientId: string, until: number): Session {
  return { clientId, scope: '', context: {}, generation: 0, expiresAt: until, tokens: [], revoked: true };
}
