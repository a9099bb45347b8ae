import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { json, oauthError, patch, tokenAnyway } from '../answers.ts';
import { type Asked, claimsOf } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { clientNamed, isToken } from '../requests.ts';

interface Assertion {
  readonly header: Record<string, unknown>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly text: string;
}

const token: Fault['answer'] = async () => tokenAnyway();
const BACKEND = 'backend';

function assertionOf(asked: Asked): Assertion | undefined {
  const text = asked.form.get('client_assertion');
  if (!isToken(asked) || text === null) return undefined;
  const header = claimsOf(`x.${text.split('.')[0]}`);
  const claims = claimsOf(text);
  if (header === undefined || claims === undefined || claims['sub'] !== clientNamed(asked, BACKEND))
    return undefined;
  return { header, claims, text };
}

/** An assertion that breaks one rule, believed. */
function believes(
  check: string,
  name: string,
  wrong: (assertion: Assertion, asked: Asked) => boolean,
): Fault {
  return breaks(
    check,
    name,
    (asked) => {
      const assertion = assertionOf(asked);
      return assertion !== undefined && wrong(assertion, asked);
    },
    token,
  );
}

/** Is it an ordinary header whose signature does not verify? */
function forged({ header, text }: Assertion, asked: Asked): boolean {
  const key = asked.profile.clients[BACKEND]?.jwks?.keys.find((item) => item.kid === header['kid']);
  if (key === undefined || !/^(RS|ES)384$/.test(String(header['alg']))) return false;
  const [head, payload, signature = ''] = text.split('.');
  const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
  const options = key.kty === 'EC' ? { key: publicKey, dsaEncoding: 'ieee-p1363' as const } : publicKey;
  return !verify('sha384', Buffer.from(`${head}.${payload}`), options, Buffer.from(signature, 'base64url'));
}

const now = (): number => Math.floor(Date.now() / 1000);
const MINUTE_S = 60;

/** A good request of the backend client for everything it is registered for. */
function isGood(asked: Asked): boolean {
  const assertion = assertionOf(asked);
  const { form } = asked;
  return (
    assertion !== undefined &&
    form.get('grant_type') === 'client_credentials' &&
    form.get('scope') === asked.profile.clients[BACKEND]?.scopes.join(' ')
  );
}

function response(check: string, name: string, change: (body: Record<string, unknown>) => void): Fault {
  return breaks(
    check,
    name,
    isGood,
    patch((body) => {
      if (body['access_token'] !== undefined) change(body);
    }),
  );
}

export const backendFaults: readonly Fault[] = [
  breaks('backend/token', 'good assertions are refused', isGood, async () =>
    oauthError(400, 'invalid_client'),
  ),
  response('backend/response', 'token_type is left out', (body) => {
    delete body['token_type'];
  }),
  response('backend/lifetime', 'backend tokens live an hour', (body) => {
    body['expires_in'] = 3600;
  }),
  response('backend/no-refresh-token', 'a backend client gets a refresh token', (body) => {
    body['refresh_token'] = 'a-refresh-token-for-a-backend';
  }),
  response('backend/within-registration', 'more is granted than was asked', (body) => {
    body['scope'] = `${body['scope']} system/Patient.cud`;
  }),
  breaks(
    'backend/grant-type',
    'another grant is called a client error',
    (asked) => assertionOf(asked) !== undefined && asked.form.get('grant_type') === 'smartfhir-probe',
    async () => oauthError(401, 'invalid_client'),
  ),
  breaks(
    'backend/scope-required',
    'scope may be absent',
    (asked) =>
      assertionOf(asked) !== undefined &&
      asked.form.get('grant_type') === 'client_credentials' &&
      !asked.form.has('scope'),
    token,
  ),
  breaks(
    'backend/foreign-scope',
    'any scope is granted',
    (asked) => assertionOf(asked) !== undefined && asked.form.get('scope') === 'system/Patient.cud',
    async () =>
      json(200, {
        access_token: 'a-wide-token',
        token_type: 'bearer',
        expires_in: 300,
        scope: 'system/Patient.cud',
      }),
  ),
  believes('backend/wrong-signature', 'signatures are not verified', forged),
  believes('backend/unsigned', 'alg none is accepted', ({ header }) => header['alg'] === 'none'),
  believes('backend/symmetric', 'HMAC is accepted', ({ header }) => header['alg'] === 'HS256'),
  believes('backend/foreign-issuer', 'iss is not compared', ({ claims }) => claims['iss'] !== claims['sub']),
  believes(
    'backend/wrong-audience',
    'aud is not compared',
    ({ claims }) => claims['aud'] === 'https://auth.example.org/token',
  ),
  believes('backend/expired', 'exp is not compared', ({ claims }) => Number(claims['exp']) < now()),
  believes('backend/no-expiry', 'exp may be absent', ({ claims }) => claims['exp'] === undefined),
  believes('backend/not-yet-valid', 'nbf is not compared', ({ claims }) => Number(claims['nbf']) > now()),
  believes('backend/no-jti', 'jti may be absent', ({ claims }) => claims['jti'] === undefined),
  believes('backend/unknown-kid', 'any key fits', ({ header }) =>
    String(header['kid']).startsWith('unknown-'),
  ),
  believes('backend/foreign-jku', 'jku is followed', ({ header }) => header['jku'] !== undefined),
  believes(
    'backend/assertion-type',
    'the assertion type is not compared',
    (_, asked) => asked.form.get('client_assertion_type') === 'smartfhir-probe',
  ),
  believes(
    'backend/lifetime-limit',
    'assertions may live an hour',
    ({ claims }) => claims['nbf'] === undefined && Number(claims['exp']) > now() + 10 * MINUTE_S,
  ),
  believes(
    'backend/jti-replay',
    'assertions work again',
    ({ claims, text }, asked) => claims['jti'] !== undefined && asked.memory.assertions.has(text),
  ),
  breaks(
    'backend/invalid-client',
    'a foreign signature is called an invalid request',
    (asked) => {
      const assertion = assertionOf(asked);
      return assertion !== undefined && forged(assertion, asked);
    },
    async () => oauthError(400, 'invalid_request'),
  ),
];
