import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { claimedClientId, signAssertion, verifyAssertion } from '../../src/smart/assertion.ts';

const NOW = Date.parse('2026-11-24T20:00:00Z');
const AUDIENCE = 'https://server/auth/token';

const pairs = new Map<string, { key: JWK; publicKey: JWK }>();
let keys: JSONWebKeySet;

beforeAll(async () => {
  for (const alg of ['RS384', 'ES384', 'RS256']) {
    const pair = await generateKeyPair(alg, { extractable: true });
    pairs.set(alg, {
      key: { ...(await exportJWK(pair.privateKey)), kid: `kid-${alg}`, alg },
      publicKey: { ...(await exportJWK(pair.publicKey)), kid: `kid-${alg}` },
    });
  }
  keys = { keys: [...pairs.values()].map((pair) => pair.publicKey) };
});

const keyOf = (alg: string): JWK => pairs.get(alg)?.key ?? { kty: 'none' };

function verify(assertion: string, overrides: Partial<Parameters<typeof verifyAssertion>[1]> = {}) {
  return verifyAssertion(assertion, {
    clientId: 'app',
    audiences: [AUDIENCE],
    keys: async () => keys,
    now: NOW,
    leewaySeconds: 60,
    ...overrides,
  });
}

function make(overrides: Partial<Parameters<typeof signAssertion>[0]> = {}): Promise<string> {
  return signAssertion({
    clientId: 'app',
    audience: AUDIENCE,
    key: keyOf('ES384'),
    jti: 'j',
    now: NOW,
    ...overrides,
  });
}

/** An assertion with one thing wrong. */
function custom(claims: Record<string, unknown>, header: Record<string, unknown> = {}, key = keyOf('ES384')) {
  const body = { iss: 'app', sub: 'app', aud: AUDIENCE, jti: 'j', exp: NOW / 1000 + 200, ...claims };
  return new SignJWT(body).setProtectedHeader({ alg: 'ES384', kid: 'kid-ES384', ...header }).sign(key);
}

describe('accepted', () => {
  test.each(['RS384', 'ES384'])('%s', async (alg) => {
    const assertion = await make({ key: keyOf(alg) });
    expect(claimedClientId(assertion)).toBe('app');
    await expect(verify(assertion)).resolves.toMatchObject({ clientId: 'app', jti: 'j' });
  });

  test('without iat and nbf, and with aud as a list', async () => {
    await expect(verify(await custom({ aud: ['x', AUDIENCE] }))).resolves.toBeDefined();
  });

  test('a key that appears only after the set is fetched again', async () => {
    const found = await verify(await make(), { keys: async (refresh) => (refresh ? keys : { keys: [] }) });
    expect(found.clientId).toBe('app');
  });

  test('jku equal to the registered URL', async () => {
    const assertion = await custom({}, { jku: 'https://app/jwks' });
    await expect(verify(assertion, { jwksUrl: 'https://app/jwks' })).resolves.toBeDefined();
  });
});

describe('refused', () => {
  test.each<[string, () => Promise<string>]>([
    ['not a JWT', async () => 'nonsense'],
    ['another algorithm', () => custom({}, { alg: 'RS256', kid: 'kid-RS256' }, keyOf('RS256'))],
    [
      'HS256',
      () => custom({}, { alg: 'HS256' }, { kty: 'oct', k: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0' }),
    ],
    ['no kid', () => custom({}, { kid: undefined })],
    ['unknown kid', () => custom({}, { kid: 'other' })],
    ['kid of another key type', () => custom({}, { kid: 'kid-RS384' })],
    ['foreign jku', () => custom({}, { jku: 'https://evil/jwks' })],
    ['wrong audience', () => make({ audience: 'https://other/token' })],
    ['wrong issuer', () => custom({ iss: 'other' })],
    ['wrong subject', () => custom({ sub: 'other' })],
    ['expired', () => custom({ exp: NOW / 1000 - 61 })],
    ['exp too far', () => custom({ exp: NOW / 1000 + 400 })],
    ['no exp', () => custom({ exp: undefined })],
    ['no jti', () => custom({ jti: undefined })],
    ['nbf in the future', () => custom({ nbf: NOW / 1000 + 120 })],
  ])('%s', async (_, assertion) => {
    await expect(verify(await assertion())).rejects.toMatchObject({ name: 'AssertionError' });
  });

  test('two keys with one kid', async () => {
    const assertion = await make();
    const twice = { keys: [...keys.keys, ...keys.keys] };
    await expect(verify(assertion, { keys: async () => twice })).rejects.toMatchObject({
      name: 'AssertionError',
    });
  });

  test('a signature by another key', async () => {
    const other = await generateKeyPair('ES384', { extractable: true });
    const forged = await make({
      key: { ...(await exportJWK(other.privateKey)), kid: 'kid-ES384', alg: 'ES384' },
    });
    await expect(verify(forged)).rejects.toMatchObject({ name: 'AssertionError' });
  });
});
