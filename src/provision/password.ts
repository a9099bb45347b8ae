import { randomInt } from 'node:crypto';

const CLASSES = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_.~'] as const;
const PASSWORD_LENGTH = 24;

/** A password with characters of every class, as tenants demand; about 140 bits. */
export function makePassword(): string {
  const all = CLASSES.join('');
  const pick = (from: string): string => from.charAt(randomInt(from.length));
  const rest = Array.from({ length: PASSWORD_LENGTH - CLASSES.length }, () => pick(all));
  return [...CLASSES.map(pick), ...rest].join('');
}
