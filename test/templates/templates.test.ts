import { beforeAll, describe, expect, test } from 'vitest';
import { assignRole } from '../../src/local/rbac.ts';
import { APIS, NAMED_VALUES, NO_ORIGINS, POLICY_FRAGMENTS, readPolicy } from '../../src/templates/index.ts';
import { type ApimCloud, apimCloud, SERVICE } from '../local/apim/apim-cloud.ts';
import { GROUP, TENANT } from '../local/arm/small-cloud.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const SECRET = 'https://vault-1.vault.azure.net/secrets/function-key';
const APP_ORIGIN = 'https://app.example.org';
const ORIGINS = `http://other.example.org:8080,${APP_ORIGIN}`;

/** Our APIs as `provision` would create them, on the Consumption SKU with its narrow limits. */
async function provisioned(): Promise<ApimCloud> {
  const cloud = await apimCloud('Consumption');
  await cloud.arm('DELETE', `${SERVICE}/apis/a`);
  await cloud.arm('PUT', VAULT, {
    location: 'eastus',
    properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true },
  });
  const { body: service } = await cloud.arm('GET', SERVICE);
  const scope = VAULT;
  assignRole(cloud.fabric, {
    principalId: service.identity.principalId,
    role: 'Key Vault Secrets User',
    scope,
    principalType: 'ServicePrincipal',
  });
  assignRole(cloud.fabric, {
    principalId: cloud.owner.principalId,
    role: 'Key Vault Secrets Officer',
    scope,
    principalType: 'ServicePrincipal',
  });
  const authorization = `Bearer ${await cloud.owner.token('https://vault.azure.net')}`;
  const put = new Request(`${SECRET}?api-version=7.6`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ value: 'host-key-1' }),
  });
  expect((await cloud.fetch(put)).status).toBe(200);
  await fill(cloud);
  return cloud;
}

