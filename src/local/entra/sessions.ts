import { HOUR } from '../../core/clock.ts';
import { randomToken, sha256 } from '../../core/ids.ts';
import { ENTRA_SESSION_HOURS } from '../beliefs.ts';
import { directoryOf } from '../directory/directory.ts';
import type { User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';

/** A browser in which somebody is signed in (single sign-on). */
export interface Session {
  /** `session_state` of authorization responses. */
  readonly id: string;
  readonly userId: string;
  readonly authenticatedAt: number;
  readonly expiresAt: number;
  /** Apps signed in to: where sign-out may return to. */
  readonly clientIds: readonly string[];
}

export interface LiveSession {
  readonly session: Session;
  readonly user: User;
}

/** @returns the cookie value */
export function startSession(fabric: Fabric, userId: string): { cookie: string; session: Session } {
  const now = fabric.clock.now();
  for (const [key, item] of [...sessionsOf(fabric).entries()]) {
    if (item.expiresAt <= now) sessionsOf(fabric).delete(key);
  }
  const cookie = randomToken(48);
  const session: Session = {
    id: crypto.randomUUID(),
    userId,
    authenticatedAt: now,
    expiresAt: now + ENTRA_SESSION_HOURS * HOUR,
    clientIds: [],
  };
  sessionsOf(fabric).put(sha256(cookie), session);
  return { cookie, session };
}

/** The session of a cookie, if it lives and its user still may sign in. */
export function readSession(fabric: Fabric, cookie: string | undefined): LiveSession | undefined {
  const session = cookie === undefined ? undefined : sessionsOf(fabric).get(sha256(cookie));
  if (session === undefined || session.expiresAt <= fabric.clock.now()) return undefined;
  const user = directoryOf(fabric).users.get(session.userId);
  if (user === undefined || !mayContinue(user, session.authenticatedAt)) return undefined;
  return { session, user };
}

/** Remembers that this browser is signed in to the client. */
export function noteClient(
  fabric: Fabric,
  cookie: string | undefined,
  clientId: string,
): Session | undefined {
  const session = cookie === undefined ? undefined : sessionsOf(fabric).get(sha256(cookie));
  if (session === undefined || cookie === undefined) return undefined;
  if (!session.clientIds.includes(clientId)) {
    sessionsOf(fabric).put(sha256(cookie), { ...session, clientIds: [...session.clientIds, clientId] });
  }
  return session;
}

export function endSession(fabric: Fabric, cookie: string | undefined): Session | undefined {
  if (cookie === undefined) return undefined;
  const session = sessionsOf(fabric).get(sha256(cookie));
  sessionsOf(fabric).delete(sha256(cookie));
  return session;
}

/** Disabled accounts and sign-ins from before a password change or revocation do not go on. */
export function mayContinue(user: User, authenticatedAt: number): boolean {
  return user.accountEnabled && Date.parse(user.signInSessionsValidFromDateTime) <= authenticatedAt;
}

function sessionsOf(fabric: Fabric) {
  return fabric.store.collection<Session>('entra-sessions');
}
