import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const LENGTH = 32;
const COST = { N: 16_384, r: 8, p: 1 } as const;

/** `scrypt$N$r$p$salt$hash`, parts in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = stored.split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64url'), cost);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Entra's default password policy: 8 to 256 characters, three of four kinds. */
export function isAcceptablePassword(password: string): boolean {
  if (password.length < 8 || password.length > 256) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];
  return kinds.filter((kind) => kind.test(password)).length >= 3;
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, LENGTH, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
