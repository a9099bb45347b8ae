import { describe, expect, test } from 'vitest';
import { parseResources } from '../../src/data/parse.ts';

const patient = { resourceType: 'Patient', id: 'p1' };

describe('parseResources', () => {
  test('reads NDJSON, one resource a line, blank lines skipped', () => {
    expect(
      parseResources(
        `${JSON.stringify(patient)}\n\n${JSON.stringify({ ...patient, id: 'p2' })}\n`,
        'x.ndjson',
      ),
    ).toHaveLength(2);
  });

  test('reads one resource', () => {
    expect(parseResources(JSON.stringify(patient), 'x.json')).toEqual([patient]);
  });

  test('reads the entries of a Bundle', () => {
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient }] };
    expect(parseResources(JSON.stringify(bundle, null, 2), 'x.json')).toEqual([patient]);
  });

  test.each([
    ['broken JSON', `${JSON.stringify(patient)}\n{"resourceType":`, 'x.ndjson:2'],
    ['no id', '{"resourceType":"Patient"}', 'x.ndjson:1'],
    ['an id that is a path', '{"resourceType":"Patient","id":"../x"}', 'x.ndjson:1'],
    ['an entry without resource', '{"resourceType":"Bundle","entry":[{}]}', 'x.ndjson: entry 0'],
    ['an array', '[1,2]', 'x.ndjson:1'],
  ])('refuses %s and names the place', (_name, text, place) => {
    expect(() => parseResources(text, 'x.ndjson')).toThrow(place);
  });
});
