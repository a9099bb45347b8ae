import { beforeAll, describe, expect, test } from 'vitest';
import type { Principal, SmallCloud } from '../arm/small-cloud.ts';
import { type Call, member, ROLES, send, storageCloud, TABLE } from './storage-cloud.ts';

let cloud: SmallCloud;
let writer: Principal;

/** One account for the file; every test has keys or tables of its own, so that no order matters. */
beforeAll(async () => {
  cloud = await storageCloud();
  writer = await member(cloud, 'writer', ROLES.tableContributor);
  await makeTable('things');
});

function call(method: string, path: string, options: Call = {}): Promise<Response> {
  const headers = { accept: 'application/json;odata=minimalmetadata', ...options.headers };
  return send(cloud, method, TABLE + path, { as: writer, ...options, headers });
}

function makeTable(name: string, headers: Record<string, string> = {}): Promise<Response> {
  return call('POST', '/Tables', { body: JSON.stringify({ TableName: name }), headers });
}

function insert(entity: object, table = 'things', headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify({ PartitionKey: 'p', RowKey: crypto.randomUUID(), ...entity });
  return call('POST', `/${table}`, { body, headers });
}

async function outcome(response: Promise<Response>): Promise<string> {
  const { status, headers } = await response;
  return `${status} ${headers.get('x-ms-error-code') ?? ''}`.trim();
}

async function rows(table: string, filter: string): Promise<string[]> {
  const response = await call('GET', `/${table}()?$filter=${encodeURIComponent(filter)}`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { value: { RowKey: string }[] }).value.map((item) => item.RowKey);
}

const at = (pk: string, rk: string) => `/things(PartitionKey='${pk}',RowKey='${rk}')`;

describe('routes', () => {
  test.each([
    ['GET', '/'],
    ['POST', '/$batch'],
    ['GET', '/?comp=properties&restype=service'],
    ['GET', '/things?comp=acl'],
    ['PUT', '/things'],
    ['DELETE', '/things'],
    ['POST', "/things(PartitionKey='p',RowKey='r')"],
    ['GET', "/Tables('things')"],
    ['PUT', '/Tables'],
  ])('%s %s is answered with a refusal', async (method, path) => {
    const { status } = await call(method, path, method === 'GET' ? {} : { body: '{}' });
    expect([400, 501]).toContain(status);
  });

  test.each([
    "/things(PartitionKey='p')",
    "/things(RowKey='r',PartitionKey='p')",
    '/1things',
    '/a/b',
    '/th()x',
  ])('%s is no address', async (path) => {
    expect(await outcome(call('GET', path))).toBe('400 InvalidInput');
  });

  test.each([
    ['GET', '/nothing()', undefined],
    ['POST', '/nothing', '{"PartitionKey":"p","RowKey":"r"}'],
    ['GET', "/nothing(PartitionKey='p',RowKey='r')", undefined],
    ['PUT', "/nothing(PartitionKey='p',RowKey='r')", '{}'],
    ['MERGE', "/nothing(PartitionKey='p',RowKey='r')", '{}'],
    ['DELETE', "/nothing(PartitionKey='p',RowKey='r')", undefined],
    ['DELETE', "/Tables('nothing')", undefined],
  ])('%s %s: no such table', async (method, path, body) => {
    const options = { headers: { 'if-match': '*' }, ...(body === undefined ? {} : { body }) };
    expect(await outcome(call(method, path, options))).toBe('404 TableNotFound');
  });

  test('POST may stand for MERGE', async () => {
    await insert({ PartitionKey: 'merged', RowKey: '1', a: 1 });
    const headers = { 'x-http-method': 'MERGE', 'if-match': '*' };
    const merged = await call('POST', at('merged', '1'), { body: '{"b":2}', headers });
    expect(merged.status).toBe(204);
    expect(await (await call('GET', at('merged', '1'))).json()).toMatchObject({ a: 1, b: 2 });
  });

  test.each(['application/atom+xml', 'text/html'])('answers are not made as %s', async (accept) => {
    expect(await outcome(call('GET', '/things()', { headers: { accept } }))).toBe(
      '415 MediaTypeNotSupported',
    );
  });
});

