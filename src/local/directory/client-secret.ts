import { timingSafeEqual } from 'node:crypto';
import { randomToken, sha256 } from '../../core/ids.ts';
import type { PasswordCredential } from './objects.ts';

/** A secret of Entra's length and alphabet (40 characters). Random enough that a plain hash protects it. */
export function makeClientSecret(): string {
  const random = randomToken(30);
  return `${random.slice(0, 3)}8Q~${random.slice(6)}`;
}

export function storedSecret(
  secret: string,
  fields: { keyId: string; displayName: string | null; startDateTime: string; endDateTime: string },
): PasswordCredential {
  return { ...fields, hint: secret.slice(0, 3), secretHash: sha256(secret) };
}

/** The credential that this secret belongs to, whether still valid or not. Constant time per credential. */
export function findSecret(
  credentials: readonly PasswordCredential[],
  secret: string,
): PasswordCredential | undefined {
  const hash = Buffer.from(sha256(secret));
  return credentials.find((item) => {
    const stored = Buffer.from(item.secretHash);
    return stored.length === hash.length && timingSafeEqual(stored, hash);
  });
}
