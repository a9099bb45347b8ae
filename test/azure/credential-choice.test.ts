import { describe, expect, test } from 'vitest';
import { azureCredential } from '../../src/azure/credential.ts';
import { azureHint, ERROR_HINTS } from '../../src/azure/error-hints.ts';

const authorityHost = 'https://login.microsoftonline.com';
const SECRET = 'a secret nobody may see';

describe('a credential that is named by half is refused, not replaced by another session', () => {
  test.each<[string, Record<string, string>, string | undefined, string]>([
    ['a secret alone', { AZURE_CLIENT_SECRET: SECRET }, undefined, 'AZURE_CLIENT_ID and AZURE_TENANT_ID'],
    ['no client', { AZURE_CLIENT_SECRET: SECRET, AZURE_TENANT_ID: 't' }, undefined, 'AZURE_CLIENT_ID'],
    ['no tenant', { AZURE_CLIENT_SECRET: SECRET, AZURE_CLIENT_ID: 'c' }, undefined, 'AZURE_TENANT_ID'],
    [
      'an empty client',
      { AZURE_CLIENT_SECRET: SECRET, AZURE_CLIENT_ID: '', AZURE_TENANT_ID: 't' },
      undefined,
      'AZURE_CLIENT_ID',
    ],
    ['an empty tenant', { AZURE_CLIENT_SECRET: SECRET, AZURE_CLIENT_ID: 'c' }, '', 'AZURE_TENANT_ID'],
    ['a token file alone', { AZURE_FEDERATED_TOKEN_FILE: '/t' }, 't', 'AZURE_CLIENT_ID'],
  ])('%s', async (_, env, tenant, missing) => {
    const refused = azureCredential({ env, authorityHost, tenant });
    await expect(refused).rejects.toMatchObject({
      code: 'MISSING_INPUT',
      message: expect.stringMatching(new RegExp(`is set, ${missing} is not$`)),
      fix: expect.stringContaining(`set ${missing}`),
    });
    await expect(refused).rejects.not.toThrow(SECRET);
  });
});

describe('what a failing sign-in says', () => {
  test('a token file that is not there: which credential it was, and what to check', async () => {
    const credential = await azureCredential({
      env: { AZURE_FEDERATED_TOKEN_FILE: '/nonexistent/token', AZURE_CLIENT_ID: 'c' },
      authorityHost,
      tenant: 'contoso.onmicrosoft.com',
    });
    await expect(credential.getToken('https://management.azure.com/.default')).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: 'signing in with workload-identity failed',
      fix: expect.stringContaining('federated credential'),
      command: 'smartfhir explain AUTH_FAILED',
    });
  });

  test('the secret goes before the token file', async () => {
    const env = {
      AZURE_CLIENT_SECRET: SECRET,
      AZURE_FEDERATED_TOKEN_FILE: '/nonexistent/token',
      AZURE_CLIENT_ID: 'c',
    };
    await expect(azureCredential({ env, authorityHost, tenant: undefined })).rejects.toThrow(
      'AZURE_CLIENT_SECRET is set',
    );
  });
});

describe('hints', () => {
  test.each(Object.keys(ERROR_HINTS))('%s is found in any case, and says cause and fix', (code) => {
    for (const spelling of [code, code.toLowerCase(), code.toUpperCase()]) {
      expect(azureHint(spelling)).toEqual({ code, ...ERROR_HINTS[code] });
    }
    expect(ERROR_HINTS[code]?.cause).not.toBe('');
    expect(ERROR_HINTS[code]?.fix).not.toBe('');
  });

  test.each(['', 'Nonsense', 'AuthorizationFailed ', 'toString', '__proto__'])('%j has none', (code) => {
    expect(azureHint(code)).toBeUndefined();
  });
});
