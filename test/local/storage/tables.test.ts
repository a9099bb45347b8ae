import { odata, TableClient, TableServiceClient } from '@azure/data-tables';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Principal, SmallCloud } from '../arm/small-cloud.ts';
import { ACCOUNT, type Call, member, ROLES, send, storageCloud, TABLE } from './storage-cloud.ts';

let cloud: SmallCloud;
let writer: Principal;

beforeEach(async () => {
  cloud = await storageCloud();
  writer = await member(cloud, 'writer', ROLES.tableContributor);
  expect((await call('POST', '/Tables', { body: JSON.stringify({ TableName: 'sessions' }) })).status).toBe(
    201,
  );
});

function call(method: string, path: string, options: Call = {}): Promise<Response> {
  const headers = { accept: 'application/json;odata=minimalmetadata', ...options.headers };
  return send(cloud, method, TABLE + path, { as: writer, ...options, headers });
}

function insert(entity: Record<string, unknown>): Promise<Response> {
  return call('POST', '/sessions', { body: JSON.stringify({ PartitionKey: 'p', ...entity }) });
}

async function codeOf(response: Response): Promise<[number, string]> {
  const body = JSON.parse(await response.text()) as { 'odata.error': { code: string } };
  expect(response.headers.get('x-ms-error-code')).toBe(body['odata.error'].code);
  return [response.status, body['odata.error'].code];
}

async function rows(filter: string): Promise<string[]> {
  const response = await call('GET', `/sessions()?$filter=${encodeURIComponent(filter)}`);
  expect(response.status).toBe(200);
  const body = (await response.json()) as { value: { RowKey: string }[] };
  return body.value.map((item) => item.RowKey);
}

describe('access', () => {
  test('no token, another audience, no role', async () => {
    expect(await codeOf(await send(cloud, 'GET', `${TABLE}/sessions()`))).toEqual([
      401,
      'NoAuthenticationInformation',
    ]);
    const authorization = `Bearer ${await writer.token('https://vault.azure.net')}`;
    const wrong = await send(cloud, 'GET', `${TABLE}/sessions()`, { headers: { authorization } });
    expect(await codeOf(wrong)).toEqual([401, 'InvalidAuthenticationInfo']);
    const forbidden = await call('GET', '/sessions()', { as: cloud.principal('nobody') });
    expect(await codeOf(forbidden)).toEqual([403, 'AuthorizationPermissionMismatch']);
    expect((await call('GET', '/sessions()', { as: cloud.owner })).status).toBe(403);
  });

  test('a blob role opens no table', async () => {
    const other = await member(cloud, 'other', ROLES.blobContributor);
    expect((await call('GET', '/sessions()', { as: other })).status).toBe(403);
  });
});

describe('tables', () => {
  test('exist once, without regard to case, in both planes', async () => {
    const again = await call('POST', '/Tables', { body: JSON.stringify({ TableName: 'Sessions' }) });
    expect(await codeOf(again)).toEqual([409, 'TableAlreadyExists']);
    await cloud.arm('PUT', `${ACCOUNT}/tableServices/default/tables/audit`, {});
    const list = (await (await call('GET', '/Tables')).json()) as { value: { TableName: string }[] };
    expect(list.value.map((item) => item.TableName)).toEqual(['audit', 'sessions']);
    expect((await call('DELETE', "/Tables('audit')")).status).toBe(204);
    expect((await cloud.arm('GET', `${ACCOUNT}/tableServices/default/tables/audit`)).status).toBe(404);
    expect(await codeOf(await call('DELETE', "/Tables('audit')"))).toEqual([404, 'TableNotFound']);
  });

  test('bad names and bodies are refused', async () => {
    const named = (name: unknown): Promise<Response> =>
      call('POST', '/Tables', { body: JSON.stringify({ TableName: name }) });
    expect(await codeOf(await named('a-b'))).toEqual([400, 'InvalidResourceName']);
    expect(await codeOf(await named('tables'))).toEqual([400, 'InvalidResourceName']);
    expect(await codeOf(await named(1))).toEqual([400, 'InvalidInput']);
    expect(await codeOf(await call('POST', '/Tables', { body: '[' }))).toEqual([400, 'InvalidInput']);
  });

  test('deleting one deletes its entities', async () => {
    await insert({ RowKey: '1' });
    await call('DELETE', "/Tables('sessions')");
    expect(await codeOf(await call('GET', '/sessions()'))).toEqual([404, 'TableNotFound']);
    await call('POST', '/Tables', { body: JSON.stringify({ TableName: 'sessions' }) });
    expect(await rows('')).toEqual([]);
  });

  test('batches, policies and service properties are not imitated', async () => {
    expect((await call('POST', '/$batch', { body: '' })).status).toBe(501);
    expect((await call('GET', '/sessions?comp=acl')).status).toBe(501);
    expect((await call('GET', '/?restype=service&comp=properties')).status).toBe(501);
  });
});

