import {
  type CryptoKey,
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { APIM_JWKS_ALGORITHMS } from '../beliefs.ts';
import { claimValues } from './expression/jwt.ts';
import type { OpenIdConfiguration } from './openid-keys.ts';
import { PolicyFault } from './policy/fault.ts';
import type { Run } from './run.ts';

const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

export interface RequiredClaim {
  readonly name: string;
  readonly match: 'all' | 'any';
  readonly separator: string | undefined;
  readonly values: readonly string[];
}

/** What a token has to fulfil, with everything evaluated. */
export interface TokenRules {
  readonly element: string;
  readonly configUrls: readonly string[];
  readonly staticKeys: JSONWebKeySet['keys'];
  readonly audiences: readonly string[];
  /** Undefined: the issuers of the metadata documents. */
  readonly issuers: readonly string[] | undefined;
  readonly claims: readonly RequiredClaim[];
  /** Client application ids (`azp` of v2 tokens, `appid` of v1); absent: any. */
  readonly clients?: readonly string[];
  readonly requireExpiration: boolean;
  readonly clockSkewSeconds: number;
}

export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: JWTPayload;
}

/** A refusal of a token: reason and message of `context.LastError`. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Verifies signature, lifetime, issuer, audience and claims. @throws TokenRefused */
export async function verifyToken(run: Run, token: string, rules: TokenRules): Promise<VerifiedToken> {
  const configurations = await allConfigurations(run, rules);
  const verified = await verifySignature(run, token, rules, configurations);
  const { payload } = verified;
  if (rules.requireExpiration && payload.exp === undefined)
    throw new TokenRefused('JwtInvalid', 'The token has no expiration time.');
  checkIssuer(payload, rules.issuers ?? configurations.map((item) => item.issuer));
  checkAudience(payload, rules.audiences);
  checkClient(payload, rules.clients ?? []);
  for (const claim of rules.claims) checkClaim(payload, claim);
  return verified;
}

async function allConfigurations(run: Run, rules: TokenRules): Promise<OpenIdConfiguration[]> {
  const found = await Promise.all(rules.configUrls.map((url) => run.memory.openIdKeys.get(url)));
  const configurations = found.filter((item) => item !== undefined);
  if (configurations.length > 0 || rules.configUrls.length === 0 || rules.staticKeys.length > 0)
    return configurations;
  throw new PolicyFault({
    source: rules.element,
    reason: 'OpenIdConfigurationUnavailable',
    message: 'The OpenID configuration could not be fetched.',
    status: 500,
    clientMessage: 'Internal server error',
  });
}

async function verifySignature(
  run: Run,
  token: string,
  rules: TokenRules,
  configurations: readonly OpenIdConfiguration[],
): Promise<VerifiedToken> {
  const kid = keyId(token);
  const keys = [...rules.staticKeys, ...configurations.flatMap((item) => item.keys.keys)];
  try {
    return await verifyWith(run, token, rules, keys);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error);
  }
  const fresh = await Promise.all(rules.configUrls.map((url) => run.memory.openIdKeys.refetched(url)));
  try {
    return await verifyWith(
      run,
      token,
      rules,
      fresh.flatMap((item) => item?.keys.keys ?? []),
    );
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error);
    throw new TokenRefused(
      'TokenSignatureKeyNotFound',
      `No signing key fits the token's key id '${kid.slice(0, 80)}'.`,
    );
  }
}

function keyId(token: string): string {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' ? kid.replace(/[^\w.+/=-]/g, '?') : '';
  } catch {
    throw new TokenRefused('JwtInvalid', 'The token is not a well-formed JWT.');
  }
}

async function verifyWith(
  run: Run,
  token: string,
  rules: TokenRules,
  keys: JSONWebKeySet['keys'],
): Promise<VerifiedToken> {
  const options = { clockTolerance: rules.clockSkewSeconds, currentDate: new Date(run.now()) };
  const secrets = rules.staticKeys.filter((key) => key.kty === 'oct');
  if (secrets.length > 0 && SYMMETRIC.includes(algorithmOf(token))) {
    return verifiedBy(secrets.map(secretBytes), token, { ...options, algorithms: SYMMETRIC });
  }
  // A key of the issuer is never taken for a shared secret.
  const keySet = createLocalJWKSet({ keys: keys.filter((key) => key.kty !== 'oct') });
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keySet, {
      ...options,
      algorithms: [...APIM_JWKS_ALGORITHMS],
    });
    return { payload, header: { ...protectedHeader } };
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    const candidates: CryptoKey[] = [];
    for await (const key of error) candidates.push(key);
    return verifiedBy(candidates, token, { ...options, algorithms: [...APIM_JWKS_ALGORITHMS] });
  }
}

/** The first of several keys that fit. */
async function verifiedBy(
  candidates: readonly (CryptoKey | Uint8Array)[],
  token: string,
  options: JWTVerifyOptions,
): Promise<VerifiedToken> {
  for (const key of candidates) {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, options);
      return { payload, header: { ...protectedHeader } };
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function algorithmOf(token: string): string {
  return decodeProtectedHeader(token).alg ?? '';
}

function secretBytes(key: JSONWebKeySet['keys'][number]): Uint8Array {
  return new Uint8Array(Buffer.from(typeof key['k'] === 'string' ? key['k'] : '', 'base64url'));
}

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenRefused('TokenExpired', 'The token is expired.');
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new TokenRefused('TokenSignatureInvalid', 'The signature of the token is invalid.');
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError)
    return new TokenRefused('JwtInvalid', 'The token is not valid.');
  return error;
}

function checkIssuer(payload: JWTPayload, issuers: readonly string[]): void {
  if (issuers.length === 0 || (payload.iss !== undefined && issuers.includes(payload.iss))) return;
  throw new TokenRefused('TokenIssuerNotAllowed', 'The issuer of the token is not allowed.');
}

function checkAudience(payload: JWTPayload, audiences: readonly string[]): void {
  const own = claimValues(payload, 'aud') ?? [];
  if (audiences.length === 0 || own.some((audience) => audiences.includes(audience))) return;
  throw new TokenRefused('TokenAudienceNotAllowed', 'The audience of the token is not allowed.');
}

function checkClient(payload: JWTPayload, clients: readonly string[]): void {
  const client = claimValues(payload, 'azp')?.[0] ?? claimValues(payload, 'appid')?.[0];
  if (clients.length === 0 || (client !== undefined && clients.includes(client))) return;
  throw new TokenRefused('TokenClaimValueNotAllowed', 'The client application of the token is not allowed.');
}

function checkClaim(payload: JWTPayload, claim: RequiredClaim): void {
  const { separator } = claim;
  const values = claimValues(payload, claim.name);
  if (values === undefined)
    throw new TokenRefused('TokenClaimNotFound', `The claim '${claim.name}' is missing.`);
  const parts = separator === undefined ? values : values.flatMap((value) => value.split(separator));
  const has = (value: string): boolean => parts.includes(value);
  const fits =
    claim.values.length === 0 || (claim.match === 'all' ? claim.values.every(has) : claim.values.some(has));
  if (!fits)
    throw new TokenRefused('TokenClaimValueNotAllowed', `The claim '${claim.name}' has no allowed value.`);
}
