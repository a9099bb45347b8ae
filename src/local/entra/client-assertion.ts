import { createHash, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { ENTRA_ASSERTION_SKEW_SECONDS } from '../beliefs.ts';
import type { Application, KeyCredential } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { issuerV2 } from './issuer.ts';

const MAXIMUM_LENGTH = 16_384;

/**
 * A client assertion signed with a registered certificate (Entra ID: certificate credentials): RS256 or PS256
 * only, found by `x5t` or `x5t#S256`, `iss` = `sub` = client id, `aud` = this tenant's token endpoint.
 *
 * @throws AadError 50027, 700023, 700024, 700027
 */
export async function checkAssertion(
  fabric: Fabric,
  application: Application,
  assertion: string,
): Promise<void> {
  const header = headerOf(assertion);
  if (header.alg !== 'RS256' && header.alg !== 'PS256') {
    throw refused(application, `The algorithm '${String(header.alg).slice(0, 20)}' is not supported.`);
  }
  const credential = application.keyCredentials.find((item) => isNamedBy(item, header));
  if (credential === undefined) throw refused(application, 'The key was not found.');
  const now = fabric.clock.now();
  if (Date.parse(credential.endDateTime) <= now) throw refused(application, 'The key used is expired.');
  const key = new X509Certificate(Buffer.from(credential.key, 'base64')).publicKey;
  const claims = await verified(assertion, key, application, now);
  if (claims.iss !== application.appId || claims.sub !== application.appId) {
    throw refused(application, "'iss' and 'sub' must be the client id.");
  }
  demandAudience(fabric, claims);
}

async function verified(
  assertion: string,
  key: X509Certificate['publicKey'],
  application: Application,
  now: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ['RS256', 'PS256'],
      currentDate: new Date(now),
      clockTolerance: ENTRA_ASSERTION_SKEW_SECONDS,
      requiredClaims: ['exp', 'iss', 'sub', 'aud', 'jti'],
    });
    return payload;
  } catch (error) {
    const late = error instanceof errors.JWTExpired;
    const early = error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf';
    if (late || early) {
      throw new AadError(700024, 'Client assertion is not within its valid time range.');
    }
    throw refused(application, 'The signature or a required claim is not valid.');
  }
}

function demandAudience(fabric: Fabric, claims: JWTPayload): void {
  const origins = [fabric.origins.login, 'https://login.microsoftonline.com'];
  const accepted = [
    issuerV2(fabric),
    ...origins.flatMap((origin) => [
      `${origin}/${fabric.tenantId}/oauth2/v2.0/token`,
      `${origin}/${fabric.tenantId}/v2.0`,
    ]),
  ];
  if (typeof claims.aud === 'string' && accepted.includes(claims.aud)) return;
  throw new AadError(700023, 'Client assertion audience claim does not match Realm issuer.');
}

function headerOf(assertion: string) {
  try {
    if (assertion.length > MAXIMUM_LENGTH) throw new Error('too long');
    return decodeProtectedHeader(assertion);
  } catch {
    throw new AadError(50027, 'JWT token is invalid or malformed.');
  }
}

/** Thumbprints of the certificate: SHA-1 (`x5t`) and SHA-256 (`x5t#S256`), base64url. */
function isNamedBy(credential: KeyCredential, header: { x5t?: string; 'x5t#S256'?: unknown }): boolean {
  const der = Buffer.from(credential.key, 'base64');
  const thumbprint = (algorithm: string) => createHash(algorithm).update(der).digest('base64url');
  if (header['x5t#S256'] !== undefined) return header['x5t#S256'] === thumbprint('sha256');
  return header.x5t === thumbprint('sha1');
}

function refused(application: Application, reason: string): AadError {
  return new AadError(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application ` +
      `'${application.appId}' or its assertion is not valid. [Reason - ${reason}]`,
  );
}