describe('entities', () => {
  const one = "/sessions(PartitionKey='p',RowKey='it''s%20one')";

  test('inserted once, read with types', async () => {
    const made = await insert({
      RowKey: "it's one",
      n: 1,
      big: '9007199254740993',
      'big@odata.type': 'Edm.Int64',
      gone: null,
    });
    expect(made.status).toBe(201);
    expect(await codeOf(await insert({ RowKey: "it's one" }))).toEqual([409, 'EntityAlreadyExists']);
    const read = await call('GET', one);
    expect(await read.json()).toMatchObject({
      'odata.etag': made.headers.get('etag'),
      n: 1,
      big: '9007199254740993',
      'big@odata.type': 'Edm.Int64',
    });
    const plain = (await (
      await call('GET', one, { headers: { accept: 'application/json;odata=nometadata' } })
    ).json()) as object;
    expect(Object.keys(plain).sort()).toEqual(['PartitionKey', 'RowKey', 'Timestamp', 'big', 'n']);
    const selected = await (await call('GET', `${one}?$select=n,missing`)).json();
    expect(selected).toMatchObject({ n: 1, missing: null });
  });

  test.each([
    ['no keys', { PartitionKey: undefined }, 'PropertiesNeedValue'],
    ['a slash in a key', { RowKey: 'a/b' }, 'OutOfRangeInput'],
    ['a long key', { RowKey: 'a'.repeat(1025) }, 'KeyValueTooLarge'],
    ['an object', { RowKey: '1', x: {} }, 'InvalidInput'],
    ['a bad name', { RowKey: '1', 'a-b': 1 }, 'PropertyNameInvalid'],
    ['a wrong type', { RowKey: '1', x: 'one', 'x@odata.type': 'Edm.Int64' }, 'InvalidInput'],
    ['a long value', { RowKey: '1', x: 'a'.repeat(32 * 1024 + 1) }, 'PropertyValueTooLarge'],
    [
      'many properties',
      Object.fromEntries([['RowKey', '1'], ...Array.from({ length: 253 }, (_, i) => [`p${i}`, i])]),
      'TooManyProperties',
    ],
  ])('%s is refused', async (_, entity, code) => {
    expect(await codeOf(await insert(entity))).toEqual([400, code]);
  });

  test('PUT replaces, MERGE and PATCH merge, both make what is not there', async () => {
    const path = "/sessions(PartitionKey='p',RowKey='1')";
    expect((await call('PUT', path, { body: '{"a":1}' })).status).toBe(204);
    await call('PATCH', path, { body: '{"b":2}' });
    await call('POST', path, { body: '{"c":3}', headers: { 'x-http-method': 'MERGE' } });
    expect(await (await call('GET', path)).json()).toMatchObject({ a: 1, b: 2, c: 3 });
    await call('PUT', path, { body: '{"d":4}' });
    expect(await (await call('GET', path)).json()).not.toHaveProperty('a');
    const mismatch = await call('PUT', path, { body: '{"RowKey":"2"}' });
    expect(mismatch.status).toBe(400);
  });

  test('If-Match decides who was first: one of two updates, one of two deletes', async () => {
    const path = "/sessions(PartitionKey='p',RowKey='1')";
    const etag = (await insert({ RowKey: '1' })).headers.get('etag') ?? '';
    const guarded = { headers: { 'if-match': etag } };
    expect((await call('PUT', path, { body: '{"a":1}', ...guarded })).status).toBe(204);
    expect(await codeOf(await call('PUT', path, { body: '{"a":2}', ...guarded }))).toEqual([
      412,
      'UpdateConditionNotSatisfied',
    ]);
    expect(await codeOf(await call('DELETE', path, guarded))).toEqual([412, 'UpdateConditionNotSatisfied']);
    expect(await codeOf(await call('DELETE', path))).toEqual([400, 'MissingRequiredHeader']);
    const any = { headers: { 'if-match': '*' } };
    expect((await call('DELETE', path, any)).status).toBe(204);
    expect(await codeOf(await call('DELETE', path, any))).toEqual([404, 'ResourceNotFound']);
    expect(await codeOf(await call('PUT', path, { body: '{}', ...any }))).toEqual([404, 'ResourceNotFound']);
  });
});

