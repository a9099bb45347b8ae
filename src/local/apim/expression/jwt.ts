import { method, property, type TypeMembers } from './members.ts';
import { asString, DateTime, EvaluationError, Host } from './value.ts';

/** A token's content as expressions see it. Nothing about it is verified. */
export interface JwtView {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Longer texts are not tokens anybody sends in a header. */
const MAX_TOKEN_LENGTH = 64 * 1024;

/** `AsJwt()`: the token's content, with or without `Bearer` before it; null when it is not a JWT. */
export function jwtOf(text: string): Host | null {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  const [header, payload, signature, more] = token.length > MAX_TOKEN_LENGTH ? [] : token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined)
    return null;
  try {
    const view: JwtView = { header: decoded(header), payload: decoded(payload) };
    return new Host('Jwt', view);
  } catch {
    return null;
  }
}

export function hostOfJwt(view: JwtView): Host {
  return new Host('Jwt', view);
}

function decoded(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EvaluationError('not an object');
  return value as Record<string, unknown>;
}

/** All values of a claim, as texts. */
export function claimValues(payload: JwtView['payload'], name: string): string[] | undefined {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (value === undefined || value === null) return undefined;
  return (Array.isArray(value) ? value : [value]).map((item) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
}

const payloadOf = (jwt: Host): JwtView['payload'] => (jwt.data as JwtView).payload;

function textClaim(name: string): ReturnType<typeof property> {
  return property<Host>('string', (jwt) => claimValues(payloadOf(jwt), name)?.[0] ?? null);
}

function instantClaim(name: string): ReturnType<typeof property> {
  return property<Host>('DateTime', (jwt) => {
    const value = payloadOf(jwt)[name];
    return typeof value === 'number' ? new DateTime(value * 1000) : null;
  });
}

export const JWT: TypeMembers = {
  members: {
    Algorithm: property<Host>('string', (jwt) => (jwt.data as JwtView).header['alg'] ?? null),
    Type: property<Host>('string', (jwt) => (jwt.data as JwtView).header['typ'] ?? null),
    Issuer: textClaim('iss'),
    Subject: textClaim('sub'),
    Id: textClaim('jti'),
    Audiences: property<Host>('array', (jwt) => claimValues(payloadOf(jwt), 'aud') ?? []),
    ExpirationTime: instantClaim('exp'),
    NotBefore: instantClaim('nbf'),
    IssuedAt: instantClaim('iat'),
    Claims: property<Host>('Claims', (jwt) => new Host('Claims', payloadOf(jwt))),
  },
};

export const CLAIMS: TypeMembers = {
  members: {
    ContainsKey: method<Host>('bool', [1, 1], (claims, [name]) => valuesIn(claims, name) !== undefined),
    GetValueOrDefault: method<Host>(
      'string',
      [1, 2],
      (claims, [name, fallback]) => valuesIn(claims, name)?.join(',') ?? fallback ?? null,
    ),
    Keys: property<Host>('array', (claims) => Object.keys(claims.data as JwtView['payload'])),
  },
  indexer: {
    returns: 'array',
    get: (claims: Host, name) => {
      const values = valuesIn(claims, name);
      if (values === undefined) throw new EvaluationError('the given key was not present in the dictionary');
      return values;
    },
  },
};

function valuesIn(claims: Host, name: unknown): string[] | undefined {
  return claimValues(claims.data as JwtView['payload'], asString(name));
}
