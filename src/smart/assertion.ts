import {
  decodeProtectedHeader,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import { importSigningKey, signingKey, signJwt } from './jwt.ts';

/** `client_assertion_type` of RFC 7523 section 2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const ASSERTION_ALGORITHMS = ['RS384', 'ES384'] as const;
/** SMART 2.2.0 client-confidential-asymmetric: `exp` at most five minutes in the future. */
const LONGEST_LIFETIME_SECONDS = 300;
/** A minute less than allowed: the server's clock may be behind. */
const OUR_LIFETIME_SECONDS = 240;

const KEY_TYPES: Readonly<Record<string, string>> = { RS384: 'RSA', ES384: 'EC' };

/** Why an assertion is not believed. All of them are `invalid_client` to the caller. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export interface AssertionClaims {
  readonly clientId: string;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly exp: number;
}

export interface AssertionRules {
  /** The client's registered id: must be `iss` and `sub`. */
  readonly clientId: string;
  /** Acceptable values of `aud`. */
  readonly audiences: readonly string[];
  /** The registered JWKS URL; a `jku` header must equal it. */
  readonly jwksUrl?: string;
  /** The client's keys; asked again with `refresh` when none has the wanted kid. */
  readonly keys: (refresh: boolean) => Promise<JSONWebKeySet>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly leewaySeconds: number;
}

/** The client id an assertion claims, unverified: only good for finding the registration. */
export function claimedClientId(assertion: string): string | undefined {
  const part = assertion.split('.')[1];
  try {
    const claims = JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as { sub?: unknown };
    return typeof claims.sub === 'string' ? claims.sub : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Verifies a client assertion (SMART 2.2.0 client-confidential-asymmetric, RFC 7523 section 3), all but the replay
 * of `jti`, which needs memory.
 *
 * @throws AssertionError saying what is wrong, without quoting the assertion
 */
export async function verifyAssertion(assertion: string, rules: AssertionRules): Promise<AssertionClaims> {
  const header = readHeader(assertion, rules);
  const key = await findKey(header, rules);
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(assertion, await importJWK(key, header.alg), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: rules.clientId,
      subject: rules.clientId,
      audience: [...rules.audiences],
      clockTolerance: rules.leewaySeconds,
      currentDate: new Date(rules.now),
      requiredClaims: ['exp', 'jti', 'iss', 'sub', 'aud'],
    }));
  } catch (error) {
    throw new AssertionError(error instanceof Error ? error.message : 'the assertion is not valid');
  }
  const { exp, jti } = payload;
  if (exp === undefined || exp > rules.now / 1000 + LONGEST_LIFETIME_SECONDS + rules.leewaySeconds) {
    throw new AssertionError('"exp" lies more than five minutes in the future');
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > 512)
    throw new AssertionError('"jti" is not usable');
  return { clientId: rules.clientId, jti, exp };
}

function readHeader(assertion: string, rules: AssertionRules): ProtectedHeaderParameters & { alg: string } {
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(assertion);
  } catch {
    throw new AssertionError('the assertion is not a JWT');
  }
  const { alg, kid, jku } = header;
  if (alg === undefined || KEY_TYPES[alg] === undefined) {
    throw new AssertionError(`the algorithm must be one of ${ASSERTION_ALGORITHMS.join(', ')}`);
  }
  if (typeof kid !== 'string' || kid === '') throw new AssertionError('the header has no "kid"');
  if (jku !== undefined && jku !== rules.jwksUrl)
    throw new AssertionError('"jku" is not the registered JWKS URL');
  return { ...header, alg };
}

async function findKey(header: ProtectedHeaderParameters, rules: AssertionRules): Promise<JWK> {
  for (const refresh of [false, true]) {
    const { keys } = await rules.keys(refresh);
    const fitting = keys.filter((key) => key.kid === header.kid && key.kty === KEY_TYPES[header.alg ?? '']);
    const [key, ...more] = fitting;
    if (more.length > 0) throw new AssertionError('more than one registered key has this "kid"');
    if (key !== undefined) return publicPart(key);
  }
  throw new AssertionError('no registered key has this "kid"');
}

/** Registered sets hold public keys; should a private one slip in, only its public members are used. */
function publicPart(key: JWK): JWK {
  const { kty, n, e, crv, x, y } = key;
  return kty === 'RSA' ? ({ kty, n, e } as JWK) : ({ kty, crv, x, y } as JWK);
}

export interface AssertionRequest {
  readonly clientId: string;
  readonly audience: string;
  /** Private JWK, RSA or P-384, with its `kid`. */
  readonly key: JWK;
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * A client assertion as SMART clients send it (SMART 2.2.0 client-confidential-asymmetric).
 *
 * @throws SmartfhirError KEY_UNUSABLE when the key cannot sign RS384 or ES384
 */
export async function signAssertion(request: AssertionRequest): Promise<string> {
  const key = signingKey({ keys: [request.key] });
  const claims = {
    iss: request.clientId,
    sub: request.clientId,
    aud: request.audience,
    exp: Math.floor(request.now / 1000) + OUR_LIFETIME_SECONDS,
    jti: request.jti,
  };
  return await signJwt(claims, { alg: key.alg, kid: key.kid, typ: 'JWT' }, await importSigningKey(key));
}