async function fill(cloud: ApimCloud): Promise<void> {
  const values: Record<string, string> = {
    'function-base-url': 'https://app1.azurewebsites.net/api',
    issuer: cloud.issuer.issuer,
    'openid-config-url': cloud.issuer.configUrl,
    'fhir-audience': 'aud-1',
    'allowed-origins': ORIGINS,
  };
  const ok = async (path: string, body: unknown): Promise<void> => {
    const answer = await cloud.arm('PUT', `${SERVICE}${path}`, body);
    if (answer.status > 202) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  for (const { name, keyVault } of NAMED_VALUES) {
    const content = keyVault ? { keyVault: { secretIdentifier: SECRET } } : { value: values[name] };
    await ok(`/namedValues/${name}`, { properties: { displayName: name, secret: keyVault, ...content } });
    await cloud.arm('GET', `${SERVICE}/namedValues/${name}`);
  }
  const document = async (policy: Parameters<typeof readPolicy>[0]): Promise<unknown> => ({
    properties: { format: 'rawxml', value: await readPolicy(policy) },
  });
  for (const { id, policy } of POLICY_FRAGMENTS) await ok(`/policyFragments/${id}`, await document(policy));
  for (const { id, operations, policy, ...properties } of APIS) {
    await ok(`/apis/${id}`, { properties });
    await ok(`/apis/${id}/policies/policy`, await document(policy));
    for (const { id: name, policy: own, ...operation } of operations) {
      await ok(`/apis/${id}/operations/${name}`, { properties: operation });
      if (own !== undefined) await ok(`/apis/${id}/operations/${name}/policies/policy`, await document(own));
    }
  }
}

describe('our APIs on API Management', () => {
  let cloud: ApimCloud;
  beforeAll(async () => {
    cloud = await provisioned();
  });

  test.each(['/fhir/metadata', '/fhir/.well-known/smart-configuration', '/fhir/smart-style.json'])(
    '%s needs no token',
    async (path) => {
      const response = await cloud.call(path, { headers: { origin: 'https://stranger.example' } });
      expect(response.status).toBe(200);
      expect(cloud.received.at(-1)?.url).toBe(`https://app1.azurewebsites.net/api${path}`);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect((await cloud.call(path, { method: 'HEAD' })).status).toBe(200);
    },
  );

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s without a token ends in a bare challenge',
    async (method) => {
      const before = cloud.received.length;
      const response = await cloud.call('/fhir/Patient/1', { method });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="smartfhir"');
      expect(response.headers.get('content-type')).toContain('application/fhir+json');
      expect(await response.json()).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ code: 'login' }],
      });
      expect(cloud.received.length).toBe(before);
    },
  );

  test('the base itself is guarded too', async () => {
    expect((await cloud.call('/fhir', { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await cloud.call('/fhir/METADATA')).status).toBe(401);
  });

  test.each([
    ['for another audience', { aud: 'somebody-else' }, {}],
    ['of another issuer', { iss: 'https://evil.example' }, {}],
    ['that expired', {}, { expiresIn: -120 }],
  ])('a token %s ends in invalid_token', async (_, claims, options) => {
    const token = await cloud.issuer.token(claims, options);
    const response = await cloud.call('/fhir/Patient', { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="smartfhir", error="invalid_token"');
    expect(await response.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login' }],
    });
  });

  test('a token with a broken signature ends in invalid_token', async () => {
    const [header, , signature] = (await cloud.issuer.token()).split('.');
    const payload = Buffer.from(
      JSON.stringify({ iss: cloud.issuer.issuer, aud: 'aud-1', exp: 9e9 }),
    ).toString('base64url');
    for (const token of [`${header}.${payload}.${signature}`, 'garbage', `${header}.${payload}.`]) {
      const response = await cloud.call('/fhir/Patient', { headers: { authorization: `Bearer ${token}` } });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="smartfhir", error="invalid_token"',
      ]);
    }
  });

  test('a good token reaches the Function with its key and without what clients may not say', async () => {
    const token = await cloud.issuer.token();
    const response = await cloud.call('/fhir/Observation?code=a%7Cb&_count=1', {
      headers: {
        authorization: `Bearer ${token}`,
        'x-functions-key': 'forged',
        'x-forwarded-host': 'evil.example',
        'x-ms-client-principal-name': 'admin',
        prefer: 'return=representation',
      },
    });
    expect(response.status).toBe(200);
    const { url, headers } = cloud.received.at(-1)!;
    expect(url).toBe('https://app1.azurewebsites.net/api/fhir/Observation?code=a%7Cb&_count=1');
    expect(headers.get('x-functions-key')).toBe('host-key-1');
    expect(headers.get('x-forwarded-host')).toBe('apim-1.azure-api.net');
    expect(headers.get('x-forwarded-proto')).toBe('https');
    expect(headers.get('x-forwarded-prefix')).toBe('/fhir');
    expect(headers.get('x-forwarded-for')).toBe('127.0.0.1');
    expect(headers.get('x-ms-client-principal-name')).toBeNull();
    expect(headers.get('authorization')).toBe(`Bearer ${token}`);
    expect(headers.get('prefer')).toBe('return=representation');
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s with a token is the Function to decide',
    async (method) => {
      const headers = { authorization: `Bearer ${await cloud.issuer.token()}` };
      cloud.answer = () =>
        Response.json(
          { resourceType: 'OperationOutcome' },
          { status: 405, headers: { 'x-powered-by': 'x' } },
        );
      const response = await cloud.call('/fhir/_operations/export/1', { method, headers });
      cloud.answer = () => Response.json({ ok: true });
      expect(response.status).toBe(405);
      expect(response.headers.get('x-powered-by')).toBeNull();
      expect(cloud.received.at(-1)?.method).toBe(method);
    },
  );

  test('pages of registered clients may read FHIR answers and refusals, others may not', async () => {
    const allowed = await cloud.call('/fhir/Patient', { headers: { origin: APP_ORIGIN } });
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([401, APP_ORIGIN]);
    expect(allowed.headers.get('vary')).toContain('Origin');
    const other = await cloud.call('/fhir/Patient', { headers: { origin: 'https://example.org' } });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([401, null]);
    for (const origin of ['null', NO_ORIGINS, 'https://app.example.or', ORIGINS]) {
      const response = await cloud.call('/fhir/Patient', { headers: { origin } });
      expect([origin, response.headers.get('access-control-allow-origin')]).toEqual([
        origin,
        origin === NO_ORIGINS ? origin : null,
      ]);
    }
  });

  test('preflights are answered here', async () => {
    const before = cloud.received.length;
    const ask = (path: string, origin: string, method = 'GET'): Promise<Response> =>
      cloud.call(path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization',
        },
      });
    const fhir = await ask('/fhir/Patient', APP_ORIGIN);
    expect([
      fhir.status,
      fhir.headers.get('access-control-allow-origin'),
      fhir.headers.get('access-control-allow-headers'),
    ]).toEqual([200, APP_ORIGIN, 'authorization']);
    const token = await ask('/auth/token', APP_ORIGIN, 'POST');
    expect(token.headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    expect(
      (await ask('/fhir/metadata', 'https://stranger.example')).headers.get('access-control-allow-origin'),
    ).toBe('*');
    const stranger = await ask('/fhir/Patient', 'https://stranger.example');
    expect([stranger.status, stranger.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    expect(cloud.received.length).toBe(before);
  });

  test.each([
    ['GET', '/auth/authorize?client_id=x&scope=launch%2Fpatient'],
    ['POST', '/auth/authorize'],
    ['GET', '/auth/signed-in?code=1'],
    ['POST', '/auth/choose'],
    ['GET', '/auth/callback?code=1'],
    ['POST', '/auth/token'],
    ['POST', '/auth/introspect'],
    ['POST', '/auth/revoke'],
    ['POST', '/auth/launch'],
    ['GET', '/auth/clients/backend/jwks.json'],
  ])('%s %s goes to the Function', async (method, path) => {
    cloud.answer = () =>
      new Response(null, {
        status: 302,
        headers: { location: 'https://elsewhere.example/', 'set-cookie': 'a=b; HttpOnly' },
      });
    const body = method === 'POST' ? new URLSearchParams({ a: 'b' }) : null;
    const response = await cloud.call(path, { method, body });
    cloud.answer = () => Response.json({ ok: true });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://elsewhere.example/');
    expect(response.headers.getSetCookie()).toEqual(['a=b; HttpOnly']);
    expect(cloud.received.at(-1)).toMatchObject({ method, url: `https://app1.azurewebsites.net/api${path}` });
    if (method === 'POST') expect(cloud.received.at(-1)?.body).toBe('a=b');
  });

  test('what does not exist is refused in the words of each side', async () => {
    const auth = await cloud.call('/auth/nothing');
    expect([auth.status, await auth.json()]).toEqual([
      404,
      { error: 'invalid_request', error_description: 'there is no such endpoint' },
    ]);
    const wrongMethod = await cloud.call('/auth/token');
    expect(wrongMethod.status).toBe(404);
    const fhir = await cloud.call('/fhir/Patient', { method: 'OPTIONS' });
    expect([fhir.status, await fhir.json()]).toMatchObject([
      404,
      { resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] },
    ]);
  });

  test('a Function that cannot be reached is a transient error, not a stack trace', async () => {
    cloud.answer = () => {
      throw new TypeError('connect ECONNREFUSED 10.0.0.1');
    };
    const headers = { authorization: `Bearer ${await cloud.issuer.token()}` };
    const fhir = await cloud.call('/fhir/Patient', { headers });
    const auth = await cloud.call('/auth/token', { method: 'POST' });
    cloud.answer = () => Response.json({ ok: true });
    expect([fhir.status, await fhir.json()]).toMatchObject([500, { issue: [{ code: 'transient' }] }]);
    expect([auth.status, await auth.json()]).toMatchObject([500, { error: 'server_error' }]);
  });

  test('keys that cannot be fetched are not the token’s fault', async () => {
    const other = await provisioned();
    other.issuer.down = true;
    const response = await other.call('/fhir/Patient', {
      headers: { authorization: `Bearer ${await other.issuer.token()}` },
    });
    expect(response.status).toBe(500);
    expect(response.headers.get('www-authenticate')).toBeNull();
  });
});

test('every parameter of the policies is described, and every described one is used', async () => {
  const files = [...POLICY_FRAGMENTS, ...APIS, ...APIS.flatMap((api) => api.operations)].flatMap(
    ({ policy }) => policy ?? [],
  );
  const texts = await Promise.all([...new Set(files)].map(readPolicy));
  const used = new Set(
    texts
      .join('\n')
      .match(/\{\{([\w.-]+)\}\}/g)
      ?.map((text) => text.slice(2, -2)),
  );
  expect([...used].sort()).toEqual(NAMED_VALUES.map(({ name }) => name).sort());
});