describe('tables', () => {
  test.each(['ab', 'a'.repeat(64), '1abc', 'a-b', 'a b', ''])('%j is no name', async (name) => {
    expect(await outcome(makeTable(name))).toBe('400 InvalidResourceName');
  });

  test.each(['abc', 'A1b2', 'a'.repeat(63)])('%s is a name', async (name) => {
    expect((await makeTable(name)).status).toBe(201);
  });

  test.each([
    ['no name', '{}'],
    ['a name that is no text', '{"TableName":1}'],
    ['no JSON', '<entry/>'],
    ['a list', '[]'],
  ])('%s is refused', async (_, body) => {
    expect(await outcome(call('POST', '/Tables', { body }))).toBe('400 InvalidInput');
  });

  test('nothing comes back where nothing is wanted', async () => {
    const made = await makeTable('silent', { prefer: 'return-no-content' });
    expect([made.status, await made.text(), made.headers.get('preference-applied')]).toEqual([
      204,
      '',
      'return-no-content',
    ]);
    const entity = await insert({}, 'silent', { prefer: 'return-no-content' });
    expect([entity.status, await entity.text()]).toEqual([204, '']);
    expect(entity.headers.get('etag')).toMatch(/^W\/"datetime'/);
  });

  test('are found by name and listed over pages', async () => {
    for (const name of ['pageA', 'pageB', 'pageC']) await makeTable(name);
    const list = async (query: string) => {
      const response = await call('GET', `/Tables?${query}`);
      const { value } = (await response.json()) as { value: { TableName: string }[] };
      const next = response.headers.get('x-ms-continuation-nexttablename');
      return { names: value.map((item) => item.TableName), next };
    };
    const filter = encodeURIComponent("TableName ge 'page' and TableName lt 'pagf'");
    const first = await list(`$filter=${filter}&$top=2`);
    expect(first.names).toEqual(['pageA', 'pageB']);
    const second = await list(`$filter=${filter}&$top=2&NextTableName=${first.next}`);
    expect(second).toEqual({ names: ['pageC'], next: null });
    expect((await list(`$filter=${encodeURIComponent("TableName eq 'things'")}`)).names).toEqual(['things']);
  });

  test('metadata is as much as is asked for', async () => {
    const keys = async (level: string) =>
      Object.keys(
        (await (
          await call('GET', '/Tables', { headers: { accept: `application/json;odata=${level}` } })
        ).json()) as object,
      );
    expect(await keys('nometadata')).toEqual(['value']);
    expect(await keys('minimalmetadata')).toEqual(['odata.metadata', 'value']);
  });
});

describe('entities', () => {
  const properties = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, i]));

  test.each<[string, object, string]>([
    ['252 properties', properties(252), '201'],
    ['253 properties', properties(253), '400 TooManyProperties'],
    ['a name of 255 characters', { ['n'.repeat(255)]: 1 }, '201'],
    ['a name of 256 characters', { ['n'.repeat(256)]: 1 }, '400 PropertyNameTooLong'],
    ['a name with a dash', { 'a-b': 1 }, '400 PropertyNameInvalid'],
    ['a name that begins with a digit', { '1a': 1 }, '400 PropertyNameInvalid'],
    ['a text of 32 Ki characters', { a: 'x'.repeat(32 * 1024) }, '201'],
    ['a text of one more', { a: 'x'.repeat(32 * 1024 + 1) }, '400 PropertyValueTooLarge'],
    [
      'more than 1 MiB',
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, 'x'.repeat(32 * 1024)])),
      '400 EntityTooLarge',
    ],
    ['a list', { a: [] }, '400 InvalidInput'],
    ['an object', { a: {} }, '400 InvalidInput'],
    ['a type that is no text', { a: 1, 'a@odata.type': 1 }, '400 InvalidInput'],
    ['an unknown type', { a: 'x', 'a@odata.type': 'Edm.Stream' }, '400 InvalidInput'],
    ['a key that is no text', { RowKey: 1 }, '400 InvalidInput'],
    ['no row key', { RowKey: undefined }, '400 PropertiesNeedValue'],
    ['no partition key', { PartitionKey: undefined }, '400 PropertiesNeedValue'],
    ['a key of 1 KiB', { RowKey: 'k'.repeat(1024) }, '201'],
    ['a key of one more', { RowKey: 'k'.repeat(1025) }, '400 KeyValueTooLarge'],
    ['empty keys', { PartitionKey: '', RowKey: '' }, '201'],
    ['a slash in a key', { RowKey: 'a/b' }, '400 OutOfRangeInput'],
    ['a backslash in a key', { RowKey: 'a\\b' }, '400 OutOfRangeInput'],
    ['a hash in a key', { RowKey: 'a#b' }, '400 OutOfRangeInput'],
    ['a question mark in a key', { RowKey: 'a?b' }, '400 OutOfRangeInput'],
    ['a tab in a key', { RowKey: 'a\tb' }, '400 OutOfRangeInput'],
    ['DEL in a key', { RowKey: 'a\u007fb' }, '400 OutOfRangeInput'],
  ])('%s: %s', async (_, entity, expected) => {
    expect(await outcome(insert(entity))).toBe(expected);
  });

  test.each<[string, unknown, boolean]>([
    ['Edm.Int32', 2 ** 31 - 1, true],
    ['Edm.Int32', 2 ** 31, false],
    ['Edm.Int32', 1.5, false],
    ['Edm.Int64', '9223372036854775807', true],
    ['Edm.Int64', '9223372036854775808', false],
    ['Edm.Int64', '-9223372036854775808', true],
    ['Edm.Int64', 'x', false],
    ['Edm.Double', 'NaN', true],
    ['Edm.Double', '-Infinity', true],
    ['Edm.Double', 'one', false],
    ['Edm.Boolean', 'true', false],
    ['Edm.String', 1, false],
    ['Edm.Guid', '3b9f5a70-0000-4000-8000-000000000001', true],
    ['Edm.Guid', '3b9f5a70', false],
    ['Edm.DateTime', '2026-11-24T12:00:00Z', true],
    ['Edm.DateTime', '2026-11-24', false],
    ['Edm.DateTime', '2026-13-24T12:00:00Z', false],
    ['Edm.Binary', 'YWI=', true],
    ['Edm.Binary', 'ab!', false],
  ])('%s %j: %s', async (type, value, fits) => {
    const RowKey = crypto.randomUUID();
    const answer = await insert({ PartitionKey: 'types', RowKey, a: value, 'a@odata.type': type });
    expect(answer.status).toBe(fits ? 201 : 400);
    if (fits) expect(await (await call('GET', at('types', RowKey))).json()).toMatchObject({ a: value });
  });

  test('an annotation that nests without end is refused', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = `{"PartitionKey":"p","RowKey":"deep","a":1,"a@odata.type":${deep}}`;
    expect(await outcome(call('POST', '/things', { body }))).toBe('400 InvalidInput');
    const aside = `{"PartitionKey":"p","RowKey":"deep","b@odata.note":${deep}}`;
    expect(await outcome(call('POST', '/things', { body: aside }))).toBe('400 InvalidInput');
  });

  test('a null is no property', async () => {
    await insert({ PartitionKey: 'null', RowKey: '1', a: null, b: 1 });
    expect(await (await call('GET', at('null', '1'))).json()).not.toHaveProperty('a');
  });

  test('merging cannot go over the limit either', async () => {
    await insert({ PartitionKey: 'many', RowKey: '1', ...properties(252) });
    const headers = { 'if-match': '*' };
    const more = call('PATCH', at('many', '1'), { body: '{"more":1}', headers });
    expect(await outcome(more)).toBe('400 TooManyProperties');
    expect((await call('PATCH', at('many', '1'), { body: '{"p0":"again"}', headers })).status).toBe(204);
  });

  test('keys in the body do not contradict the address', async () => {
    for (const body of ['{"PartitionKey":"x"}', '{"RowKey":"x"}'])
      expect(await outcome(call('PUT', at('p', 'contradicted'), { body }))).toBe('400 KeysMismatch');
    expect(await outcome(call('GET', at('p', 'contradicted')))).toBe('404 ResourceNotFound');
  });

  test('quotes in keys are doubled in the address', async () => {
    await insert({ PartitionKey: "o'p", RowKey: "'" });
    const read = await call('GET', at("o''p", "''"));
    expect(await read.json()).toMatchObject({ PartitionKey: "o'p", RowKey: "'" });
  });

  test('a selection shows what was asked for, and null for what is not there', async () => {
    await insert({ PartitionKey: 'chosen', RowKey: '1', a: 1, b: 2 });
    const headers = { accept: 'application/json;odata=nometadata' };
    const read = await call('GET', `${at('chosen', '1')}?$select=a,missing`, { headers });
    expect(await read.json()).toEqual({ a: 1, missing: null });
  });

  test('full metadata names the type, the id and the link', async () => {
    await insert({ PartitionKey: 'full', RowKey: "it's", a: 1 });
    const headers = { accept: 'application/json;odata=fullmetadata' };
    const read = await call('GET', at('full', "it''s"), { headers });
    expect(await read.json()).toMatchObject({
      'odata.type': expect.stringMatching(/\.things$/),
      'odata.id': `${TABLE}/things(PartitionKey='full',RowKey='it''s')`,
      'odata.editLink': "things(PartitionKey='full',RowKey='it''s')",
      'Timestamp@odata.type': 'Edm.DateTime',
      a: 1,
    });
  });
});

