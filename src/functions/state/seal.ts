import { CompactEncrypt, compactDecrypt } from 'jose';

/** Turns values into opaque text that only this gateway can read, and back. */
export interface Seal {
  /** `purpose` is bound in: what was sealed for one purpose does not open for another. */
  seal(purpose: string, value: object): Promise<string>;
  /** Undefined for anything that this gateway did not seal for this purpose. */
  open(purpose: string, text: string): Promise<unknown>;
}

const ALGORITHM = { alg: 'dir', enc: 'A256GCM' } as const;
/** Longest text worth trying: Entra's refresh tokens are about 2 kB. */
const LIMIT_CHARACTERS = 32_768;

/** JWE with the session key (RFC 7516, direct encryption). */
export function createSeal(key: Uint8Array): Seal {
  return {
    seal: (purpose, value) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ purpose, value })))
        .setProtectedHeader(ALGORITHM)
        .encrypt(key),
    open: async (purpose, text) => {
      if (text.length > LIMIT_CHARACTERS) return undefined;
      try {
        const { plaintext } = await compactDecrypt(text, key, {
          keyManagementAlgorithms: [ALGORITHM.alg],
          contentEncryptionAlgorithms: [ALGORITHM.enc],
        });
        const content = JSON.parse(new TextDecoder().decode(plaintext)) as {
          purpose?: unknown;
          value?: unknown;
        };
        return content.purpose === purpose ? content.value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
