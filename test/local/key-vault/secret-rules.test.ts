import { beforeAll, describe, expect, test } from 'vitest';
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

const VAULTS = `${GROUP}/providers/Microsoft.KeyVault/vaults`;
const OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const USER = '4633458b-17de-408a-b874-0445c86b69e6';
const NO_VERSION = '0'.repeat(32);

let cloud: SmallCloud;
let officer: Principal;

/** Two vaults for the file: `vault-1`, and `short` with a week of retention. Every test has secrets of its own. */
beforeAll(async () => {
  cloud = await withGroup(smallCloud([keyVault]));
  officer = cloud.principal('officer');
  await makeVault('vault-1', {});
  await makeVault('short', { softDeleteRetentionInDays: 7 });
});

async function makeVault(name: string, extra: object): Promise<void> {
  const properties = {
    tenantId: TENANT,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
  };
  const body = { location: 'eastus', properties: { ...properties, ...extra } };
  expect((await cloud.arm('PUT', `${VAULTS}/${name}`, body)).status).toBeLessThan(300);
  await grant(officer, OFFICER, `${VAULTS}/${name}`);
}

async function grant(principal: Principal, role: string, scope: string): Promise<void> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
  const roleDefinitionId = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const { principalId } = principal;
  expect((await cloud.arm('PUT', path, { properties: { principalId, roleDefinitionId } })).status).toBe(201);
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  options: { as?: Principal; vault?: string } = {},
): Promise<Pick<Answer, 'status' | 'body'>> {
  const url = new URL(path, `https://${options.vault ?? 'vault-1'}.vault.azure.net`);
  if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', '7.6');
  const authorization = `Bearer ${await (options.as ?? officer).token('https://vault.azure.net')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await cloud.fetch(new Request(url, { method, headers, ...init }));
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function outcome(...given: Parameters<typeof call>): Promise<string> {
  const answer = await call(...given);
  return `${answer.status} ${answer.body?.error?.code ?? ''}`.trim();
}

describe('routes', () => {
  test.each([
    ['GET', '/keys'],
    ['POST', '/keys/a/create'],
    ['GET', '/certificates'],
    ['POST', '/secrets/a/backup'],
    ['POST', '/secrets/restore'],
    ['DELETE', `/secrets/a/${NO_VERSION}`],
    ['POST', '/secrets/a'],
    ['PUT', '/deletedsecrets/a'],
    ['GET', '/'],
  ])('%s %s is not imitated, and the log says so', async (method, path) => {
    const given = method === 'POST' || method === 'PUT' ? {} : undefined;
    expect(await outcome(method, path, given)).toBe('501 NotImplemented');
    expect(cloud.log.at(-1)?.text).toBe(`${method} ${path} is not imitated`);
  });

  test('what is not imitated is not told to strangers', async () => {
    const response = await cloud.fetch(new Request('https://vault-1.vault.azure.net/keys?api-version=7.6'));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(TENANT);
  });

  test.each([
    ['GET', '/secrets/nobody'],
    ['GET', `/secrets/nobody/${NO_VERSION}`],
    ['GET', '/secrets/nobody/versions'],
    ['PATCH', '/secrets/nobody'],
    ['PATCH', `/secrets/nobody/${NO_VERSION}`],
    ['DELETE', '/secrets/nobody'],
    ['GET', '/deletedsecrets/nobody'],
    ['POST', '/deletedsecrets/nobody/recover'],
    ['DELETE', '/deletedsecrets/nobody'],
  ])('%s %s: no such secret', async (method, path) => {
    const given = method === 'PATCH' || method === 'POST' ? {} : undefined;
    expect(await outcome(method, path, given)).toBe('404 SecretNotFound');
  });

  test('a version nobody made', async () => {
    await call('PUT', '/secrets/versioned', { value: '1' });
    expect(await outcome('GET', `/secrets/versioned/${NO_VERSION}`)).toBe('404 SecretNotFound');
    expect(await outcome('PATCH', `/secrets/versioned/${NO_VERSION}`, {})).toBe('404 SecretNotFound');
  });
});

describe('roles', () => {
  test.each([
    ['PUT', '/secrets/roles', { value: '2' }],
    ['PATCH', '/secrets/roles', {}],
    ['DELETE', '/secrets/roles', undefined],
    ['GET', '/deletedsecrets', undefined],
    ['GET', '/deletedsecrets/roles', undefined],
    ['POST', '/deletedsecrets/roles/recover', {}],
    ['DELETE', '/deletedsecrets/roles', undefined],
  ])('%s %s is not for the whole world', async (method, path, body) => {
    const nobody = cloud.principal('nobody');
    expect(await outcome(method, path, body, { as: nobody })).toBe('403 Forbidden');
  });

  test.each([
    ['PUT', '/secrets/roles', { value: '2' }],
    ['PATCH', '/secrets/roles', {}],
    ['DELETE', '/secrets/roles', undefined],
    ['POST', '/deletedsecrets/roles/recover', {}],
    ['DELETE', '/deletedsecrets/roles', undefined],
  ])('%s %s is not for those who may only read', async (method, path, body) => {
    const user = cloud.principal('user');
    if ((await call('GET', '/secrets', undefined, { as: user })).status === 403)
      await grant(user, USER, `${VAULTS}/vault-1`);
    expect((await call('GET', '/secrets', undefined, { as: user })).status).toBe(200);
    expect(await outcome(method, path, body, { as: user })).toBe('403 Forbidden');
  });

  test('a role on one vault opens no other', async () => {
    const guest = cloud.principal('guest of one');
    await grant(guest, OFFICER, `${VAULTS}/vault-1`);
    expect(await outcome('GET', '/secrets', undefined, { as: guest, vault: 'short' })).toBe('403 Forbidden');
  });
});

describe('limits', () => {
  const value = 'x';
  test.each<[string, string, object, number]>([
    ['25 KiB', 'limit-1', { value: 'v'.repeat(25 * 1024) }, 200],
    ['25 KiB of letters that take two bytes', 'limit-2', { value: 'é'.repeat(25 * 512) }, 200],
    ['one letter more of them', 'limit-3', { value: 'é'.repeat(25 * 512 + 1) }, 400],
    ['a type of 255 characters', 'limit-4', { value, contentType: 't'.repeat(255) }, 200],
    ['a type of 256 characters', 'limit-5', { value, contentType: 't'.repeat(256) }, 400],
    ['a type that is no text', 'limit-6', { value, contentType: 1 }, 400],
    ['a tag of 512 characters', 'limit-7', { value, tags: { ['n'.repeat(512)]: 'v'.repeat(512) } }, 200],
    ['a tag name of 513 characters', 'limit-8', { value, tags: { ['n'.repeat(513)]: '' } }, 400],
    ['a tag value of 513 characters', 'limit-9', { value, tags: { a: 'v'.repeat(513) } }, 400],
    ['tags in a list', 'limit-10', { value, tags: [] }, 400],
    ['attributes that are a text', 'limit-11', { value, attributes: 'x' }, 400],
    ['a flag that is a text', 'limit-12', { value, attributes: { enabled: 'yes' } }, 400],
    ['a negative time', 'limit-13', { value, attributes: { exp: -1 } }, 400],
    ['a time that is a text', 'limit-14', { value, attributes: { nbf: '2026-01-01' } }, 400],
    ['an end at the start', 'limit-15', { value, attributes: { nbf: 5, exp: 5 } }, 400],
    ['an end after the start', 'limit-16', { value, attributes: { nbf: 5, exp: 6 } }, 200],
    ['members that are null', 'limit-17', { value, tags: null, attributes: null, contentType: null }, 200],
    ['a body of more than 128 KiB', 'limit-18', { value, tags: { a: 'v'.repeat(129 * 1024) } }, 400],
    ['a name of 127 characters', 'n'.repeat(127), { value }, 200],
    ['a name of 128 characters', 'n'.repeat(128), { value }, 400],
    ['an empty value', 'limit-19', { value: '' }, 200],
  ])('%s', async (_, name, body, status) => {
    expect((await call('PUT', `/secrets/${name}`, body)).status).toBe(status);
  });

  test('names count without case, and keep that of the first', async () => {
    await call('PUT', '/secrets/CaSe', { value: '1' });
    expect((await call('PUT', '/secrets/case', { value: '2' })).body.id).toContain('/secrets/CaSe/');
    expect((await call('GET', '/secrets/CASE')).body.value).toBe('2');
  });
});

describe('changes', () => {
  test('a patch without a version changes the newest, and leaves out what it does not name', async () => {
    await call('PUT', '/secrets/patched', { value: '1' });
    const newest = await call('PUT', '/secrets/patched', { value: '2', tags: { a: 'b' }, contentType: 'x' });
    const changed = await call('PATCH', '/secrets/patched', { contentType: 'y' });
    expect(changed.body).toMatchObject({ id: newest.body.id, contentType: 'y', tags: { a: 'b' } });
    const versions = (await call('GET', '/secrets/patched/versions')).body.value;
    expect(versions.filter((item: { contentType?: string }) => item.contentType === 'y')).toHaveLength(1);
  });

  test('deleted secrets are listed with the days they have left', async () => {
    const at = { vault: 'short' };
    await call('PUT', '/secrets/gone', { value: '1' }, at);
    await call('PUT', '/secrets/stays', { value: '1' }, at);
    const deleted = (await call('DELETE', '/secrets/gone', undefined, at)).body;
    expect(deleted.scheduledPurgeDate - deleted.deletedDate).toBe(7 * 86_400);
    expect(deleted.attributes).toMatchObject({
      recoverableDays: 7,
      recoveryLevel: expect.stringContaining('Customized'),
    });
    const listed = (await call('GET', '/deletedsecrets', undefined, at)).body.value;
    expect(listed.map((item: { id: string }) => item.id.split('/').at(-1))).toEqual(['gone']);
    expect(JSON.stringify(listed)).not.toContain('"value"');
    const left = (await call('GET', '/secrets', undefined, at)).body.value;
    expect(left.map((item: { id: string }) => item.id.split('/').at(-1))).toEqual(['stays']);
  });

  test.each(['maxresults=0', 'maxresults=x', 'maxresults=1.5', '$skiptoken=bm9ib2R5'])(
    'a list with %s is refused',
    async (query) => {
      expect(await outcome('GET', `/secrets?${query}`)).toBe('400 BadParameter');
      expect(await outcome('GET', `/deletedsecrets?${query}`)).toBe('400 BadParameter');
    },
  );
});