describe('queries', () => {
  beforeAll(async () => {
    await makeTable('typed');
    const guid = '3B9F5A70-0000-4000-8000-000000000001';
    await insert(
      { RowKey: '1', id: guid, 'id@odata.type': 'Edm.Guid', f: 'YWI=', 'f@odata.type': 'Edm.Binary' },
      'typed',
    );
    await insert({ PartitionKey: 'q', RowKey: '2', on: true, text: 'b' }, 'typed');
  });

  test.each([
    ["id eq guid'3b9f5a70-0000-4000-8000-000000000001'", ['1']],
    ["id ne guid'3b9f5a70-0000-4000-8000-000000000001'", []],
    ["f eq X'6162'", ['1']],
    ["f eq binary'6163'", []],
    ["Timestamp gt datetime'2020-01-01T00:00:00Z'", ['1', '2']],
    ["Timestamp lt datetime'2020-01-01T00:00:00Z'", []],
    ["PartitionKey eq 'p' or PartitionKey eq 'q'", ['1', '2']],
    ["not (PartitionKey eq 'p')", ['2']],
    ["text gt 'a' and text lt 'c'", ['2']],
    ['toString eq true', []],
    ['', ['1', '2']],
  ])('%s', async (filter, expected) => {
    expect(await rows('typed', filter)).toEqual(expected);
  });

  test.each([
    ['a filter of more than 32 KiB', `text eq '${'x'.repeat(32 * 1024)}'`],
    ['sixteen comparisons', Array(16).fill('n eq 1').join(' or ')],
    ['sixteen flags', Array(16).fill('on').join(' and ')],
    ['a whole number that is too long', `n eq ${'9'.repeat(20)}L`],
    ['a fraction as a whole number', 'n eq 1.5L'],
    ['deep parentheses', `${'('.repeat(14_000)}n eq 1${')'.repeat(14_000)}`],
    ['many negations', `${'not '.repeat(8_000)}on`],
    ['and without a right side', 'n eq 1 and'],
    ['a literal on the left', "'a' eq text"],
  ])('%s: refused', async (_, filter) => {
    expect(await outcome(call('GET', `/typed()?$filter=${encodeURIComponent(filter)}`))).toBe(
      '400 InvalidInput',
    );
  });

  test('fifteen comparisons are taken', async () => {
    expect(await rows('typed', Array(15).fill("text eq 'b'").join(' or '))).toEqual(['2']);
  });

  test.each(['$top=0', '$top=1001', '$top=x', 'NextPartitionKey=x', 'NextPartitionKey=1!cA&NextRowKey=x'])(
    '%s is refused',
    async (query) => {
      expect(await outcome(call('GET', `/typed()?${query}`))).toBe('400 InvalidInput');
    },
  );
});
