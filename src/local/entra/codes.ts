import { MINUTE } from '../../core/clock.ts';
import { randomToken, sha256 } from '../../core/ids.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { CodeChallenge } from './pkce.ts';
import type { Platform } from './redirect-uri.ts';

/** What the user agreed to at the authorize endpoint; kept under the hash of the code. */
export interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly platform: Platform;
  readonly scope: string;
  readonly userId: string;
  readonly authenticatedAt: number;
  readonly issuedAt: number;
  readonly nonce: string | null;
  readonly challenge: CodeChallenge | null;
  readonly redeemed: boolean;
}

const LIFETIME = 10 * MINUTE;
/** Redeemed codes are remembered this long, so that a replay is named as one. */
const MEMORY = 24 * 60 * MINUTE;

export function issueCode(
  fabric: Fabric,
  authorization: Omit<Authorization, 'issuedAt' | 'redeemed'>,
): string {
  const now = fabric.clock.now();
  for (const [key, item] of [...codesOf(fabric).entries()]) {
    if (item.issuedAt + MEMORY < now) codesOf(fabric).delete(key);
  }
  const code = `1.${randomToken(64)}`;
  codesOf(fabric).put(sha256(code), { ...authorization, issuedAt: now, redeemed: false });
  return code;
}

/** @throws AadError 70000 unknown or of another client, 54005 used, 70008 expired, 500112 other redirect URI */
export function readCode(fabric: Fabric, code: string, clientId: string, redirectUri: string): Authorization {
  const found = codesOf(fabric).get(sha256(code));
  if (found === undefined || found.clientId !== clientId) {
    throw new AadError(70000, "The provided value for the 'code' parameter is not valid.");
  }
  if (found.redeemed) {
    throw new AadError(
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing ' +
        'refresh token.',
    );
  }
  if (found.issuedAt + LIFETIME <= fabric.clock.now()) {
    throw new AadError(
      70008,
      'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive ' +
        'authorization request for this user and resource.',
    );
  }
  if (found.redirectUri !== redirectUri) {
    throw new AadError(
      500112,
      `The reply address does not match the reply address '${found.redirectUri}' provided when requesting ` +
        'Authorization code.',
    );
  }
  return found;
}

/** False when another request was faster. */
export function redeemCode(fabric: Fabric, code: string): boolean {
  const key = sha256(code);
  const found = codesOf(fabric).get(key);
  if (found === undefined || found.redeemed) return false;
  codesOf(fabric).put(key, { ...found, redeemed: true });
  return true;
}

function codesOf(fabric: Fabric) {
  return fabric.store.collection<Authorization>('entra-codes');
}
