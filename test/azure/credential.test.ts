import { afterEach, expect, test } from 'vitest';
import { azureCredential } from '../../src/azure/credential.ts';

const PATH = process.env['PATH'];

afterEach(() => {
  process.env['PATH'] = PATH;
});

test('without an Azure CLI the ways to sign in are named', async () => {
  process.env['PATH'] = '/nonexistent';
  const credential = await azureCredential({
    env: {},
    authorityHost: 'https://login.microsoftonline.com',
    tenant: undefined,
  });
  await expect(credential.getToken('https://management.azure.com/.default')).rejects.toMatchObject({
    code: 'AUTH_FAILED',
    why: expect.stringContaining('the Azure CLI is not installed'),
    fix: expect.stringContaining('AZURE_CLIENT_SECRET'),
  });
});
