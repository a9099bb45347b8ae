import { describe, expect, test } from 'vitest';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { defaultLocalConfig } from '../../src/config/load.ts';
import { manualClock } from '../../src/core/clock.ts';
import { AZURE_PUBLIC_ENDPOINTS, type Target } from '../../src/core/target.ts';
import { resolveAccount } from '../../src/provision/account.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const USER = { tid: TENANT, oid: 'someone', idtyp: 'user', scp: 'user_impersonation' };

const tokenOf = (claims: unknown): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

interface Given {
  readonly token?: string;
  readonly azure?: { readonly tenant?: string; readonly subscription?: string };
  readonly subscriptions?: unknown;
  readonly discovery?: () => Response;
}

function resolve(given: Given) {
  const asked: string[] = [];
  const credential = {
    getToken: async () => ({ token: given.token ?? tokenOf(USER), expiresOnTimestamp: 2 ** 50 }),
  };
  const target: Target = {
    name: 'Azure',
    cloud: 'public',
    features: { flexConsumption: true, apimConsumption: true },
    endpoints: AZURE_PUBLIC_ENDPOINTS,
    credential,
    publicOrigin: (host) => `https://${host}`,
    fetch: async (request) => {
      asked.push(request.url);
      if (request.url.endsWith('/.well-known/openid-configuration'))
        return given.discovery?.() ?? Response.json({ issuer: ISSUER });
      return Response.json(given.subscriptions ?? { value: [{ subscriptionId: 'only' }] });
    },
  };
  const base = defaultLocalConfig();
  const config = {
    ...base,
    azure: { ...base.azure, tenant: undefined, subscription: undefined, ...given.azure },
  };
  const http = new AuthorizedHttp(target.fetch, credential, manualClock(0));
  return { asked, account: resolveAccount(config, target, http) };
}

describe('who is signed in', () => {
  test('tenant, issuer and the only subscription are found', async () => {
    expect(await resolve({}).account).toEqual({
      tenantId: TENANT,
      subscriptionId: 'only',
      issuer: ISSUER,
      authority: `https://login.microsoftonline.com/${TENANT}`,
      deployer: { principalId: 'someone', principalType: 'User' },
    });
  });

  // https://learn.microsoft.com/entra/identity-platform/optional-claims-reference: idtyp
  test.each<[string, object, string]>([
    ['idtyp app', { idtyp: 'app' }, 'ServicePrincipal'],
    ['neither idtyp nor scp', {}, 'ServicePrincipal'],
    ['scp alone', { scp: 'user_impersonation' }, 'User'],
    ['idtyp user', { idtyp: 'user' }, 'User'],
  ])('%s', async (_, claims, type) => {
    const { account } = resolve({ token: tokenOf({ tid: TENANT, oid: 'x', ...claims }) });
    expect((await account).deployer).toEqual({ principalId: 'x', principalType: type });
  });

  test.each<[string, string]>([
    ['no tenant', tokenOf({ oid: 'x' })],
    ['no object id', tokenOf({ tid: TENANT })],
    ['no object', tokenOf('text')],
    ['nothing', tokenOf(null)],
    ['an opaque token', 'opaque'],
    ['no JSON', 'a.!!!.b'],
  ])('a token with %s is refused', async (_, token) => {
    const { account, asked } = resolve({ token });
    await expect(account).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: 'the credential gave a token without tenant or object id',
    });
    expect(asked).toEqual([]);
  });
});

describe('the tenant of smartfhir.yaml', () => {
  test('in another case is the same', async () => {
    const { account } = resolve({ azure: { tenant: TENANT.toUpperCase() } });
    expect((await account).tenantId).toBe(TENANT);
  });

  test('that is another is refused before anything is asked', async () => {
    const { account, asked } = resolve({ azure: { tenant: 'another' } });
    await expect(account).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: `signed in to tenant ${TENANT}, not to another`,
      fix: expect.stringContaining('az login --tenant'),
    });
    expect(asked).toEqual([]);
  });
});

describe('the subscription', () => {
  test('of smartfhir.yaml is taken without a look at others', async () => {
    const { account, asked } = resolve({ azure: { subscription: 'named' } });
    expect((await account).subscriptionId).toBe('named');
    expect(asked).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
  });

  test.each<[string, unknown, string]>([
    ['none', { value: [] }, 'the credential sees no subscription'],
    ['no list', {}, 'the credential sees no subscription'],
    [
      'several',
      { value: [{ subscriptionId: 'a' }, { subscriptionId: 'b' }] },
      'the credential sees 2 subscriptions',
    ],
  ])('%s: one has to be named', async (_, subscriptions, message) => {
    await expect(resolve({ subscriptions }).account).rejects.toMatchObject({
      code: 'MISSING_INPUT',
      message,
      fix: expect.stringContaining('azure.subscription'),
    });
  });
});

test.each<[string, () => Response]>([
  ['not there', () => new Response(null, { status: 404 })],
  ['elsewhere', () => Response.redirect('https://login.example/', 302)],
  ['without an issuer', () => Response.json({})],
  ['with an issuer that is no text', () => Response.json({ issuer: 7 })],
  ['a page', () => new Response('<html>')],
])('a discovery document that is %s is refused', async (_, discovery) => {
  await expect(resolve({ discovery }).account).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
});