describe('filters', () => {
  beforeEach(async () => {
    await insert({
      RowKey: '1',
      n: 1,
      on: true,
      at: '2026-01-01T00:00:00Z',
      'at@odata.type': 'Edm.DateTime',
    });
    await insert({
      RowKey: '2',
      n: 2.5,
      on: false,
      at: '2026-06-01T00:00:00.0000001Z',
      'at@odata.type': 'Edm.DateTime',
    });
    await insert({ RowKey: '3', big: '3', 'big@odata.type': 'Edm.Int64', text: "it's" });
  });

  test.each([
    ["PartitionKey eq 'p'", ['1', '2', '3']],
    ["PartitionKey eq 'q'", []],
    ["PartitionKey eq 'p' and RowKey ge '2'", ['2', '3']],
    ['n gt 1', ['2']],
    ['n le 2.5', ['1', '2']],
    ['n ne 1', ['2']],
    ['big eq 3L', ['3']],
    ['big eq 3', ['3']],
    ['on', ['1']],
    ['not on and n gt 0', ['2']],
    ['on eq false or big gt 2', ['2', '3']],
    ["text eq 'it''s'", ['3']],
    ["at lt datetime'2026-03-01T00:00:00Z'", ['1']],
    ["at gt datetime'2026-06-01T00:00:00Z'", ['2']],
    ['(n eq 1 or n eq 2.5) and (on eq true)', ['1']],
    ["n eq '1'", []],
  ])('%s', async (filter, expected) => {
    expect(await rows(filter)).toEqual(expected);
  });

  test.each([
    'n eq',
    'n like 1',
    "n eq 'a",
    '(n eq 1',
    'n eq 1)',
    'startswith(n)',
    "at gt datetime'x'",
    'n eq 1 n',
  ])('%s is refused', async (filter) => {
    const response = await call('GET', `/sessions()?$filter=${encodeURIComponent(filter)}`);
    expect(await codeOf(response)).toEqual([400, 'InvalidInput']);
  });

  test('pages continue where they ended', async () => {
    const first = await call('GET', '/sessions()?$top=2');
    const [pk, rk] = ['nextpartitionkey', 'nextrowkey'].map((name) =>
      first.headers.get(`x-ms-continuation-${name}`),
    );
    const second = await call('GET', `/sessions()?$top=2&NextPartitionKey=${pk}&NextRowKey=${rk}`);
    expect(((await second.json()) as { value: unknown[] }).value).toHaveLength(1);
    expect(second.headers.get('x-ms-continuation-nextrowkey')).toBeNull();
    expect((await call('GET', '/sessions()?$top=1001')).status).toBe(400);
  });
});

describe('the client of Azure, unmodified', () => {
  test('tables, entities of all types, filters, pages, conditional deletes', async () => {
    const options = { httpClient: cloud.httpClient };
    const service = new TableServiceClient(TABLE, writer.credential, options);
    await service.createTable('launches');
    await service.createTable('launches');
    const names: (string | undefined)[] = [];
    for await (const table of service.listTables()) names.push(table.name);
    expect(names).toEqual(['launches', 'sessions']);
    const client = new TableClient(TABLE, 'launches', writer.credential, options);
    const when = new Date('2026-11-24T20:00:00Z');
    const entity = {
      partitionKey: 'client',
      rowKey: 'a=b+c',
      when,
      count: 1,
      big: 2n ** 60n,
      raw: Buffer.from('ab'),
      half: 0.5,
      yes: true,
    };
    await client.createEntity(entity);
    await expect(client.createEntity(entity)).rejects.toMatchObject({
      statusCode: 409,
      details: { odataError: { code: 'EntityAlreadyExists' } },
    });
    const read = await client.getEntity<typeof entity>('client', 'a=b+c');
    expect(read).toMatchObject({ when, count: 1, big: 2n ** 60n, half: 0.5, yes: true });
    expect(Buffer.from(read.raw).toString()).toBe('ab');
    for (let index = 0; index < 5; index += 1)
      await client.upsertEntity({ partitionKey: 'x', rowKey: `${index}`, n: index });
    const found: (string | undefined)[] = [];
    const filter = odata`PartitionKey eq ${'x'} and n ge ${1}`;
    for await (const page of client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 2 })) {
      found.push(...page.map((item) => item.rowKey));
    }
    expect(found).toEqual(['1', '2', '3', '4']);
    await client.updateEntity({ partitionKey: 'client', rowKey: 'a=b+c', extra: 'y' }, 'Merge', {
      etag: read.etag,
    });
    const stale = client.deleteEntity('client', 'a=b+c', { etag: read.etag });
    await expect(stale).rejects.toMatchObject({ statusCode: 412 });
    await client.deleteEntity('client', 'a=b+c');
    await expect(client.getEntity('client', 'a=b+c')).rejects.toMatchObject({ statusCode: 404 });
    await client.deleteTable();
  });
});
