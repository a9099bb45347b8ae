import { createHash, randomBytes } from 'node:crypto';

/** Namespace of every derived id of smartfhir: the same input gives the same id in every run. */
const NAMESPACE = 'f0b9b2a0-6f0e-5f0c-9d1a-5a17f1e00001';

/** RFC 9562 section 5.5: a name-based UUID (version 5) of the parts, joined by newlines. */
export function derivedUuid(...parts: readonly string[]): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(parts.join('\n'))
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.subarray(0, 16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** `bytes` random bytes in base64url; 32 bytes (256 bits) by default. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** SHA-256 of the text, base64url. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** The first `length` hex digits of the SHA-256 of the parts: for short, stable, unique names. */
export function shortHash(length: number, ...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, length);
}
