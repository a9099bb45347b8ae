import { createHash } from 'node:crypto';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Fabric } from '../fabric.ts';
import { issuerV2 } from './issuer.ts';

interface StoredKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

interface UsableKey {
  readonly kid: string;
  readonly publicKey: CryptoKey | Uint8Array;
  readonly privateKey: CryptoKey | Uint8Array;
}

const usable = new WeakMap<Fabric, Promise<UsableKey>>();

/** The tenant's key set as `discovery/v2.0/keys` shows it. */
export async function publicKeys(fabric: Fabric): Promise<{ keys: JWK[] }> {
  await signingKey(fabric);
  const issuer = issuerV2(fabric);
  return {
    keys: keysOf(fabric)
      .values()
      .map((item) => ({ ...item.publicJwk, issuer })),
  };
}

/** Signs as Entra does: RS256, `typ` JWT, `kid` and, in v1 tokens, `x5t`. */
export async function sign(fabric: Fabric, claims: JWTPayload, version: 1 | 2): Promise<string> {
  const key = await signingKey(fabric);
  const header: JWTHeaderParameters = { typ: 'JWT', alg: 'RS256', kid: key.kid };
  if (version === 1) header.x5t = key.kid;
  return new SignJWT(claims).setProtectedHeader(header).sign(key.privateKey);
}

/** The public key of a `kid`; undefined when the tenant has no such key. */
export async function publicKey(
  fabric: Fabric,
  kid: string | undefined,
): Promise<CryptoKey | Uint8Array | undefined> {
  const key = await signingKey(fabric);
  return key.kid === kid ? key.publicKey : undefined;
}

function signingKey(fabric: Fabric): Promise<UsableKey> {
  const known = usable.get(fabric);
  if (known !== undefined) return known;
  const made = open(fabric);
  usable.set(fabric, made);
  return made;
}

async function open(fabric: Fabric): Promise<UsableKey> {
  const [stored] = keysOf(fabric).values();
  const key = stored ?? (await makeKey(fabric));
  return {
    kid: key.kid,
    publicKey: await importJWK(key.publicJwk, 'RS256'),
    privateKey: await importJWK(key.privateJwk, 'RS256'),
  };
}

async function makeKey(fabric: Fabric): Promise<StoredKey> {
  const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const { kty, n, e } = await exportJWK(pair.publicKey);
  if (kty === undefined || n === undefined || e === undefined) throw new Error('not an RSA key');
  const kid = createHash('sha1').update(`${n}.${e}`).digest('base64url');
  const publicJwk = { kty, use: 'sig', kid, x5t: kid, n, e };
  const key = { kid, publicJwk, privateJwk: await exportJWK(pair.privateKey) };
  keysOf(fabric).put(kid, key);
  return key;
}

function keysOf(fabric: Fabric) {
  return fabric.store.collection<StoredKey>('entra-signing-keys');
}
