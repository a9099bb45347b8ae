import { beforeEach, describe, expect, test } from 'vitest';
import { assignRole } from '../../../src/local/rbac.ts';
import { GROUP, TENANT } from '../arm/small-cloud.ts';
import { type ApimCloud, apimCloud, policies, SERVICE } from './apim-cloud.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const SECRET = 'https://vault-1.vault.azure.net/secrets/key-1';
const HOUR = 3_600_000;

let cloud: ApimCloud;
beforeEach(async () => {
  cloud = await apimCloud();
});

const put = (path: string, properties: unknown): ReturnType<ApimCloud['arm']> =>
  cloud.arm('PUT', `${SERVICE}${path}`, { properties });
const errorOf = ({ status, body }: Awaited<ReturnType<ApimCloud['arm']>>): unknown[] => [
  status,
  body?.error?.code,
];

async function vault(grant: boolean): Promise<(value: string) => Promise<void>> {
  await cloud.arm('PUT', VAULT, {
    location: 'eastus',
    properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true },
  });
  const { body } = await cloud.arm('GET', SERVICE);
  const role = (principalId: string, name: string): void =>
    assignRole(cloud.fabric, { principalId, role: name, scope: VAULT, principalType: 'ServicePrincipal' });
  role(cloud.owner.principalId, 'Key Vault Secrets Officer');
  if (grant) role(body.identity.principalId, 'Key Vault Secrets User');
  return async (value) => {
    const authorization = `Bearer ${await cloud.owner.token('https://vault.azure.net')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    await cloud.fetch(
      new Request(`${SECRET}?api-version=7.6`, { method: 'PUT', headers, body: JSON.stringify({ value }) }),
    );
  };
}

/** Follows the Location of a 202 to its end. */
async function finished(
  answer: Awaited<ReturnType<ApimCloud['arm']>>,
): Promise<Awaited<ReturnType<ApimCloud['arm']>>> {
  expect(answer.status).toBe(202);
  return cloud.arm('GET', answer.headers.get('location')!.replace('https://management.azure.com', ''));
}

describe('service', () => {
  const body = {
    location: 'eastus',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@b.c', publisherName: 'A' },
  };
  const at = (name: string): string => SERVICE.replace('apim-1', name);

  test('takes its time', async () => {
    const slow = await apimCloud('Developer', { armOperationMs: 1000 });
    const made = await slow.arm('PUT', at('apim-2'), body);
    expect([made.status, made.body.properties.provisioningState]).toEqual([201, 'Activating']);
    expect(made.headers.get('azure-asyncoperation')).toMatch(/^https:\/\/management\.azure\.com\//);
    slow.clock.advance(5000);
    expect((await slow.arm('GET', at('apim-2'))).body.properties.provisioningState).toBe('Succeeded');
  });

  test.each([
    ['a name with an underscore', 'apim_2', body],
    ['no publisher', 'apim-2', { ...body, properties: { publisherEmail: 'a@b.c' } }],
    ['Consumption with capacity', 'apim-2', { ...body, sku: { name: 'Consumption', capacity: 1 } }],
    ['Developer without capacity', 'apim-2', { ...body, sku: { name: 'Developer', capacity: 0 } }],
    ['an unknown SKU', 'apim-2', { ...body, sku: { name: 'Tiny', capacity: 1 } }],
    ['an unknown property', 'apim-2', { ...body, properties: { ...body.properties, nope: 1 } }],
  ])('%s is refused', async (_, name, wanted) => {
    expect((await cloud.arm('PUT', at(name), wanted)).status).toBe(400);
  });

  test('Consumption cannot become another SKU', async () => {
    const consumption = await apimCloud('Consumption');
    expect((await consumption.arm('PUT', SERVICE, body)).status).toBe(400);
  });

  test('its name is unique everywhere, and checked on request', async () => {
    await cloud.arm('PUT', GROUP.replace(/rg$/, 'rg2'), { location: 'eastus' });
    expect(errorOf(await cloud.arm('PUT', SERVICE.replace('/rg/', '/rg2/'), body))).toEqual([
      409,
      'ServiceAlreadyExists',
    ]);
    const check = (name: string): ReturnType<ApimCloud['arm']> =>
      cloud.arm(
        'POST',
        `${SERVICE.split('/resourceGroups')[0]}/providers/Microsoft.ApiManagement/checkNameAvailability`,
        { name },
        { version: '2024-05-01' },
      );
    expect((await check('apim-1')).body).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
    expect((await check('apim-9')).body).toMatchObject({ nameAvailable: true });
  });

  test('deleted, it keeps its name for 48 hours', async () => {
    await cloud.arm('DELETE', SERVICE);
    await cloud.arm('GET', SERVICE);
    const subscription = SERVICE.split('/resourceGroups')[0];
    const list = await cloud.arm(
      'GET',
      `${subscription}/providers/Microsoft.ApiManagement/deletedservices`,
      undefined,
      { version: '2024-05-01' },
    );
    expect(list.body.value).toMatchObject([{ name: 'apim-1', properties: { serviceId: SERVICE } }]);
    expect(errorOf(await cloud.arm('PUT', SERVICE, body))).toEqual([
      409,
      'ServiceAlreadyExistsInSoftDeletedState',
    ]);
    expect((await cloud.call('/a/x')).status).toBe(404);
    cloud.clock.advance(48 * HOUR + 1);
    expect((await cloud.arm('PUT', SERVICE, body)).status).toBe(201);
    expect(errorOf(await cloud.arm('GET', `${SERVICE}/apis/a`))).toEqual([404, 'ResourceNotFound']);
  });

  test('there is nothing to restore that was not deleted', async () => {
    const restore = { ...body, properties: { ...body.properties, restore: true } };
    expect(errorOf(await cloud.arm('PUT', at('apim-2'), restore))).toEqual([404, 'ServiceUndeleteNotFound']);
  });
});

describe('APIs and operations', () => {
  test.each([
    ['an import', { displayName: 'b', path: 'b', format: 'openapi', value: '{}' }, 501],
    ['another protocol', { displayName: 'b', path: 'b', type: 'websocket' }, 501],
    ['a version', { displayName: 'b', path: 'b', apiVersion: 'v1' }, 501],
    ['no path', { displayName: 'b' }, 400],
    ['no display name', { path: 'b' }, 400],
    ['the path of another API', { displayName: 'b', path: 'A' }, 400],
  ])('an API with %s is refused', async (_, properties, status) => {
    expect((await put('/apis/b', properties)).status).toBe(status);
  });

  test('revisions are refused', async () => {
    expect((await put('/apis/a;rev=2', { displayName: 'a', path: 'a2' })).status).toBe(501);
  });

  test('an API is made by an operation and changed at once', async () => {
    const made = await finished(await put('/apis/b', { displayName: 'b', path: '/b/' }));
    expect(made.body.properties).toMatchObject({ path: 'b', subscriptionRequired: true, isCurrent: true });
    expect((await put('/apis/b', { displayName: 'B', path: 'b' })).status).toBe(200);
  });

  test.each([
    ['an undeclared parameter', { displayName: 'o', method: 'GET', urlTemplate: '/{id}' }, 400],
    [
      'a declared one that is not used',
      {
        displayName: 'o',
        method: 'GET',
        urlTemplate: '/o',
        templateParameters: [{ name: 'id', type: 'string' }],
      },
      400,
    ],
    ['a bad segment', { displayName: 'o', method: 'GET', urlTemplate: '/a*b' }, 400],
    ['a query in its template', { displayName: 'o', method: 'GET', urlTemplate: '/o?x={x}' }, 501],
    ['a bad method', { displayName: 'o', method: 'G T', urlTemplate: '/o' }, 400],
    ['method and template of another one', { displayName: 'o', method: 'get', urlTemplate: '/*' }, 400],
    ['no template', { displayName: 'o', method: 'GET' }, 400],
  ])('an operation with %s is refused', async (_, properties, status) => {
    expect((await put('/apis/a/operations/o', properties)).status).toBe(status);
  });

  test('an API takes operations and policies along when it goes', async () => {
    await cloud.policy('/apis/a', policies({}));
    await cloud.arm('DELETE', `${SERVICE}/apis/a`);
    await put('/apis/a', { displayName: 'a', path: 'a' });
    expect((await cloud.arm('GET', `${SERVICE}/apis/a/policies/policy`)).status).toBe(404);
    expect((await cloud.arm('GET', `${SERVICE}/apis/a/operations`)).body.value).toEqual([]);
  });

  test('an etag that is not the current one is refused', async () => {
    await cloud.policy('/apis/a', policies({}));
    const answer = await cloud.arm(
      'PUT',
      `${SERVICE}/apis/a/policies/policy`,
      { properties: { format: 'rawxml', value: policies({}) } },
      { headers: { 'if-match': '"old"' } },
    );
    expect(errorOf(answer)).toEqual([412, 'PreconditionFailed']);
  });
});

describe('named values', () => {
  test.each([
    ['a blank value', { displayName: 'n', value: ' ' }, 400],
    ['no value', { displayName: 'n' }, 400],
    ['a display name with a space', { displayName: 'n n', value: 'v' }, 400],
    ['a value that is too long', { displayName: 'n', value: 'v'.repeat(4097) }, 400],
    ['value and Key Vault', { displayName: 'n', value: 'v', keyVault: { secretIdentifier: SECRET } }, 400],
    [
      'a foreign identifier',
      { displayName: 'n', keyVault: { secretIdentifier: 'https://evil.example/secrets/a' } },
      400,
    ],
    [
      'a user-assigned identity',
      { displayName: 'n', keyVault: { secretIdentifier: SECRET, identityClientId: 'x' } },
      501,
    ],
  ])('%s is refused', async (_, properties, status) => {
    expect((await put('/namedValues/n', properties)).status).toBe(status);
  });

  test('a display name is taken only once', async () => {
    await cloud.namedValue('n', 'v');
    expect(errorOf(await put('/namedValues/m', { displayName: 'n', value: 'v' }))).toEqual([
      400,
      'ValidationError',
    ]);
  });

  test('a plain one is shown, a secret one only when asked for', async () => {
    const plain = await finished(await put('/namedValues/p', { displayName: 'p', value: 'v' }));
    expect(plain.body.properties).toMatchObject({ value: 'v', secret: false });
    const secret = await finished(
      await put('/namedValues/s', { displayName: 's', value: 'hidden', secret: true }),
    );
    expect(JSON.stringify(secret.body)).not.toContain('hidden');
    expect((await cloud.arm('POST', `${SERVICE}/namedValues/s/listValue`)).body).toEqual({ value: 'hidden' });
  });

  test('a Key Vault one is read with the service’s identity, kept, and refreshed', async () => {
    const write = await vault(true);
    await write('one');
    await finished(
      await put('/namedValues/k', { displayName: 'k', secret: true, keyVault: { secretIdentifier: SECRET } }),
    );
    await cloud.policy(
      '/apis/a',
      policies({ inbound: '<base /><set-header name="X-K"><value>{{k}}</value></set-header>' }),
    );
    const seen = async (): Promise<string | null> => {
      await cloud.call('/a/x');
      return cloud.received.at(-1)!.headers.get('x-k');
    };
    expect(await seen()).toBe('one');
    await write('two');
    expect(await seen()).toBe('one');
    const refreshed = await cloud.arm('POST', `${SERVICE}/namedValues/k/refreshSecret`);
    expect(JSON.stringify(refreshed.body)).not.toContain('two');
    expect(await seen()).toBe('two');
    await write('three');
    cloud.clock.advance(4 * HOUR);
    expect(await seen()).toBe('three');
    await cloud.arm('DELETE', VAULT);
    cloud.clock.advance(4 * HOUR);
    expect(await seen()).toBe('three');
    expect(cloud.log.some(({ text }) => text.includes('could not be refreshed'))).toBe(true);
  });

  test('without the role the operation fails, and policies do not find it', async () => {
    await (await vault(false))('one');
    const failed = await finished(
      await put('/namedValues/k', { displayName: 'k', secret: true, keyVault: { secretIdentifier: SECRET } }),
    );
    expect(failed.body.error).toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('Forbidden'),
    });
    const answer = await cloud.policy('/apis/a', policies({ inbound: '<set-method>{{k}}</set-method>' }));
    expect(answer.body.error.details[0].message).toContain("cannot find a property 'k'");
  });
});

describe('backends', () => {
  test.each([
    ['a relative URL', { url: '/x', protocol: 'http' }, 400],
    ['SOAP', { url: 'https://x.example', protocol: 'soap' }, 501],
    ['a pool', { url: 'https://x.example', protocol: 'http', type: 'Pool' }, 501],
    ['credentials', { url: 'https://x.example', protocol: 'http', credentials: { header: {} } }, 501],
  ])('%s is refused', async (_, properties, status) => {
    expect((await put('/backends/b', properties)).status).toBe(status);
  });
});
