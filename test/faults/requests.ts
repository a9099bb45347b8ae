import { s256 } from '../../src/smart/pkce.ts';
import type { Asked } from './asked.ts';
import type { Issued } from './memory.ts';

export const isWellKnown = (asked: Asked): boolean => asked.path.endsWith('/.well-known/smart-configuration');
export const isMetadata = (asked: Asked): boolean => asked.path.endsWith('/metadata');
export const isOpenid = (asked: Asked): boolean => asked.path.endsWith('/.well-known/openid-configuration');
export const isKeys = (asked: Asked): boolean => asked.path.endsWith('/discovery/v2.0/keys');
export const isAuthorize = (asked: Asked): boolean => asked.path === '/auth/authorize';
export const isToken = (asked: Asked): boolean => asked.path === '/auth/token' && asked.method !== 'OPTIONS';
export const isIntrospect = (asked: Asked): boolean => asked.path === '/auth/introspect';
export const isRevoke = (asked: Asked): boolean => asked.path === '/auth/revoke';
export const isLaunch = (asked: Asked): boolean => asked.path === '/auth/launch';
export const isFile = (asked: Asked): boolean => /\/api\/files\//.test(asked.path);
/** A FHIR request below the base: `fhirPath` tells the rest. */
export const fhirPath = (asked: Asked): string | undefined =>
  asked.path === '/fhir' ? '' : /^\/fhir\/(.*)$/.exec(asked.path)?.[1];

/** The parameters of an authorization request, by GET or POST. */
export function authorizeParameters(asked: Asked): URLSearchParams | undefined {
  if (!isAuthorize(asked)) return undefined;
  return asked.method === 'POST' ? asked.form : asked.query;
}

/** The authorization request that the code of this redemption was issued for. */
export function issuedFor(asked: Asked): URLSearchParams | undefined {
  if (!isToken(asked) || asked.form.get('grant_type') !== 'authorization_code') return undefined;
  return asked.memory.codes.get(asked.form.get('code') ?? '');
}

/** Is everything about this redemption right? */
export function isGoodRedemption(asked: Asked): boolean {
  const request = issuedFor(asked);
  if (request === undefined || asked.memory.redeemed.has(asked.form.get('code') ?? '')) return false;
  const verifier = asked.form.get('code_verifier') ?? '';
  return (
    s256(verifier) === request.get('code_challenge') &&
    asked.form.get('redirect_uri') === request.get('redirect_uri') &&
    provesItself(asked, request.get('client_id') ?? '')
  );
}

/** Does the request authenticate as this client, as far as one can see from outside? */
export function provesItself(asked: Asked, clientId: string): boolean {
  const client = Object.values(asked.profile.clients).find((item) => item.clientId === clientId);
  if (client === undefined || asked.clientId !== clientId) return false;
  return (
    client.kind === 'public' || asked.basicSecret === client.secret || asked.form.has('client_assertion')
  );
}

export function clientNamed(asked: Asked, name: string): string {
  return asked.profile.clients[name]?.clientId ?? '';
}

/** Is the bearer token one of this client? */
export function isTokenOf(asked: Asked, name: string): boolean {
  const id = clientNamed(asked, name);
  return asked.bearer !== undefined && (asked.bearer['azp'] === id || asked.bearer['appid'] === id);
}

/** The redemption by which the standalone app starts a session with everything it is registered for. */
export function isMainRedemption(asked: Asked): boolean {
  const wide = issuedFor(asked)?.get('scope')?.includes('offline_access') === true;
  return wide && isGoodRedemption(asked) && asked.clientId === clientNamed(asked, 'patient-confidential');
}

export function isRefreshBy(asked: Asked, name: string): boolean {
  return (
    isToken(asked) &&
    asked.form.get('grant_type') === 'refresh_token' &&
    asked.clientId === clientNamed(asked, name)
  );
}

/** A GET of exactly this path and query below the FHIR base. */
export function isRead(asked: Asked, path: string): boolean {
  return asked.method === 'GET' && `${fhirPath(asked) ?? '?'}${asked.url.search}` === path;
}

export function ownPatient(asked: Asked): string {
  return asked.profile.patients[0] ?? '';
}

export function strangerOf(asked: Asked): string {
  return asked.profile.otherPatient ?? '';
}

/** The bearer token as text. */
export function bearerOf(asked: Asked): string | undefined {
  return /^Bearer (.+)$/i.exec(asked.authorization ?? '')?.[1];
}

/** What is known of the session whose access token this request carries. */
export function sessionOf(asked: Asked): Issued | undefined {
  return asked.memory.accessTokens.get(bearerOf(asked) ?? '');
}
