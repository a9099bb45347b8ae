import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TENANT } from '../arm/small-cloud.ts';
import { type ApimCloud, apimCloud, policies } from './apim-cloud.ts';

const WHY = '<base /><set-header name="X-Why"><value>@(context.LastError.Reason)</value></set-header>';
const KEYS = generateKeyPair('RS256', { extractable: true });
const SECRET = Buffer.alloc(32, 7);

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});
beforeEach(() => {
  cloud.issuer.down = false;
});

async function guard(element: string): Promise<void> {
  const answer = await cloud.policy('/apis/a', policies({ inbound: `<base />${element}`, onError: WHY }));
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
}

async function result(authorization: string): Promise<[status: number, reason: string | null]> {
  const response = await cloud.call('/a/x', { headers: { authorization } });
  return [response.status, response.headers.get('x-why')];
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function symmetric(payload: object, alg = 'HS256', header: object = {}): string {
  const content = `${encoded({ alg, ...header })}.${encoded(payload)}`;
  const hash = alg.replace('HS', 'sha');
  return `${content}.${createHmac(hash, SECRET).update(content).digest('base64url')}`;
}
const keyed = (more = '', attributes = ''): string =>
  `<validate-jwt header-name="Authorization" ${attributes}><issuer-signing-keys><key>${SECRET.toString('base64')}</key></issuer-signing-keys>${more}</validate-jwt>`;

describe('keys written into the policy', () => {
  test.each(['HS256', 'HS384', 'HS512'])('a shared secret with %s', async (alg) => {
    await guard(keyed());
    expect(await result(symmetric({ exp: 9_999_999_999 }, alg))).toEqual([200, null]);
  });

  test('a token without expiration is taken only where the policy says so', async () => {
    await guard(keyed());
    expect(await result(symmetric({ sub: 's' }))).toEqual([401, 'JwtInvalid']);
    await guard(keyed('', 'require-expiration-time="false"'));
    expect(await result(symmetric({ sub: 's' }))).toEqual([200, null]);
    expect(await result(symmetric({ exp: 1 }))).toEqual([401, 'TokenExpired']);
  });

  test('an RSA key by modulus and exponent, also beside metadata that is down', async () => {
    const { privateKey, publicKey } = await KEYS;
    const { n, e } = await exportJWK(publicKey);
    const key = `<issuer-signing-keys><key id="r" n="${n}" e="${e}" /></issuer-signing-keys>`;
    const token = await new SignJWT({ iss: 'https://me' })
      .setProtectedHeader({ alg: 'RS256', kid: 'r' })
      .setExpirationTime('1h')
      .sign(privateKey);
    await guard(`<validate-jwt header-name="Authorization">${key}</validate-jwt>`);
    expect(await result(`Bearer ${token}`)).toEqual([200, null]);
    expect(await result(`Bearer ${token.slice(0, -8)}AAAAAAAA`)).toEqual([401, 'TokenSignatureInvalid']);
    // Neither is the public key a secret, nor is a secret of nobody's asked for.
    expect((await result(symmetric({ exp: 9_999_999_999 })))[0]).toBe(401);
    cloud.issuer.down = true;
    await guard(
      `<validate-jwt header-name="Authorization"><openid-config url="${cloud.issuer.configUrl}?down" />${key}</validate-jwt>`,
    );
    expect(await result(`Bearer ${token}`)).toEqual([200, null]);
  });

  test.each([
    ['<key n="abc" />', "attributes 'n' and 'e' belong together"],
    ['<key>AAAA</key>', 'the key must be base64 of at least 16 bytes'],
    ['<key certificate-id="c" />', "attribute 'certificate-id' is not known"],
    ['', "element 'key' is required inside 'issuer-signing-keys'"],
  ])('%s is refused', async (key, reason) => {
    const { status, body } = await cloud.policy(
      '/apis/a',
      policies({
        inbound: `<validate-jwt header-name="A"><issuer-signing-keys>${key}</issuer-signing-keys></validate-jwt>`,
      }),
    );
    expect([status, JSON.stringify(body.error.details)]).toEqual([400, expect.stringContaining(reason)]);
  });
});

describe('what is read of a token', () => {
  test.each([
    ['', 'TokenNotPresent'],
    ['Bearer', 'JwtInvalid'],
    ['Bearer a b c', 'JwtInvalid'],
    ['Bearer ..', 'JwtInvalid'],
    [`Bearer ${encoded({ alg: 'HS256' })}.bm90IGpzb24.AAAA`, 'TokenSignatureInvalid'],
    [`Bearer ${encoded({ alg: 'RS256', kid: 'evil\r\nX: 1' })}.e30.AAAA`, 'TokenSignatureKeyNotFound'],
    [`Bearer ${encoded({ alg: 'XX999' })}.e30.AAAA`, 'JwtInvalid'],
  ])('%s is refused with %s', async (authorization, reason) => {
    await guard(keyed());
    expect(await result(authorization)).toEqual([401, reason]);
  });

  test('issuers, audiences and claims by expression', async () => {
    await guard(
      keyed(
        `<audiences><audience>@("aud" + "-1")</audience></audiences><issuers><issuer>@("https://" + "me")</issuer></issuers>
         <required-claims><claim name="groups" match="any"><value>@("g" + 1)</value></claim><claim name="there" /></required-claims>`,
      ),
    );
    const good = { exp: 9_999_999_999, iss: 'https://me', aud: 'aud-1', groups: ['g0', 'g1'], there: false };
    for (const [change, reason] of [
      [{}, null],
      [{ iss: undefined }, 'TokenIssuerNotAllowed'],
      [{ iss: 'https://me/' }, 'TokenIssuerNotAllowed'],
      [{ aud: undefined }, 'TokenAudienceNotAllowed'],
      [{ aud: ['x'] }, 'TokenAudienceNotAllowed'],
      [{ groups: [] }, 'TokenClaimValueNotAllowed'],
      [{ groups: 'g1 g2' }, 'TokenClaimValueNotAllowed'],
      [{ groups: null }, 'TokenClaimNotFound'],
      [{ there: undefined }, 'TokenClaimNotFound'],
    ] as const) {
      expect([change, (await result(symmetric({ ...good, ...change })))[1]]).toEqual([change, reason]);
    }
  });

  test('a metadata URL that an expression spoils is an error of the gateway, named in the log', async () => {
    await guard(
      '<validate-jwt header-name="Authorization"><openid-config url="@("non" + "sense")" /></validate-jwt>',
    );
    expect(await result('Bearer a.b.c')).toEqual([500, 'OpenIdConfigurationUnavailable']);
    expect(cloud.log.some(({ text }) => text.includes('not a URL'))).toBe(true);
  });
});

describe('validate-azure-ad-token', () => {
  const audience = 'https://management.azure.com';
  const guarded = (more: string, attributes = ''): Promise<void> =>
    guard(`<validate-azure-ad-token tenant-id="${TENANT}" ${attributes}>${more}</validate-azure-ad-token>`);

  test('backend applications are audiences; a variable keeps the token', async () => {
    const token = `Bearer ${await cloud.owner.token(audience)}`;
    await guarded(
      `<backend-application-ids><application-id>${audience}</application-id></backend-application-ids>`,
      'output-token-variable-name="jwt"',
    );
    expect(await result(token)).toEqual([200, null]);
    await guarded(
      '<backend-application-ids><application-id>other</application-id></backend-application-ids>',
    );
    expect(await result(token)).toEqual([401, 'TokenAudienceNotAllowed']);
  });

  test('a tenant nobody knows has no keys', async () => {
    await guard(
      '<validate-azure-ad-token tenant-id="@("nobody" + ".example")" authentication-endpoint="https://issuer.example.org/none" />',
    );
    cloud.issuer.down = true;
    expect(await result('Bearer a.b.c')).toEqual([500, 'OpenIdConfigurationUnavailable']);
  });
});
