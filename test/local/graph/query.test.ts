import { describe, expect, test } from 'vitest';
import { withPlainKeys } from '../../../src/local/graph/key-segment.ts';
import { pageOf, selectedFrom } from '../../../src/local/graph/query.ts';
import { flag, instant, list, nullable, oneOf, record, text, uuid } from '../../../src/local/graph/shape.ts';

const BASE = 'https://graph.microsoft.com/v1.0/things';
const ITEMS = [
  { id: '1', name: "O'Brien and sons", on: true, tags: ['a', 'b'], note: null },
  { id: '2', name: 'Miller', on: false, tags: [], note: 'x' },
];
const FILTERABLE = ['id', 'name', 'on', 'tags', 'note'];

function ids(filter: string): unknown[] {
  const url = `${BASE}?${new URLSearchParams({ $filter: filter })}`;
  return pageOf(ITEMS, url, FILTERABLE).value.map((item) => item['id']);
}

describe('$filter', () => {
  test.each([
    ["name eq 'miller'", ['2']],
    ["name eq 'O''Brien and sons'", ['1']],
    ["name eq 'O''Brien and sons' and on eq true", ['1']],
    ["startswith(name, 'o''b')", ['1']],
    ["tags/any(t:t eq 'B')", ['1']],
    ["tags/any(t: t eq 'z')", []],
    ['on eq false', ['2']],
    ['note eq null', ['1']],
    ["name eq 'x' and id eq '1'", []],
  ])('%s', (filter, expected) => {
    expect(ids(filter)).toEqual(expected);
  });

  test.each([
    "other eq 'x'",
    "name ne 'x'",
    'name eq x',
    "name eq 'x' or id eq '1'",
    "contains(name,'x')",
    "tags/any(t:u eq 'x')",
    "name eq 'x'' and id eq '1'",
    '',
  ])('%s is refused', (filter) => {
    expect(() => ids(filter)).toThrow();
  });
});

describe('paging and selection', () => {
  test('pages until nothing is left, keeping the other options', () => {
    const first = pageOf(ITEMS, `${BASE}?$top=1&$select=id`, FILTERABLE);
    expect(first.value).toEqual([{ id: '1' }]);
    const second = pageOf(ITEMS, first['@odata.nextLink']!, FILTERABLE);
    expect(second).toEqual({ value: [{ id: '2' }] });
  });

  test.each(['$top=x', '$top=1000', '$skiptoken=!', '$expand=owners', '$search=x', '$top=1&$top=2'])(
    '%s is refused',
    (query) => {
      expect(() => pageOf(ITEMS, `${BASE}?${query}`, FILTERABLE)).toThrow();
    },
  );

  test('one object shows what is selected, or its default properties; unknown names are ignored', () => {
    expect(selectedFrom(ITEMS[0]!, `${BASE}?$select=id, on,nothing`)).toEqual({ id: '1', on: true });
    expect(selectedFrom(ITEMS[0]!, BASE, ['id'])).toEqual({ id: '1' });
    expect(selectedFrom(ITEMS[0]!, BASE)).toEqual(ITEMS[0]);
    expect(selectedFrom(ITEMS[0]!, `${BASE}?$select=toString`)).toEqual({});
  });
});

describe('key segments', () => {
  test.each([
    ["/v1.0/applications(appId='x')/owners", '/v1.0/applications/appId=x/owners'],
    ["/v1.0/applications(uniqueName='it''s')", "/v1.0/applications/uniqueName=it's"],
    ['/v1.0/applications(uniqueName=%27a%2Fb%27)', '/v1.0/applications/uniqueName=a%2Fb'],
    ["/v1.0/users('a@b.example')", '/v1.0/users/a%40b.example'],
    ['/v1.0/users/%E0%A4%A', '/v1.0/users/%E0%A4%A'],
    ['/v1.0/applications(x)', '/v1.0/applications(x)'],
  ])('%s', (path, expected) => {
    expect(withPlainKeys(`https://graph.microsoft.com${path}`)).toBe(
      `https://graph.microsoft.com${expected}`,
    );
  });
});

describe('shapes', () => {
  const shape = record(
    {
      name: text({ min: 1, max: 5 }),
      on: flag,
      id: uuid,
      at: instant,
      kind: oneOf('A', 'B'),
      tags: list(text(), 2),
      note: nullable(text()),
      inner: record({ deep: flag }),
    },
    { required: ['name'], defaults: { on: false }, readOnly: ['fixed'], notModelled: ['rare'] },
  );

  test('fills in defaults and normalises', () => {
    const id = 'ABCDEF00-0000-4000-8000-000000000000';
    expect(shape({ name: 'x', id, at: '2026-01-01T00:00:00Z', '@odata.type': '#x' }, '')).toEqual({
      name: 'x',
      on: false,
      id: id.toLowerCase(),
      at: '2026-01-01T00:00:00.000Z',
    });
  });

  test.each([
    [null],
    [[]],
    ['text'],
    [{}],
    [{ name: '' }],
    [{ name: null }],
    [{ name: 'too long' }],
    [{ name: 1 }],
    [{ name: 'x', on: 'yes' }],
    [{ name: 'x', id: 'no guid' }],
    [{ name: 'x', at: 'yesterday' }],
    [{ name: 'x', kind: 'C' }],
    [{ name: 'x', tags: {} }],
    [{ name: 'x', tags: ['a', 'b', 'c'] }],
    [{ name: 'x', tags: [null] }],
    [{ name: 'x', inner: { deep: 1 } }],
    [{ name: 'x', inner: { other: true } }],
    [{ name: 'x', fixed: 1 }],
    [{ name: 'x', toString: 1 }],
    [JSON.parse('{"name":"x","__proto__":{"on":true}}')],
  ])('refuses %j', (value) => {
    expect(() => shape(value, '')).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('what is known but not modelled is another refusal', () => {
    expect(() => shape({ name: 'x', rare: 1 }, '')).toThrow(expect.objectContaining({ status: 501 }));
  });
});
