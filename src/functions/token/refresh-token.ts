import type { Gateway } from '../context.ts';
import { ONLINE_LIFETIME_MS, REFRESH_LIFETIME_MS, type Session } from '../state/state.ts';

/** What a refresh token of ours holds: Entra's, and where it belongs. Opaque to everyone else. */
export interface RefreshContent {
  readonly sessionId: string;
  readonly clientId: string;
  readonly generation: number;
  readonly entra: string;
}

const PURPOSE = 'refresh';

/** Milliseconds since the epoch at which a session ends if it is not refreshed before. */
export function sessionEnd(gateway: Gateway, scopes: readonly string[], tokenExpiresAt: number): number {
  const now = gateway.clock.now();
  if (scopes.includes('offline_access')) return now + REFRESH_LIFETIME_MS;
  if (scopes.includes('online_access')) return now + ONLINE_LIFETIME_MS;
  return tokenExpiresAt;
}

/** Undefined unless the user granted staying: Entra always sends a refresh token, the client may not get one. */
export async function sealRefreshToken(
  gateway: Gateway,
  sessionId: string,
  session: Session,
  entra: string | undefined,
): Promise<string | undefined> {
  const granted = session.scope.split(' ');
  if (entra === undefined || !(granted.includes('offline_access') || granted.includes('online_access'))) {
    return undefined;
  }
  const content: RefreshContent = {
    sessionId,
    clientId: session.clientId,
    generation: session.generation,
    entra,
  };
  return gateway.seal.seal(PURPOSE, content);
}

export async function openRefreshToken(gateway: Gateway, text: string): Promise<RefreshContent | undefined> {
  return (await gateway.seal.open(PURPOSE, text)) as RefreshContent | undefined;
}
