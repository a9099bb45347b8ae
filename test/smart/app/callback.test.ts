import { describe, expect, test } from 'vitest';
import { createAuthorizeRequest } from '../../../src/smart/app/authorize-request.ts';
import { validateCallback } from '../../../src/smart/app/callback.ts';
import { createPkce, s256 } from '../../../src/smart/pkce.ts';

const expected = { state: 'the-state', issuer: 'https://auth.example.org' };
const at = (query: string): string => `http://app.localhost/cb?${query}`;

describe('the authorization response', () => {
  test('with code and state is believed', () => {
    expect(validateCallback(at('code=abc&state=the-state'), expected).code).toBe('abc');
    expect(
      validateCallback(at('code=abc&state=the-state&iss=https%3A%2F%2Fauth.example.org'), expected).code,
    ).toBe('abc');
  });

  test.each([
    ['code=abc', 'CALLBACK_INVALID', /no state/],
    ['code=abc&state=another', 'CALLBACK_INVALID', /state was changed/],
    ['code=abc&state=the-state&state=the-state', 'CALLBACK_INVALID', /state appears 2 times/],
    ['code=a&code=b&state=the-state', 'CALLBACK_INVALID', /code appears 2 times/],
    ['code=abc&state=the-state&iss=https%3A%2F%2Fevil.example', 'CALLBACK_INVALID', /iss/],
    ['state=the-state', 'CALLBACK_INVALID', /no code/],
    ['error=access_denied&state=the-state', 'OAUTH_REFUSED', /access_denied/],
    ['error=access_denied&state=another', 'CALLBACK_INVALID', /state/],
  ])('%s is not', (query, code, message) => {
    expect(() => validateCallback(at(query), expected)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

test('PKCE follows the example of RFC 7636 appendix B', () => {
  expect(s256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
  const { verifier, challenge } = createPkce();
  expect(verifier).toMatch(/^[A-Za-z0-9\-._~]{43,128}$/);
  expect(challenge).toBe(s256(verifier));
});

test('every authorization request has its own state, nonce and challenge', () => {
  const make = () =>
    createAuthorizeRequest({
      clientId: 'c',
      redirectUri: 'http://app.localhost/cb',
      scope: 'openid',
      aud: 'https://fhir.example.org',
    });
  const [first, second] = [make(), make()];
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(first.parameters[name]).not.toBe(second.parameters[name]);
    expect(first.parameters[name]?.length).toBeGreaterThanOrEqual(43);
  }
});
