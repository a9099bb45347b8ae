import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { BEARER_CLOCK_SKEW_SECONDS } from './beliefs.ts';
import { issuerV1, issuerV2 } from './entra/issuer.ts';
import { publicKey } from './entra/signing-keys.ts';
import type { Fabric } from './fabric.ts';

export type BearerFailure = 'missing' | 'malformed' | 'signature' | 'issuer' | 'audience' | 'expired';

/** Why a bearer token was not accepted. Each service answers it in its own words. */
export class BearerError extends Error {
  override readonly name = 'BearerError';
  readonly reason: BearerFailure;

  constructor(reason: BearerFailure) {
    super(`the bearer token was refused: ${reason}`);
    this.reason = reason;
  }
}

/** What a service decides on, the same for v1 and v2 tokens. */
export interface AccessClaims {
  /** Object id of the user, or of the service principal in app-only tokens. */
  readonly oid: string;
  readonly clientId: string;
  readonly tid: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly appOnly: boolean;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly uti: string;
  readonly raw: JWTPayload;
}

const MAXIMUM_TOKEN_LENGTH = 16_384;

/**
 * Checks the Authorization header as Azure's services do: this tenant's RS256 key, either issuer, one of the audiences
 * (with or without trailing slash), times.
 *
 * @throws BearerError
 */
export async function authenticate(
  fabric: Fabric,
  request: Request,
  options: { readonly audiences: readonly string[] },
): Promise<AccessClaims> {
  const header = request.headers.get('authorization');
  if (header === null || header === '') throw new BearerError('missing');
  const token = /^bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1];
  if (token === undefined || token.length > MAXIMUM_TOKEN_LENGTH) throw new BearerError('malformed');
  const claims = await verify(fabric, token);
  if (claims.iss !== issuerV2(fabric) && claims.iss !== issuerV1(fabric)) throw new BearerError('issuer');
  if (claims['tid'] !== fabric.tenantId) throw new BearerError('issuer');
  const audience = claims.aud;
  if (typeof audience !== 'string') throw new BearerError('audience');
  if (!options.audiences.some((item) => withoutSlash(item) === withoutSlash(audience))) {
    throw new BearerError('audience');
  }
  return accessClaims(claims);
}

async function verify(fabric: Fabric, token: string): Promise<JWTPayload> {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    const key = alg === 'RS256' ? await publicKey(fabric, kid) : undefined;
    if (key === undefined) throw new BearerError('signature');
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['RS256'],
      currentDate: new Date(fabric.clock.now()),
      clockTolerance: BEARER_CLOCK_SKEW_SECONDS,
      requiredClaims: ['exp', 'nbf', 'aud', 'iss'],
    });
    return payload;
  } catch (error) {
    if (error instanceof BearerError) throw error;
    if (error instanceof errors.JWTExpired) throw new BearerError('expired');
    if (error instanceof errors.JWTClaimValidationFailed && isTooEarly(error))
      throw new BearerError('expired');
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new BearerError('signature');
    throw new BearerError('malformed');
  }
}

/** Not yet valid, as opposed to a token that does not say since when it is. */
function isTooEarly({ claim, reason }: errors.JWTClaimValidationFailed): boolean {
  return claim === 'nbf' && reason === 'check_failed';
}

function accessClaims(claims: JWTPayload): AccessClaims {
  const oid = text(claims['oid']);
  const clientId = text(claims['azp'] ?? claims['appid']);
  const scp = claims['scp'];
  const roles = claims['roles'];
  return {
    oid,
    clientId,
    tid: text(claims['tid']),
    scopes: typeof scp === 'string' ? scp.split(' ').filter((item) => item !== '') : [],
    roles: Array.isArray(roles) ? roles.filter((item) => typeof item === 'string') : [],
    appOnly: scp === undefined,
    exp: claims.exp ?? 0,
    uti: text(claims['uti']),
    raw: claims,
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new BearerError('malformed');
  return value;
}

function withoutSlash(audience: string): string {
  return audience.replace(/\/$/, '').toLowerCase();
}
