import { createHmac, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { TENANT } from '../arm/small-cloud.ts';
import { type ApimCloud, apimCloud, policies } from './apim-cloud.ts';

const WHY = '<base /><set-header name="X-Why"><value>@(context.LastError.Reason)</value></set-header>';
const MINUTE = 60_000;

let cloud: ApimCloud;
beforeEach(async () => {
  cloud = await apimCloud();
});

async function guard(element: string): Promise<void> {
  const answer = await cloud.policy('/apis/a', policies({ inbound: `<base />${element}`, onError: WHY }));
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
}

function byDiscovery(children = '', attributes = ''): Promise<void> {
  return guard(
    `<validate-jwt header-name="Authorization" ${attributes}><openid-config url="${cloud.issuer.configUrl}" />${children}</validate-jwt>`,
  );
}

async function result(authorization?: string): Promise<[status: number, reason: string | null]> {
  const response = await cloud.call(
    '/a/x',
    authorization === undefined ? {} : { headers: { authorization } },
  );
  return [response.status, response.headers.get('x-why')];
}

describe('validate-jwt', () => {
  test('takes a good token, with or without Bearer unless a scheme is demanded', async () => {
    await byDiscovery();
    const token = await cloud.issuer.token();
    expect(await result(`Bearer ${token}`)).toEqual([200, null]);
    expect(await result(token)).toEqual([200, null]);
    await byDiscovery('', 'require-scheme="Bearer"');
    expect(await result(token)).toEqual([401, 'TokenNotPresent']);
    expect(await result(`DPoP ${token}`)).toEqual([401, 'TokenNotPresent']);
    expect(await result(`bearer ${token}`)).toEqual([200, null]);
  });

  test('names the reason of each refusal', async () => {
    await byDiscovery(
      '<audiences><audience>aud-1</audience><audience>aud-2</audience></audiences><issuers><issuer>https://issuer.example.org</issuer></issuers>',
    );
    const { issuer } = cloud;
    const good = await issuer.token();
    const [header, payload, signature = ''] = good.split('.');
    expect(await result()).toEqual([401, 'TokenNotPresent']);
    expect(await result('Bearer a.b')).toEqual([401, 'JwtInvalid']);
    expect(
      await result(
        `Bearer ${header}.${payload}.${signature.replace(/^./, (char) => (char === 'A' ? 'B' : 'A'))}`,
      ),
    ).toEqual([401, 'TokenSignatureInvalid']);
    expect(await result(`Bearer ${await issuer.token({}, { expiresIn: -1 })}`)).toEqual([
      401,
      'TokenExpired',
    ]);
    expect(await result(`Bearer ${await issuer.token({ aud: 'aud-3' })}`)).toEqual([
      401,
      'TokenAudienceNotAllowed',
    ]);
    expect(await result(`Bearer ${await issuer.token({ aud: ['x', 'aud-2'] })}`)).toEqual([200, null]);
    expect(await result(`Bearer ${await issuer.token({ iss: 'https://other' })}`)).toEqual([
      401,
      'TokenIssuerNotAllowed',
    ]);
    expect(await result(`Bearer ${await issuer.token({ nbf: 9_999_999_999 })}`)).toEqual([401, 'JwtInvalid']);
  });

  test('never takes an unsigned token, nor a public key as a shared secret', async () => {
    await byDiscovery();
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = encoded({ iss: cloud.issuer.issuer, exp: 9_999_999_999 });
    expect(await result(`Bearer ${encoded({ alg: 'none' })}.${claims}.`)).toEqual([401, 'JwtInvalid']);
    const content = `${encoded({ alg: 'HS256', kid: 'k0' })}.${claims}`;
    const mac = createHmac('sha256', 'anything').update(content).digest('base64url');
    expect((await result(`Bearer ${content}.${mac}`))[0]).toBe(401);
  });

  test('the issuer of the metadata counts when none is listed', async () => {
    await byDiscovery();
    expect(await result(`Bearer ${await cloud.issuer.token({ iss: 'https://other' })}`)).toEqual([
      401,
      'TokenIssuerNotAllowed',
    ]);
  });

  test('clock skew is what the policy allows', async () => {
    await byDiscovery('', 'clock-skew="60"');
    expect((await result(`Bearer ${await cloud.issuer.token({}, { expiresIn: -30 })}`))[0]).toBe(200);
    expect((await result(`Bearer ${await cloud.issuer.token({}, { expiresIn: -90 })}`))[0]).toBe(401);
  });

  test('required claims: all, any, separator', async () => {
    await byDiscovery(`<required-claims>
      <claim name="scp" match="any" separator=" "><value>x</value><value>y</value></claim>
      <claim name="roles" match="all"><value>r1</value><value>r2</value></claim>
    </required-claims>`);
    expect(
      await result(`Bearer ${await cloud.issuer.token({ scp: 'a y', roles: ['r2', 'r1', 'r3'] })}`),
    ).toEqual([200, null]);
    expect(await result(`Bearer ${await cloud.issuer.token({ scp: 'a', roles: ['r1', 'r2'] })}`)).toEqual([
      401,
      'TokenClaimValueNotAllowed',
    ]);
    expect(await result(`Bearer ${await cloud.issuer.token({ scp: 'x', roles: ['r1'] })}`)).toEqual([
      401,
      'TokenClaimValueNotAllowed',
    ]);
    expect(await result(`Bearer ${await cloud.issuer.token({ scp: 'x' })}`)).toEqual([
      401,
      'TokenClaimNotFound',
    ]);
  });

  test('status, message and the verified token are at the policy’s disposal', async () => {
    await guard(`<validate-jwt token-value="@(context.Request.Headers.GetValueOrDefault("X-Token", ""))" failed-validation-httpcode="403" failed-validation-error-message="no" output-token-variable-name="jwt">
      <openid-config url="${cloud.issuer.configUrl}" /></validate-jwt>
      <set-header name="X-Sub"><value>@(((Jwt)context.Variables["jwt"]).Subject)</value></set-header>`);
    const refused = await cloud.call('/a/x');
    expect([refused.status, await refused.json()]).toEqual([403, { statusCode: 403, message: 'no' }]);
    await cloud.call('/a/x', { headers: { 'x-token': await cloud.issuer.token({ sub: 'somebody' }) } });
    expect(cloud.received.at(-1)?.headers.get('x-sub')).toBe('somebody');
  });

  test('keys written into the policy', async () => {
    const secret = randomBytes(32);
    await guard(
      `<validate-jwt query-parameter-name="t"><issuer-signing-keys><key id="s">${secret.toString('base64')}</key></issuer-signing-keys></validate-jwt>`,
    );
    const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const content = `${encoded({ alg: 'HS256', kid: 's' })}.${encoded({ exp: 9_999_999_999 })}`;
    const mac = createHmac('sha256', secret).update(content).digest('base64url');
    expect((await cloud.call(`/a/x?t=${content}.${mac}`)).status).toBe(200);
    expect((await cloud.call(`/a/x?t=${content}.AAAA`)).status).toBe(401);
  });
});

describe('signing keys', () => {
  test('are kept for an hour and fetched again for an unknown key at most once in five minutes', async () => {
    await byDiscovery();
    const { issuer, clock } = cloud;
    await result(`Bearer ${await issuer.token()}`);
    await result(`Bearer ${await issuer.token()}`);
    expect(issuer.fetches).toBe(1);
    await issuer.rotate();
    expect(await result(`Bearer ${await issuer.token()}`)).toEqual([401, 'TokenSignatureKeyNotFound']);
    clock.advance(5 * MINUTE);
    expect((await result(`Bearer ${await issuer.token()}`))[0]).toBe(200);
    expect(issuer.fetches).toBe(2);
    clock.advance(61 * MINUTE);
    await result(`Bearer ${await issuer.token()}`);
    expect(issuer.fetches).toBe(3);
  });

  test('that cannot be fetched are an error of the gateway; old ones go on being used', async () => {
    await byDiscovery();
    const { issuer, clock } = cloud;
    issuer.down = true;
    expect((await result(`Bearer ${await issuer.token()}`))[0]).toBe(500);
    issuer.down = false;
    clock.advance(5 * MINUTE);
    expect((await result(`Bearer ${await issuer.token()}`))[0]).toBe(200);
    issuer.down = true;
    clock.advance(61 * MINUTE);
    expect((await result(`Bearer ${await issuer.token()}`))[0]).toBe(200);
  });
});

describe('validate-azure-ad-token', () => {
  const AUDIENCE = 'https://management.azure.com';

  test('takes tokens of the tenant for the audience, and nobody else’s', async () => {
    await guard(
      `<validate-azure-ad-token tenant-id="${TENANT}"><audiences><audience>${AUDIENCE}</audience></audiences></validate-azure-ad-token>`,
    );
    expect((await result(`Bearer ${await cloud.owner.token(AUDIENCE)}`))[0]).toBe(200);
    expect(await result(`Bearer ${await cloud.owner.token('https://vault.azure.net')}`)).toEqual([
      401,
      'TokenAudienceNotAllowed',
    ]);
    expect(await result(`Bearer ${await cloud.issuer.token({ aud: AUDIENCE })}`)).toEqual([
      401,
      'TokenSignatureKeyNotFound',
    ]);
    expect(await result()).toEqual([401, 'TokenNotPresent']);
  });

  test('client applications and claims narrow it', async () => {
    const token = await cloud.owner.token(AUDIENCE);
    const { appid, azp, tid } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    const element = (id: string, claim: string): string => `<validate-azure-ad-token tenant-id="${TENANT}">
      <client-application-ids><application-id>${id}</application-id></client-application-ids>
      <required-claims><claim name="tid"><value>${claim}</value></claim></required-claims></validate-azure-ad-token>`;
    await guard(element(appid ?? azp, tid));
    expect((await result(`Bearer ${token}`))[0]).toBe(200);
    await guard(element(TENANT, tid));
    expect(await result(`Bearer ${token}`)).toEqual([401, 'TokenClaimValueNotAllowed']);
    await guard(element(appid ?? azp, 'other'));
    expect(await result(`Bearer ${token}`)).toEqual([401, 'TokenClaimValueNotAllowed']);
  });
});
