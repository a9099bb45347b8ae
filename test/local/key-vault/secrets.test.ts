import { SecretClient } from '@azure/keyvault-secrets';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY } from '../../../src/core/clock.ts';
import { keyVault } from '../../../src/local/key-vault/key-vault.ts';
import {
  type Answer,
  GROUP,
  type Principal,
  type SmallCloud,
  SUBSCRIPTION,
  smallCloud,
  TENANT,
  withGroup,
} from '../arm/small-cloud.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const ORIGIN = 'https://vault-1.vault.azure.net';
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const USER = '4633458b-17de-408a-b874-0445c86b69e6';

let cloud: SmallCloud;
let officer: Principal;

beforeEach(async () => {
  cloud = await withGroup(smallCloud([keyVault]));
  await makeVault({});
  officer = cloud.principal('officer');
  await grant(officer, OFFICER);
});

async function makeVault(extra: Record<string, unknown>): Promise<void> {
  await cloud.arm('PUT', VAULT, {
    location: 'eastus',
    properties: {
      tenantId: TENANT,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
      ...extra,
    },
  });
}

async function grant(principal: Principal, role: string, scope = VAULT): Promise<void> {
  const name = crypto.randomUUID();
  const answer = await cloud.arm(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    {
      properties: {
        principalId: principal.principalId,
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    },
  );
  expect(answer.status).toBe(201);
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  as = officer,
): Promise<Pick<Answer, 'status' | 'body'>> {
  const headers = {
    authorization: `Bearer ${await as.token('https://vault.azure.net')}`,
    'content-type': 'application/json',
  };
  const url = new URL(path, ORIGIN);
  if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', '7.6');
  const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await cloud.fetch(new Request(url, { method, headers, ...init }));
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

describe('access', () => {
  test('the first call is challenged', async () => {
    const response = await cloud.fetch(new Request(`${ORIGIN}/secrets/a?api-version=7.6`));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`,
    );
  });

  test('a token for another audience is refused', async () => {
    const authorization = `Bearer ${await officer.token('https://management.azure.com')}`;
    const response = await cloud.fetch(
      new Request(`${ORIGIN}/secrets/a?api-version=7.6`, { headers: { authorization } }),
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'Unauthorized' } });
  });

  test('the owner of the subscription has no data role', async () => {
    const answer = await call('GET', '/secrets/a', undefined, cloud.owner);
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({ code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } });
  });

  test('a secrets user reads and cannot write', async () => {
    const user = cloud.principal('user');
    await grant(user, USER);
    await call('PUT', '/secrets/a', { value: '1' });
    expect((await call('GET', '/secrets/a', undefined, user)).body.value).toBe('1');
    expect((await call('PUT', '/secrets/a', { value: '2' }, user)).status).toBe(403);
  });

  test('an assignment takes its time to count', async () => {
    cloud = await withGroup(smallCloud([keyVault], { rolePropagationMs: 1000 }));
    await makeVault({});
    officer = cloud.principal('officer');
    await grant(officer, OFFICER);
    expect((await call('PUT', '/secrets/a', { value: '1' })).body.error.innererror.code).toBe(
      'ForbiddenByRbac',
    );
    cloud.clock.advance(1000);
    expect((await call('PUT', '/secrets/a', { value: '1' })).status).toBe(200);
  });

  test('a vault that is not in ARM has no host', async () => {
    await expect(cloud.fetch(new Request('https://vault-2.vault.azure.net/secrets'))).rejects.toThrow(
      'unknown host',
    );
  });

  test('closed to the public network, and behind a firewall', async () => {
    await makeVault({ publicNetworkAccess: 'Disabled' });
    expect((await call('GET', '/secrets')).body.error.innererror.code).toBe('ForbiddenByConnection');
    await makeVault({ networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } });
    expect((await call('GET', '/secrets')).body.error.innererror.code).toBe('ForbiddenByFirewall');
  });
});

describe('input', () => {
  test.each([
    ['no api-version', 'GET', '/secrets?api-version=', undefined],
    ['an unknown api-version', 'GET', '/secrets?api-version=6.0', undefined],
    ['a bad name', 'PUT', '/secrets/a_b', { value: '1' }],
    ['no value', 'PUT', '/secrets/a', {}],
    ['a value that is no text', 'PUT', '/secrets/a', { value: 1 }],
    ['a large value', 'PUT', '/secrets/a', { value: 'a'.repeat(25 * 1024 + 1) }],
    ['an unknown member', 'PUT', '/secrets/a', { value: '1', kid: 'x' }],
    [
      'too many tags',
      'PUT',
      '/secrets/a',
      { value: '1', tags: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, ''])) },
    ],
    ['a tag that is no text', 'PUT', '/secrets/a', { value: '1', tags: { a: 1 } }],
    ['attributes out of order', 'PUT', '/secrets/a', { value: '1', attributes: { nbf: 10, exp: 5 } }],
    ['broken JSON', 'PUT', '/secrets/a', '{'],
    ['an array', 'PUT', '/secrets/a', '[]'],
    ['a huge page', 'GET', '/secrets?maxresults=26', undefined],
    ['an invented continuation', 'GET', '/secrets?$skiptoken=AAAA', undefined],
  ])('%s is refused', async (_, method, path, body) => {
    const answer = await call(method, path, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'BadParameter']);
  });

  test('keys are not imitated', async () => {
    expect((await call('GET', '/keys/a')).status).toBe(501);
    expect(cloud.log.at(-1)?.text).toBe('GET /keys/a is not imitated');
  });
});

describe('versions and deletion', () => {
  test('every set makes a version, each readable', async () => {
    const first = await call('PUT', '/secrets/a', {
      value: '1',
      tags: { x: 'y' },
      contentType: 'text/plain',
    });
    await call('PUT', '/secrets/a', { value: '2' });
    const path = new URL(first.body.id).pathname;
    expect(path).toMatch(/^\/secrets\/a\/[0-9a-f]{32}$/);
    expect((await call('GET', path)).body).toMatchObject({
      value: '1',
      tags: { x: 'y' },
      contentType: 'text/plain',
    });
    expect((await call('GET', '/secrets/a/')).body.value).toBe('2');
    const versions = await call('GET', '/secrets/a/versions');
    expect(versions.body.value).toHaveLength(2);
    expect(JSON.stringify(versions.body)).not.toContain('"value":"');
  });

  test('a patch changes tags and attributes, not the value', async () => {
    const made = await call('PUT', '/secrets/a', { value: '1' });
    const path = new URL(made.body.id).pathname;
    const patched = await call('PATCH', path, { tags: { x: 'y' }, attributes: { enabled: false } });
    expect(patched.body).toMatchObject({ tags: { x: 'y' }, attributes: { enabled: false } });
    const read = await call('GET', path);
    expect([read.status, read.body.error.innererror.code]).toEqual([403, 'SecretDisabled']);
    expect((await call('PATCH', path, { value: '2' })).status).toBe(400);
  });

  test('soft delete keeps the name, recovery brings everything back, purge ends it', async () => {
    await call('PUT', '/secrets/a', { value: '1' });
    const deleted = await call('DELETE', '/secrets/a');
    expect(deleted.body).toMatchObject({ recoveryId: `${ORIGIN}/deletedsecrets/a` });
    expect(deleted.body.value).toBeUndefined();
    expect((await call('GET', '/secrets/a')).body.error.code).toBe('SecretNotFound');
    const again = await call('PUT', '/secrets/a', { value: '2' });
    expect([again.status, again.body.error.innererror.code]).toEqual([409, 'ObjectIsDeletedButRecoverable']);
    await call('POST', '/deletedsecrets/a/recover');
    expect((await call('GET', '/secrets/a')).body.value).toBe('1');
    await call('DELETE', '/secrets/a');
    expect((await call('DELETE', '/deletedsecrets/a')).status).toBe(204);
    expect((await call('GET', '/deletedsecrets/a')).status).toBe(404);
    expect((await call('PUT', '/secrets/a', { value: '3' })).status).toBe(200);
  });

  test('the retention ends by itself', async () => {
    await call('PUT', '/secrets/a', { value: '1' });
    await call('DELETE', '/secrets/a');
    cloud.clock.advance(90 * DAY);
    expect((await call('GET', '/deletedsecrets/a')).status).toBe(404);
  });

  test('secrets stay with a soft-deleted vault, and end with its retention', async () => {
    await call('PUT', '/secrets/a', { value: '1' });
    await cloud.arm('DELETE', VAULT);
    await expect(call('GET', '/secrets/a')).rejects.toThrow('unknown host');
    await makeVault({ createMode: 'recover' });
    await grant(officer, OFFICER);
    expect((await call('GET', '/secrets/a')).body.value).toBe('1');
    await cloud.arm('DELETE', VAULT);
    cloud.clock.advance(90 * DAY);
    await makeVault({});
    await grant(officer, OFFICER);
    expect((await call('GET', '/secrets/a')).status).toBe(404);
  });

  test('purge protection forbids purging', async () => {
    await makeVault({ enablePurgeProtection: true });
    const made = await call('PUT', '/secrets/a', { value: '1' });
    expect(made.body.attributes.recoveryLevel).toBe('Recoverable');
    await call('DELETE', '/secrets/a');
    expect((await call('DELETE', '/deletedsecrets/a')).status).toBe(403);
  });
});

describe('the client of Azure, unmodified', () => {
  const clientOf = (principal: Principal): SecretClient =>
    new SecretClient(ORIGIN, principal.credential, { httpClient: cloud.httpClient });

  test('sets, reads, lists over pages, deletes, recovers and purges', async () => {
    const client = clientOf(officer);
    const set = await client.setSecret('clinic', 'one', { tags: { jwks_url: 'https://app.example/jwks' } });
    expect(set.properties.version).toMatch(/^[0-9a-f]{32}$/);
    for (let index = 0; index < 30; index += 1) await client.setSecret(`s-${index}`, String(index));
    const names: string[] = [];
    for await (const item of client.listPropertiesOfSecrets()) names.push(item.name);
    expect(names).toHaveLength(31);
    await (await client.beginDeleteSecret('clinic', { intervalInMs: 1 })).pollUntilDone();
    await (await client.beginRecoverDeletedSecret('clinic', { intervalInMs: 1 })).pollUntilDone();
    expect((await client.getSecret('clinic')).value).toBe('one');
    await (await client.beginDeleteSecret('clinic', { intervalInMs: 1 })).pollUntilDone();
    await client.purgeDeletedSecret('clinic');
    await expect(client.getSecret('clinic')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
  });

  test('without a role is forbidden', async () => {
    const client = clientOf(cloud.principal('nobody'));
    await expect(client.getSecret('a')).rejects.toMatchObject({ statusCode: 403, code: 'Forbidden' });
  });
});
