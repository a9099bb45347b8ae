import { describe, expect, test } from 'vitest';
import type { ArmBody } from '../../src/azure/arm.ts';
import { refusal } from '../../src/azure/failure.ts';
import {
  type ArmContent,
  contentDiff,
  textAt,
  unlessUnregistered,
} from '../../src/provision/arm-resource.ts';

const have = (more: Partial<ArmBody> = {}): ArmBody => ({ id: '/x', name: 'x', properties: {}, ...more });

describe('what differs', () => {
  test.each<[string, ArmContent, Partial<ArmBody>, readonly string[]]>([
    ['nothing', { properties: { a: 1 } }, { properties: { a: 1 } }, []],
    [
      'members that nobody asked for',
      { properties: { a: 1 } },
      { tags: { t: 'v' }, properties: { a: 1, b: 2 } },
      [],
    ],
    [
      'a location as Azure displays it',
      { location: 'eastus2', properties: {} },
      { location: 'East US 2' },
      [],
    ],
    [
      'an id in another case',
      { properties: { serverFarmId: '/subscriptions/S/x' } },
      { properties: { serverFarmId: '/SUBSCRIPTIONS/s/X' } },
      [],
    ],
    ['a value', { properties: { a: 1 } }, { properties: { a: 2 } }, ['properties.a']],
    ['a member that is not there', { properties: { a: { b: 1 } } }, {}, ['properties.a.b']],
    [
      'a text where an object was asked for',
      { properties: { a: { b: 1 } } },
      { properties: { a: 'b' } },
      ['properties.a.b'],
    ],
    ['one item of a list', { properties: { a: [1, 2] } }, { properties: { a: [1, 3] } }, ['properties.a']],
    ['the order of a list', { properties: { a: [1, 2] } }, { properties: { a: [2, 1] } }, ['properties.a']],
    ['equal lists', { properties: { a: [1, 2] } }, { properties: { a: [1, 2] } }, []],
    ['another SKU', { sku: { name: 'B1' }, properties: {} }, { sku: { name: 'B2' } }, ['sku.name']],
  ])('%s', (_, want, there, fields) => {
    expect(contentDiff(want, have(there), []).map(({ field }) => field)).toEqual(fields);
  });

  test('what cannot be changed makes a replacement of it', () => {
    const want: ArmContent = { location: 'eastus', properties: { tenantId: 'a', other: 1 } };
    const there = have({ location: 'westus', properties: { tenantId: 'b', other: 2 } });
    const told = contentDiff(want, there, ['location', 'properties.tenantId']);
    expect(told.filter(({ replaces }) => replaces === true).map(({ field }) => field)).toEqual([
      'location',
      'properties.tenantId',
    ]);
  });

  test.each(['Failed', 'Canceled'])('%s: the resource is written again though all else fits', (state) => {
    expect(contentDiff({ properties: {} }, have({ properties: { provisioningState: state } }), [])).toEqual([
      expect.objectContaining({ field: 'provisioningState', from: state, to: 'Succeeded' }),
    ]);
  });

  test.each(['Succeeded', 'Updating'])('%s: it is not', (state) => {
    expect(contentDiff({ properties: {} }, have({ properties: { provisioningState: state } }), [])).toEqual(
      [],
    );
  });
});

test('a text of an answer is there or the belief about it is wrong', () => {
  const body = have({ properties: { url: 'https://a', empty: '', number: 7, deep: { a: 'b' } } });
  expect(textAt(body, 'properties', 'url')).toBe('https://a');
  expect(textAt(body, 'properties', 'deep', 'a')).toBe('b');
  for (const path of [['empty'], ['number'], ['absent'], ['url', 'further'], ['deep']])
    expect(() => textAt(body, 'properties', ...path)).toThrow(`/x was answered without properties.`);
});

test('a provider that is not registered is no answer; another refusal is one', async () => {
  const refused = (code: string) => () =>
    Promise.reject(refusal('POST x', 409, JSON.stringify({ error: { code, message: 'm' } })));
  expect(await unlessUnregistered(async () => 1)).toBe(1);
  expect(await unlessUnregistered(refused('MissingSubscriptionRegistration'))).toBeUndefined();
  await expect(unlessUnregistered(refused('Conflict'))).rejects.toThrow('Conflict');
  await expect(unlessUnregistered(() => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
});
