import { exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeJwt, importSigningKey, signatureProblem, signingKey, signJwt } from '../../src/smart/jwt.ts';
import { s256 } from '../../src/smart/pkce.ts';

/** RFC 7515 appendix A.1: HS256 over the claims of RFC 7519 section 3.1. */
const HS256 =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
/** RFC 7515 appendix A.2: the same claims under RS256, and the public part of its key. */
const RS256 =
  'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw';
const RFC_KEY = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
};
const CLAIMS = { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true };

describe('the examples of RFC 7515', () => {
  test.each([
    ['HS256', HS256, { typ: 'JWT', alg: 'HS256' }],
    ['RS256', RS256, { alg: 'RS256' }],
  ])('%s is read', (_, token, header) => {
    expect(decodeJwt(token)).toEqual({ header, payload: CLAIMS });
  });

  test('RS256 is verified with the published key', async () => {
    expect(await signatureProblem(RS256, { keys: [RFC_KEY] }, ['RS256'])).toBeUndefined();
  });

  const forged = `${RS256.split('.')[0]}.${Buffer.from('{"iss":"eve"}').toString('base64url')}.${RS256.split('.')[2]}`;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${RS256.split('.')[1]}.`;
  test.each<[string, string, object, string[]]>([
    ['other claims under the same signature', forged, { keys: [RFC_KEY] }, ['RS256']],
    ['an algorithm that is not allowed', RS256, { keys: [RFC_KEY] }, ['RS384']],
    ['no signature at all (RFC 7519 section 6)', unsigned, { keys: [RFC_KEY] }, ['RS256']],
    ['a symmetric token against an RSA key', HS256, { keys: [RFC_KEY] }, ['RS256', 'HS256']],
    ['no keys', RS256, { keys: [] }, ['RS256']],
    ['a key set that is none', RS256, { keys: 'x' }, ['RS256']],
    ['a key that is for encryption', RS256, { keys: [{ ...RFC_KEY, use: 'enc' }] }, ['RS256']],
    ['a token that is none', 'not.a.token', { keys: [RFC_KEY] }, ['RS256']],
  ])('%s cannot be believed', async (_, token, keys, algorithms) => {
    expect(await signatureProblem(token, { ...keys }, algorithms)).toMatch(/\S/);
  });
});

test.each([
  ['nothing', ''],
  ['two parts', 'a.b'],
  ['five parts: that is encrypted', 'a.b.c.d.e'],
  ['a header that is a list', `${Buffer.from('[]').toString('base64url')}.${RS256.split('.')[1]}.x`],
  ['a payload that is text', `${RS256.split('.')[0]}.${Buffer.from('"x"').toString('base64url')}.x`],
  ['broken JSON', `${RS256.split('.')[0]}.${Buffer.from('{"a":').toString('base64url')}.x`],
  [
    'a payload nested without end',
    `${RS256.split('.')[0]}.${Buffer.from('{"a":'.repeat(5000)).toString('base64url')}.x`,
  ],
])('%s is no compact JWS', (_, token) => {
  expect(decodeJwt(token)).toBeUndefined();
});

describe('the key that signs assertions', () => {
  let rsa: Record<string, unknown>;
  let p384: Record<string, unknown>;
  let p256: Record<string, unknown>;
  beforeAll(async () => {
    const made = await Promise.all(
      ['RS384', 'ES384', 'ES256'].map(async (alg) =>
        exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey),
      ),
    );
    [rsa = {}, p384 = {}, p256 = {}] = made.map((key) => ({ ...key }));
  });

  test('is the first private one of a kind that SMART asks for', () => {
    const { d: _, ...published } = rsa;
    const key = signingKey({ keys: [published, p256, { ...p384, kid: 'second' }, rsa] as never });
    expect(key).toMatchObject({ alg: 'ES384', kid: 'second' });
    expect(signingKey({ keys: [rsa] as never }).alg).toBe('RS384');
  });

  test('is not there in a set of public, short or symmetric keys', () => {
    const { d: _, ...published } = p384;
    for (const keys of [[], [published], [p256], [{ kty: 'oct', k: 'c2VjcmV0', d: 'x' }]])
      expect(() => signingKey({ keys: keys as never })).toThrow(
        expect.objectContaining({ code: 'KEY_UNUSABLE' }),
      );
  });

  test.each(['RS384', 'ES384'])('%s signs exactly the claims it is given', async (alg) => {
    const key = signingKey({ keys: [alg === 'RS384' ? rsa : p384] as never });
    const token = await signJwt({ iss: 'app', list: [1] }, { alg, kid: 'k' }, await importSigningKey(key));
    expect(decodeJwt(token)).toEqual({ header: { alg, kid: 'k' }, payload: { iss: 'app', list: [1] } });
    const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...published } = key as Record<string, unknown>;
    expect(await signatureProblem(token, { keys: [{ ...published, kid: 'k' }] }, [alg])).toBeUndefined();
  });
});

test('the verifier of RFC 7636 appendix B is a signature of RFC 7515, and its challenge is known', () => {
  expect(s256(String(HS256.split('.')[2]))).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
});
