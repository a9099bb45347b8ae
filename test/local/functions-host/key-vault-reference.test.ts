import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { inProcessTarget } from '../../../src/local/laptop-target.ts';
import {
  bearer,
  type FunctionApp,
  functionApp,
  packageOf,
  SECRETS_OFFICER,
  SECRETS_USER,
} from './function-app.ts';

const SOURCE = `
import { app } from '@azure/functions';
app.http('setting', { authLevel: 'anonymous', handler: async () => {
  console.log('the secret is ' + process.env.SECRET);
  return { body: process.env.SECRET };
} });
`;
const SECRET_URI = 'https://vault1.vault.azure.net/secrets/planted';
const VALUE = 'planted-secret-value';

let cloud: Cloud;
let app: FunctionApp;
let vaultId: string;
const lines: unknown[] = [];

beforeAll(async () => {
  cloud = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line) });
  app = await functionApp(cloud);
  const target = inProcessTarget(cloud);
  vaultId = `${app.siteId.split('/Microsoft.Web/')[0]}/Microsoft.KeyVault/vaults/vault1`;
  const made = await app.arm('PUT', vaultId, vaultBody(), '2023-07-01');
  if (made.status > 201) throw new Error(JSON.stringify(made));
  await app.assign(SECRETS_OFFICER, vaultId, cloud.deployer.principalId);
  const put = await cloud.fetch(
    new Request(`${SECRET_URI}?api-version=7.4`, {
      method: 'PUT',
      body: JSON.stringify({ value: VALUE }),
      headers: {
        authorization: await bearer(target, 'https://vault.azure.net/.default'),
        'content-type': 'application/json',
      },
    }),
  );
  if (put.status !== 200) throw new Error(`${put.status} ${await put.text()}`);
  await app.publish(await packageOf(SOURCE));
}, 30_000);

afterAll(() => cloud.close());

async function settingFor(reference: string): Promise<string> {
  await app.settings({ SECRET: reference });
  return (await app.get('/api/setting')).text();
}

describe('a Key Vault reference', () => {
  test('without the role stays what it is, and the log says why', async () => {
    const reference = `@Microsoft.KeyVault(SecretUri=${SECRET_URI})`;
    expect(await settingFor(reference)).toBe(reference);
    expect(JSON.stringify(lines)).toContain('answered 403');
  });

  test.each([
    `SecretUri=${SECRET_URI}`,
    `SecretUri=${SECRET_URI}/`,
    'VaultName=vault1;SecretName=planted',
    'VaultName=vault1; SecretName=planted',
  ])('%s is resolved by the identity of the app', async (reference) => {
    await app.assign(SECRETS_USER, vaultId).catch(() => undefined);
    expect(await settingFor(`@Microsoft.KeyVault(${reference})`)).toBe(VALUE);
  });

  test.each([
    'SecretUri=https://vault1.vault.azure.net/secrets/unknown',
    'SecretUri=https://example.com/secrets/planted',
    'SecretUri=https://vault1.vault.azure.net/keys/planted',
    'nonsense',
    'SecretName=planted',
  ])('%s is left alone', async (reference) => {
    const text = `@Microsoft.KeyVault(${reference})`;
    expect(await settingFor(text)).toBe(text);
  });

  test('its value never reaches the log', () => {
    expect(JSON.stringify(lines)).toContain('the secret is ‹');
    expect(JSON.stringify(lines)).not.toContain(VALUE);
  });
});

function vaultBody(): unknown {
  const properties = {
    tenantId: cloud.fabric.tenantId,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
  };
  return { location: 'westeurope', properties };
}
