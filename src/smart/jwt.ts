import {
  type CryptoKey,
  compactVerify,
  createLocalJWKSet,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import { type JsonObject, parseObject } from './json.ts';

export interface DecodedJwt {
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

/** The parts of a compact JWS, unverified; undefined when it is not one. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [header, payload] = parts
    .slice(0, 2)
    .map((part) => parseObject(Buffer.from(part, 'base64url').toString()));
  return header !== undefined && payload !== undefined ? { header, payload } : undefined;
}

/** Why the signature cannot be believed, or undefined when one of `keys` made it with an algorithm of `algorithms`. */
export async function signatureProblem(
  token: string,
  keys: JsonObject,
  algorithms: readonly string[],
): Promise<string | undefined> {
  try {
    const set = createLocalJWKSet(keys as unknown as JSONWebKeySet);
    await compactVerify(token, set, { algorithms: [...algorithms] });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The first key fit for signing client assertions: RS384 or ES384 (SMART client-confidential-asymmetric). */
export function signingKey(jwks: { readonly keys: readonly JWK[] }): JWK & { readonly alg: string } {
  const key = jwks.keys.find((item) => item.d !== undefined && algorithmOf(item) !== undefined);
  const alg = key === undefined ? undefined : algorithmOf(key);
  if (key === undefined || alg === undefined) {
    throw new SmartfhirError('KEY_UNUSABLE', 'the JWKS holds no private RSA or P-384 key', {
      fix: 'give a JWKS with a private key for RS384 (RSA) or ES384 (EC P-384)',
    });
  }
  return { ...key, alg };
}

export async function importSigningKey(key: JWK & { readonly alg: string }): Promise<CryptoKey> {
  const imported = await importJWK({ ...key }, key.alg);
  if (imported instanceof Uint8Array)
    throw new SmartfhirError('KEY_UNUSABLE', 'a symmetric key cannot sign assertions');
  return imported;
}

/** A compact JWS with exactly these claims; nothing is added. */
export async function signJwt(
  claims: JsonObject,
  header: JsonObject & { alg: string },
  key: CryptoKey | Uint8Array,
) {
  return await new SignJWT({ ...claims }).setProtectedHeader({ ...header }).sign(key);
}

function algorithmOf(key: JWK): string | undefined {
  if (key.kty === 'RSA') return 'RS384';
  return key.kty === 'EC' && key.crv === 'P-384' ? 'ES384' : undefined;
}
