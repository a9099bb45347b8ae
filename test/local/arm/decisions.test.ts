import { beforeAll, describe, expect, test } from 'vitest';
import { assignRole, isAllowed } from '../../../src/local/rbac.ts';
import {
  GROUP,
  type Principal,
  type SmallCloud,
  SUBSCRIPTION,
  smallCloud,
  withGroup,
} from './small-cloud.ts';

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const PROVIDERS = `${GROUP}/providers`;
const VAULT = `${PROVIDERS}/Microsoft.KeyVault/vaults/vault-1`;
const ACCOUNT = `${PROVIDERS}/Microsoft.Storage/storageAccounts/acct1`;
const WORKSPACE = `${PROVIDERS}/Microsoft.HealthcareApis/workspaces/ws1`;
const SOMEBODY = '33333333-3333-4333-8333-333333333333';
const FHIR = 'Microsoft.HealthcareApis/workspaces/fhirservices/resources';
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices';
const ENTITIES = 'Microsoft.Storage/storageAccounts/tableServices/tables/entities';
const SECRETS = 'Microsoft.KeyVault/vaults/secrets';
const APIM = 'Microsoft.ApiManagement/service';

/** Rows of Microsoft's table of built-in roles, as questions about one action. */
describe('built-in roles', () => {
  test.each<[string, 'data' | 'management', string, boolean]>([
    ['Owner', 'management', 'Microsoft.Authorization/roleAssignments/delete', true],
    ['Owner', 'data', `${FHIR}/read`, false],
    ['Owner', 'data', `${BLOBS}/containers/blobs/read`, false],
    ['Contributor', 'management', 'Microsoft.Authorization/roleAssignments/read', true],
    ['Contributor', 'management', 'Microsoft.Authorization/roleAssignments/delete', false],
    ['Contributor', 'management', 'Microsoft.Authorization/elevateAccess/Action', false],
    ['Contributor', 'management', 'Microsoft.Storage/storageAccounts/listKeys/action', true],
    ['Contributor', 'data', `${SECRETS}/getSecret/action`, false],
    ['Reader', 'management', 'Microsoft.Storage/storageAccounts/listKeys/action', false],
    ['Reader', 'management', `${APIM}/read`, true],
    ['Reader', 'data', `${BLOBS}/containers/blobs/read`, false],
    ['User Access Administrator', 'management', 'Microsoft.Authorization/roleAssignments/write', true],
    ['User Access Administrator', 'management', 'Microsoft.KeyVault/vaults/write', false],
    [
      'Role Based Access Control Administrator',
      'management',
      'Microsoft.Authorization/roleAssignments/write',
      true,
    ],
    ['Role Based Access Control Administrator', 'management', 'Microsoft.KeyVault/vaults/write', false],
    ['FHIR Data Reader', 'data', `${FHIR}/read`, true],
    ['FHIR Data Reader', 'data', `${FHIR}/write`, false],
    ['FHIR Data Reader', 'data', `${FHIR}/export/action`, false],
    ['FHIR Data Writer', 'data', `${FHIR}/write`, true],
    ['FHIR Data Writer', 'data', `${FHIR}/delete`, true],
    ['FHIR Data Writer', 'data', `${FHIR}/hardDelete/action`, false],
    ['FHIR Data Writer', 'data', `${FHIR}/smart/action`, false],
    ['FHIR Data Contributor', 'data', `${FHIR}/hardDelete/action`, true],
    ['FHIR Data Contributor', 'data', `${FHIR}/export/action`, true],
    ['FHIR Data Exporter', 'data', `${FHIR}/read`, true],
    ['FHIR Data Exporter', 'data', `${FHIR}/write`, false],
    ['FHIR Data Importer', 'data', `${FHIR}/import/action`, true],
    ['FHIR Data Importer', 'data', `${FHIR}/export/action`, false],
    ['FHIR Data Converter', 'data', `${FHIR}/read`, false],
    ['FHIR SMART User', 'data', `${FHIR}/read`, true],
    ['FHIR SMART User', 'data', `${FHIR}/delete`, false],
    ['FHIR SMART User', 'management', 'Microsoft.HealthcareApis/workspaces/read', false],
    ['Storage Blob Data Reader', 'data', `${BLOBS}/containers/blobs/write`, false],
    ['Storage Blob Data Reader', 'management', `${BLOBS}/generateUserDelegationKey/action`, true],
    ['Storage Blob Data Contributor', 'data', `${BLOBS}/containers/blobs/delete`, true],
    [
      'Storage Blob Data Contributor',
      'management',
      'Microsoft.Storage/storageAccounts/listKeys/action',
      false,
    ],
    ['Storage Blob Data Owner', 'data', `${BLOBS}/containers/blobs/manageOwnership/action`, true],
    ['Storage Blob Data Contributor', 'data', `${BLOBS}/containers/blobs/manageOwnership/action`, false],
    ['Storage Table Data Contributor', 'data', `${ENTITIES}/add/action`, true],
    ['Storage Table Data Contributor', 'data', `${BLOBS}/containers/blobs/read`, false],
    ['Key Vault Secrets User', 'data', `${SECRETS}/readMetadata/action`, true],
    ['Key Vault Secrets User', 'data', `${SECRETS}/delete`, false],
    ['Key Vault Secrets Officer', 'data', `${SECRETS}/purge/action`, true],
    ['Key Vault Secrets Officer', 'data', 'Microsoft.KeyVault/vaults/keys/read', false],
    ['Key Vault Secrets Officer', 'management', 'Microsoft.KeyVault/vaults/write', false],
    ['Key Vault Administrator', 'data', 'Microsoft.KeyVault/vaults/keys/read', true],
    ['API Management Service Contributor', 'management', `${APIM}/apis/write`, true],
    ['API Management Service Operator Role', 'management', `${APIM}/apis/write`, false],
    ['API Management Service Operator Role', 'management', `${APIM}/write`, true],
    ['API Management Service Reader Role', 'management', `${APIM}/users/keys/read`, false],
    ['API Management Service Reader Role', 'management', `${APIM}/apis/read`, true],
    ['Website Contributor', 'management', 'Microsoft.Web/sites/write', true],
    ['Website Contributor', 'management', 'Microsoft.Web/serverfarms/write', false],
  ])('%s, %s: %s → %s', (role, plane, action, expected) => {
    const { fabric } = smallCloud();
    assignRole(fabric, { principalId: SOMEBODY, role, scope: GROUP });
    const question = { principalId: SOMEBODY, scope: VAULT, action, data: plane === 'data' };
    expect(isAllowed(fabric, question)).toBe(expected);
  });

  test('the same grant given twice is one; a role nobody knows is none', () => {
    const { fabric } = smallCloud();
    const grant = { principalId: SOMEBODY, role: 'Reader', scope: GROUP };
    const before = fabric.store.db.prepare('SELECT count(*) AS n FROM docs').get()?.['n'];
    assignRole(fabric, grant);
    assignRole(fabric, {
      ...grant,
      scope: GROUP.toUpperCase(),
      role: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    });
    const after = fabric.store.db.prepare('SELECT count(*) AS n FROM docs').get()?.['n'];
    expect(Number(after) - Number(before)).toBe(1);
    expect(() => assignRole(fabric, { ...grant, role: 'Emperor' })).toThrow('Emperor');
  });
});

