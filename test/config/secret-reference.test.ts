import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSecretReference, resolveSecret } from '../../src/config/secret-reference.ts';

test('the three forms, and nothing else', () => {
  expect(parseSecretReference('env:A_B')).toEqual({ kind: 'env', variable: 'A_B' });
  expect(parseSecretReference('file:./x y')).toEqual({ kind: 'file', path: './x y' });
  expect(parseSecretReference('keyvault:my-vault/the-name')).toEqual({
    kind: 'keyvault',
    vault: 'my-vault',
    name: 'the-name',
  });
  for (const text of ['hunter2', 'env:', 'env:a b', 'keyvault:v', 'keyvault:my-vault/a/b', 'vault:x'])
    expect(parseSecretReference(text)).toBeUndefined();
});

test('a reference resolves, and says what is missing without quoting a secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-secret-'));
  await writeFile(join(folder, 's'), 'from a file\n');
  const sources = { env: { X: 'from env' }, folder, keyVault: async () => 'from vault' };
  expect(await resolveSecret('env:X', sources)).toBe('from env');
  expect(await resolveSecret('file:s', sources)).toBe('from a file');
  expect(await resolveSecret('keyvault:vault/name', sources)).toBe('from vault');
  await expect(resolveSecret('env:MISSING', sources)).rejects.toMatchObject({ code: 'MISSING_INPUT' });
  await expect(resolveSecret('file:none', sources)).rejects.toMatchObject({ code: 'MISSING_INPUT' });
  await expect(resolveSecret('keyvault:vault/name', { env: {}, folder })).rejects.toMatchObject({
    code: 'NOT_SUPPORTED',
  });
  await expect(resolveSecret('hunter2', sources)).rejects.toThrow(/^(?!.*hunter2)/);
});
