import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configJsonSchema, keysAt } from '../../src/config/json-schema.ts';
import { packageRoot } from '../../src/core/assets.ts';

test('the committed schema is the one the code has', async () => {
  const committed = await readFile(join(packageRoot(), 'schema', 'smartfhir.schema.json'), 'utf8');
  expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test('known keys by path', () => {
  expect(keysAt([])).toContain('environments');
  expect(keysAt(['clients', 'anything'])).toContain('redirectUris');
  expect(keysAt(['environments', 'dev', 'server'])).toContain('otherPatient');
  expect(keysAt(['name'])).toEqual([]);
});