describe('every route of Azure Resource Manager', () => {
  let cloud: SmallCloud;
  let reader: Principal;

  beforeAll(async () => {
    cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    reader = cloud.principal('reader');
    assignRole(cloud.fabric, { principalId: reader.principalId, role: 'Reader', scope: ROOT });
  });

  const READS: [string, string][] = [
    ['GET', ROOT],
    ['GET', `${ROOT}/locations`],
    ['GET', `${ROOT}/resourceGroups`],
    ['GET', `${ROOT}/resources`],
    ['GET', `${ROOT}/providers`],
    ['GET', `${ROOT}/providers/Microsoft.Authorization/roleAssignments`],
    ['GET', `${ROOT}/providers/Microsoft.Authorization/roleDefinitions`],
    ['GET', `${ROOT}/providers/Microsoft.KeyVault/deletedVaults`],
    ['GET', GROUP],
    ['GET', `${GROUP}/resources`],
    ['GET', `${PROVIDERS}/Microsoft.KeyVault/vaults`],
    ['GET', WORKSPACE],
    ['GET', `${WORKSPACE}/fhirservices`],
  ];
  const WRITES: [string, string][] = [
    ['PUT', GROUP],
    ['PATCH', GROUP],
    ['DELETE', GROUP],
    ['POST', `${ROOT}/providers/Microsoft.KeyVault/register`],
    ['POST', `${ROOT}/providers/Microsoft.KeyVault/unregister`],
    ['POST', `${ROOT}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/vault-1/purge`],
    ['PUT', VAULT],
    ['PATCH', VAULT],
    ['DELETE', VAULT],
    ['PUT', WORKSPACE],
    ['DELETE', WORKSPACE],
    ['PUT', `${WORKSPACE}/fhirservices/fhir-1`],
    ['DELETE', `${WORKSPACE}/fhirservices/fhir-1`],
    ['PUT', ACCOUNT],
    ['DELETE', ACCOUNT],
    ['POST', `${ACCOUNT}/listKeys`],
    ['POST', `${ACCOUNT}/regenerateKey`],
    ['PUT', `${ACCOUNT}/blobServices/default`],
    ['PUT', `${ACCOUNT}/blobServices/default/containers/box`],
    ['DELETE', `${ACCOUNT}/tableServices/default/tables/things`],
    ['PUT', `${GROUP}/providers/Microsoft.Authorization/roleAssignments/${SOMEBODY}`],
    ['DELETE', `${GROUP}/providers/Microsoft.Authorization/roleAssignments/${SOMEBODY}`],
  ];

  /** The version that suits the route; lists below the subscription are the manager's own. */
  function version(path: string): { version?: string } {
    if (/\/deletedVaults/.test(path)) return { version: '2026-02-01' };
    if (/\/providers\/Microsoft\.KeyVault\/(un)?register$/.test(path)) return { version: '2025-04-01' };
    return {};
  }

  test.each([...READS, ...WRITES])('%s %s is closed to somebody without a role', async (method, path) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : { location: 'eastus' };
    const options = { as: cloud.principal('nobody'), ...version(path) };
    const answer = await cloud.arm(method, path, body, options);
    expect([answer.status, answer.body?.error?.code]).toEqual([403, 'AuthorizationFailed']);
  });

  test.each(WRITES)('%s %s is closed to a reader', async (method, path) => {
    const body = method === 'DELETE' ? undefined : { location: 'eastus' };
    const answer = await cloud.arm(method, path, body, { as: reader, ...version(path) });
    expect([answer.status, answer.body?.error?.code]).toEqual([403, 'AuthorizationFailed']);
  });

  test.each(READS)('%s %s is open to a reader', async (method, path) => {
    expect((await cloud.arm(method, path, undefined, { as: reader, ...version(path) })).status).toBe(200);
  });

  test.each([...READS, ...WRITES])('%s %s is closed without a token', async (method, path) => {
    const url = `https://management.azure.com${path}?api-version=2025-04-01`;
    expect((await cloud.fetch(new Request(url, { method }))).status).toBe(401);
  });
});
