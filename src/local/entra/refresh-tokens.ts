import { DAY } from '../../core/clock.ts';
import { randomToken, sha256 } from '../../core/ids.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { Platform } from './redirect-uri.ts';

export interface RefreshGrant {
  readonly clientId: string;
  readonly userId: string;
  readonly platform: Platform;
  /** The scope of the authorization: what a refresh without `scope` means. */
  readonly scope: string;
  readonly authenticatedAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const LIFETIME = 90 * DAY;
/** Codes of `spa` redirect URIs give refresh tokens whose end is fixed (Entra ID: refresh token lifetime). */
const SPA_LIFETIME = DAY;

/** A new refresh token. The one it replaces stays valid, as in Entra; a `spa` one inherits its end. */
export function issueRefreshToken(
  fabric: Fabric,
  grant: Omit<RefreshGrant, 'issuedAt' | 'expiresAt'>,
  previous?: RefreshGrant,
): string {
  const now = fabric.clock.now();
  for (const [key, item] of [...tokensOf(fabric).entries()]) {
    if (item.expiresAt + LIFETIME < now) tokensOf(fabric).delete(key);
  }
  const expiresAt = grant.platform === 'spa' ? (previous?.expiresAt ?? now + SPA_LIFETIME) : now + LIFETIME;
  const token = `1.${randomToken(96)}`;
  tokensOf(fabric).put(sha256(token), { ...grant, issuedAt: now, expiresAt });
  return token;
}

/** @throws AadError 70000 unknown or of another client, 700082 or 700084 expired */
export function readRefreshToken(fabric: Fabric, token: string, clientId: string): RefreshGrant {
  const found = tokensOf(fabric).get(sha256(token));
  if (found === undefined || found.clientId !== clientId) {
    throw new AadError(70000, 'Provided grant is invalid or malformed.', { suberror: 'bad_token' });
  }
  if (found.expiresAt > fabric.clock.now()) return found;
  if (found.platform === 'spa') {
    throw new AadError(
      700084,
      'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of ' +
        "1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to " +
        'the sign in page.',
    );
  }
  const issued = new Date(found.issuedAt).toISOString();
  throw new AadError(
    700082,
    `The refresh token has expired due to inactivity. The token was issued on ${issued} and was inactive for 90.00:00:00.`,
  );
}

function tokensOf(fabric: Fabric) {
  return fabric.store.collection<RefreshGrant>('entra-refresh-tokens');
}
