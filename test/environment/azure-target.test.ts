import { beforeEach, describe, expect, test, vi } from 'vitest';
import { azureCredential } from '../../src/azure/credential.ts';
import { defaultLocalConfig } from '../../src/config/load.ts';
import { azureTarget, networkFetch } from '../../src/environment/azure-target.ts';

const made: unknown[][] = [];
let answer: () => Promise<unknown>;

vi.mock('@azure/identity', () => {
  const credential = (kind: string) =>
    class {
      constructor(...options: unknown[]) {
        made.push([kind, ...options]);
      }
      getToken(...asked: unknown[]): Promise<unknown> {
        made.push(['getToken', ...asked]);
        return answer();
      }
    };
  return {
    AzureCliCredential: credential('cli'),
    ClientSecretCredential: credential('secret'),
    WorkloadIdentityCredential: credential('workload'),
  };
});

beforeEach(() => {
  made.length = 0;
  answer = async () => ({ token: 't', expiresOnTimestamp: 1 });
});

const authorityHost = 'https://login.microsoftonline.com';
const credential = (env: Record<string, string>, tenant?: string) =>
  azureCredential({ env, authorityHost, tenant });

describe('the credential that the environment names', () => {
  const secret = { AZURE_CLIENT_ID: 'app', AZURE_CLIENT_SECRET: 'planted-secret' };
  const workload = { AZURE_CLIENT_ID: 'app', AZURE_FEDERATED_TOKEN_FILE: '/var/token' };

  test.each<[string, Record<string, string>, string | undefined, unknown[]]>([
    ['nothing: the Azure CLI', {}, undefined, ['cli', {}]],
    ['a tenant only: the Azure CLI in it', {}, 't1', ['cli', { tenantId: 't1' }]],
    ['a client id only: the Azure CLI', { AZURE_CLIENT_ID: 'identity' }, 't1', ['cli', { tenantId: 't1' }]],
    [
      'a secret',
      { ...secret, AZURE_TENANT_ID: 't2' },
      undefined,
      ['secret', 't2', 'app', 'planted-secret', { authorityHost }],
    ],
    [
      'a secret, the tenant in smartfhir.yaml',
      secret,
      't1',
      ['secret', 't1', 'app', 'planted-secret', { authorityHost }],
    ],
    [
      'a secret, another tenant in smartfhir.yaml',
      { ...secret, AZURE_TENANT_ID: 't2' },
      't1',
      ['secret', 't1', 'app', 'planted-secret', { authorityHost }],
    ],
    [
      'a federated token',
      { ...workload, AZURE_TENANT_ID: 't2' },
      undefined,
      ['workload', { tenantId: 't2', clientId: 'app', tokenFilePath: '/var/token', authorityHost }],
    ],
    [
      'both: the secret',
      { ...workload, ...secret, AZURE_TENANT_ID: 't2' },
      undefined,
      ['secret', 't2', 'app', 'planted-secret', { authorityHost }],
    ],
    [
      'empty variables, as CI sets them: the Azure CLI',
      { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '', AZURE_TENANT_ID: '' },
      undefined,
      ['cli', {}],
    ],
  ])('%s', async (_, env, tenant, expected) => {
    await credential(env, tenant);
    expect(made).toEqual([expected]);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a secret without a tenant', secret, /AZURE_TENANT_ID/],
    ['a secret without a client', { AZURE_CLIENT_SECRET: 's', AZURE_TENANT_ID: 't' }, /AZURE_CLIENT_ID/],
    ['a federated token without a tenant', workload, /AZURE_TENANT_ID/],
  ])('%s never ends in somebody else’s session of the Azure CLI', async (_, env, missing) => {
    await expect(credential(env)).rejects.toMatchObject({
      code: 'MISSING_INPUT',
      message: expect.stringMatching(missing),
    });
    expect(made).toEqual([]);
  });
});

describe('signing in', () => {
  test('hands on what was asked for and what came', async () => {
    const signal = new AbortController().signal;
    const token = await (await credential({})).getToken('s/.default', { abortSignal: signal });
    expect(token).toEqual({ token: 't', expiresOnTimestamp: 1 });
    expect(made[1]).toEqual(['getToken', 's/.default', { abortSignal: signal }]);
  });

  test('that fails names the code of Entra, and not its message', async () => {
    answer = () => Promise.reject(new Error('AADSTS7000215: Invalid client secret planted-secret provided'));
    const env = { AZURE_CLIENT_ID: 'a', AZURE_CLIENT_SECRET: 's', AZURE_TENANT_ID: 't' };
    await expect((await credential(env)).getToken('s')).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      exitCode: 4,
      message: 'signing in with client-secret failed: AADSTS7000215',
      command: 'smartfhir explain AADSTS7000215',
    });
  });

  test('that fails for want of a session says how to get one', async () => {
    answer = () => Promise.reject(new Error("Please run 'az login'"));
    await expect((await credential({})).getToken('s')).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      command: 'az login',
    });
  });
});

describe('Azure as a target', () => {
  const config = (cloud: 'public' | 'usgovernment') => {
    const base = defaultLocalConfig();
    return { ...base, azure: { ...base.azure, cloud } };
  };

  test('the public cloud has everything', async () => {
    const target = await azureTarget(config('public'), {});
    expect(target).toMatchObject({
      name: 'Azure',
      features: { flexConsumption: true, apimConsumption: true },
      endpoints: { arm: 'https://management.azure.com', fhirSuffix: 'fhir.azurehealthcareapis.com' },
    });
    expect(target.fetch).toBe(networkFetch);
  });

  test('US Government has its own hosts throughout, and neither Flex nor APIM Consumption', async () => {
    const target = await azureTarget(config('usgovernment'), {
      AZURE_CLIENT_ID: 'a',
      AZURE_CLIENT_SECRET: 's',
      AZURE_TENANT_ID: 't',
    });
    expect(target.features).toEqual({ flexConsumption: false, apimConsumption: false });
    for (const host of Object.values(target.endpoints)) expect(host).toMatch(/\.us$|\.net$|usgovcloudapi/);
    expect(Object.values(target.endpoints).filter((host) => /azure\.com|\.azure\.net$/.test(host))).toEqual(
      [],
    );
    expect(made).toEqual([['secret', 't', 'a', 's', { authorityHost: 'https://login.microsoftonline.us' }]]);
  });

  test('hosts that ARM names become https origins, and nothing else does', async () => {
    const { publicOrigin } = await azureTarget(config('public'), {});
    expect(publicOrigin('claims.azure-api.net')).toBe('https://claims.azure-api.net');
    for (const host of ['a.example/path', 'user@a.example', 'a.example:8080', '', 'a b'])
      expect(() => publicOrigin(host), host).toThrow(/ARM named the host/);
  });
});
