import { HealthcareApisManagementClient } from '@azure/arm-healthcareapis';
import { describe, expect, test } from 'vitest';
import { DAY } from '../../../src/core/clock.ts';
import { findPrincipal } from '../../../src/local/directory/identities.ts';
import { GROUP, type SmallCloud, SUBSCRIPTION, smallCloud, TENANT, withGroup } from './small-cloud.ts';

const WORKSPACE = `${GROUP}/providers/Microsoft.HealthcareApis/workspaces/ws1`;
const FHIR = `${WORKSPACE}/fhirservices/fhir-1`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/acct1`;

const vaultBody = (extra: Record<string, unknown> = {}) => ({
  location: 'eastus',
  properties: {
    tenantId: TENANT,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
    ...extra,
  },
});
const fhirBody = (properties: Record<string, unknown> = {}, extra: Record<string, unknown> = {}) => ({
  location: 'eastus',
  kind: 'fhir-R4',
  properties,
  ...extra,
});
const accountBody = (properties: Record<string, unknown> = {}, extra: Record<string, unknown> = {}) => ({
  location: 'eastus',
  kind: 'StorageV2',
  sku: { name: 'Standard_LRS' },
  properties,
  ...extra,
});

async function withWorkspace(): Promise<SmallCloud> {
  const cloud = await withGroup(smallCloud());
  await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
  return cloud;
}

describe('FHIR services', () => {
  test('have a whole body, with their audience and authority', async () => {
    const cloud = await withWorkspace();
    expect((await cloud.arm('PUT', FHIR, fhirBody())).status).toBe(201);
    const { body } = await cloud.arm('GET', FHIR);
    expect(body).toMatchObject({
      id: FHIR,
      name: 'fhir-1',
      type: 'Microsoft.HealthcareApis/workspaces/fhirservices',
      kind: 'fhir-R4',
      location: 'eastus',
      properties: {
        provisioningState: 'Succeeded',
        publicNetworkAccess: 'Enabled',
        authenticationConfiguration: {
          authority: `https://login.microsoftonline.com/${TENANT}`,
          audience: 'https://ws1-fhir-1.fhir.azurehealthcareapis.com',
        },
      },
      systemData: { createdByType: 'Application' },
    });
    expect(body.etag).toMatch(/^"/);
  });

  test('a PUT replaces the whole configuration; what was read can be sent back', async () => {
    const cloud = await withWorkspace();
    await cloud.arm('PUT', FHIR, fhirBody({ exportConfiguration: { storageAccountName: 'acct1' } }));
    const { body } = await cloud.arm('GET', FHIR);
    expect((await cloud.arm('PUT', FHIR, body)).status).toBe(202);
    expect((await cloud.arm('GET', FHIR)).body.properties.exportConfiguration).toEqual({
      storageAccountName: 'acct1',
    });
    await cloud.arm('PUT', FHIR, fhirBody());
    expect((await cloud.arm('GET', FHIR)).body.properties.exportConfiguration).toBeUndefined();
    const stale = await cloud.arm('PUT', FHIR, body);
    expect([stale.status, stale.body.error.code]).toEqual([412, 'PreconditionFailed']);
  });

  test('a system identity comes with the service and goes with it', async () => {
    const cloud = await withWorkspace();
    await cloud.arm('PUT', FHIR, fhirBody({}, { identity: { type: 'SystemAssigned' } }));
    const { identity } = (await cloud.arm('GET', FHIR)).body;
    expect(identity).toMatchObject({ type: 'SystemAssigned', tenantId: TENANT });
    expect(findPrincipal(cloud.fabric, identity.principalId)?.type).toBe('ServicePrincipal');
    const again = await cloud.arm('PUT', FHIR, fhirBody({}, { identity: { type: 'SystemAssigned' } }));
    expect(again.body.identity.principalId).toBe(identity.principalId);
    await cloud.arm('DELETE', FHIR);
    expect(findPrincipal(cloud.fabric, identity.principalId)).toBeUndefined();
  });

  const authentication = (extra: Record<string, unknown>) => ({ authenticationConfiguration: extra });
  const provider = (extra: Record<string, unknown> = {}) => ({
    authority: 'https://id.example',
    applications: [{ clientId: 'c', audience: 'a', allowedDataActions: ['Read'] }],
    ...extra,
  });

  test.each([
    ['an unknown member', { colour: 'red' }, 400],
    ['an unknown nested member', authentication({ smartProxy: true }), 400],
    ['a wrong type', authentication({ audience: 1 }), 400],
    ['a value outside the list', { publicNetworkAccess: 'Maybe' }, 400],
    ['a bad origin', { corsConfiguration: { origins: ['app.example'] } }, 400],
    ['an age beyond the limit', { corsConfiguration: { maxAge: 100_000 } }, 400],
    ['the retired SMART proxy', authentication({ smartProxyEnabled: true }), 400],
    [
      'three identity providers',
      authentication({
        smartIdentityProviders: [1, 2, 3].map((n) => provider({ authority: `https://${n}.example` })),
      }),
      400,
    ],
    ['one authority twice', authentication({ smartIdentityProviders: [provider(), provider()] }), 400],
    [
      'a provider without applications',
      authentication({ smartIdentityProviders: [provider({ applications: [] })] }),
      400,
    ],
    [
      'a provider without https',
      authentication({ smartIdentityProviders: [provider({ authority: 'http://id.example' })] }),
      400,
    ],
  ])('%s is refused', async (_, properties, status) => {
    const cloud = await withWorkspace();
    const answer = await cloud.arm('PUT', FHIR, fhirBody(properties));
    expect(answer.status).toBe(status);
    expect((await cloud.arm('GET', FHIR)).status).toBe(404);
  });

  test('a hostile origin is judged at once', async () => {
    const cloud = await withWorkspace();
    const origins = [`https://${'a'.repeat(50_000)}!`];
    expect((await cloud.arm('PUT', FHIR, fhirBody({ corsConfiguration: { origins } }))).status).toBe(400);
  });

  test('bad names, missing parents, other kinds, user identities', async () => {
    const cloud = await withWorkspace();
    expect((await cloud.arm('PUT', `${WORKSPACE}/fhirservices/f_1`, fhirBody())).body.error.code).toBe(
      'InvalidResourceName',
    );
    const orphan = await cloud.arm(
      'PUT',
      `${GROUP}/providers/Microsoft.HealthcareApis/workspaces/ws2/fhirservices/f1x`,
      fhirBody(),
    );
    expect([orphan.status, orphan.body.error.code]).toEqual([404, 'ParentResourceNotFound']);
    expect((await cloud.arm('PUT', FHIR, { ...fhirBody(), kind: 'fhir-Stu3' })).status).toBe(501);
    const identity = { type: 'UserAssigned', userAssignedIdentities: {} };
    expect((await cloud.arm('PUT', FHIR, fhirBody({}, { identity }))).status).toBe(501);
    expect((await cloud.arm('PUT', FHIR, { location: 'eastus' })).status).toBe(400);
  });

  test('the client of Azure makes, reads, lists and deletes them, unmodified', async () => {
    const cloud = await withGroup(smallCloud());
    const client = new HealthcareApisManagementClient(cloud.owner.credential, SUBSCRIPTION, {
      httpClient: cloud.httpClient,
    });
    const quick = { updateIntervalInMs: 1 };
    const workspace = await client.workspaces.beginCreateOrUpdateAndWait(
      'rg',
      'ws9',
      { location: 'eastus' },
      quick,
    );
    expect(workspace.properties?.provisioningState).toBe('Succeeded');
    const body = { location: 'eastus', kind: 'fhir-R4', identity: { type: 'SystemAssigned' } };
    const service = await client.fhirServices.beginCreateOrUpdateAndWait('rg', 'ws9', 'f1x', body, quick);
    expect(service.authenticationConfiguration?.audience).toBe(
      'https://ws9-f1x.fhir.azurehealthcareapis.com',
    );
    const names: (string | undefined)[] = [];
    for await (const item of client.fhirServices.listByWorkspace('rg', 'ws9')) names.push(item.name);
    expect(names).toEqual(['f1x']);
    await expect(client.workspaces.beginDeleteAndWait('rg', 'ws9', quick)).rejects.toMatchObject({
      statusCode: 409,
    });
    await client.fhirServices.beginDeleteAndWait('rg', 'f1x', 'ws9', quick);
    await client.workspaces.beginDeleteAndWait('rg', 'ws9', quick);
    await expect(client.workspaces.get('rg', 'ws9')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });
});

describe('workspaces', () => {
  test('bad and taken names are refused', async () => {
    const cloud = await withWorkspace();
    const bad = await cloud.arm('PUT', `${GROUP}/providers/Microsoft.HealthcareApis/workspaces/ws-1`, {
      location: 'eastus',
    });
    expect(bad.body.error.code).toBe('InvalidResourceName');
    await cloud.arm('PUT', `${GROUP}2`, { location: 'eastus' });
    const taken = await cloud.arm('PUT', `${GROUP}2/providers/Microsoft.HealthcareApis/workspaces/WS1`, {
      location: 'eastus',
    });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'Conflict']);
  });
});

describe('vaults', () => {
  test('answer a whole body', async () => {
    const cloud = await withGroup(smallCloud());
    const made = await cloud.arm('PUT', VAULT, vaultBody());
    expect(made.status).toBe(201);
    expect(made.body.properties).toMatchObject({
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      vaultUri: 'https://vault-1.vault.azure.net/',
      provisioningState: 'Succeeded',
    });
  });

  test.each([
    ['another tenant', vaultBody({ tenantId: SUBSCRIPTION }), 400, 'BadRequest'],
    ['no tenant', vaultBody({ tenantId: undefined }), 400, 'InvalidRequestContent'],
    ['an unknown SKU', vaultBody({ sku: { family: 'A', name: 'gold' } }), 400, 'InvalidRequestContent'],
    ['soft delete off', vaultBody({ enableSoftDelete: false }), 400, 'BadRequest'],
    ['purge protection off', vaultBody({ enablePurgeProtection: false }), 400, 'BadRequest'],
    ['a short retention', vaultBody({ softDeleteRetentionInDays: 6 }), 400, 'BadRequest'],
    ['access policies', vaultBody({ enableRbacAuthorization: false }), 501, 'NotImplemented'],
    ['an unknown member', vaultBody({ colour: 'red' }), 400, 'InvalidRequestContent'],
  ])('%s is refused', async (_, body, status, code) => {
    const cloud = await withGroup(smallCloud());
    const answer = await cloud.arm('PUT', VAULT, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test('bad names are refused; the retention cannot change', async () => {
    const cloud = await withGroup(smallCloud());
    const bad = await cloud.arm('PUT', `${GROUP}/providers/Microsoft.KeyVault/vaults/1vault`, vaultBody());
    expect(bad.body.error.code).toBe('VaultNameNotValid');
    await cloud.arm('PUT', VAULT, vaultBody({ softDeleteRetentionInDays: 7 }));
    expect((await cloud.arm('PUT', VAULT, vaultBody({ softDeleteRetentionInDays: 8 }))).status).toBe(400);
    expect((await cloud.arm('PUT', VAULT, vaultBody())).body.properties.softDeleteRetentionInDays).toBe(7);
  });

  test('a deleted one keeps its name until it is purged', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, vaultBody());
    expect((await cloud.arm('DELETE', VAULT)).status).toBe(200);
    const taken = await cloud.arm('PUT', VAULT, vaultBody());
    expect([taken.status, taken.body.error.code]).toEqual([409, 'VaultAlreadyExists']);
    const deleted = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/vault-1`;
    expect((await cloud.arm('GET', deleted)).body.properties.vaultId).toBe(VAULT);
    const list = await cloud.arm(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`,
    );
    expect(list.body.value).toHaveLength(1);
    expect((await cloud.arm('POST', `${deleted}/purge`)).status).toBe(200);
    expect((await cloud.arm('GET', deleted)).status).toBe(404);
    expect((await cloud.arm('PUT', VAULT, vaultBody())).status).toBe(201);
  });

  test('a deleted one is recovered, without its role assignments', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, vaultBody());
    const assignment = `${VAULT}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333333`;
    const role = '4633458b-17de-408a-b874-0445c86b69e6';
    const roleDefinitionId = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    await cloud.arm('PUT', assignment, {
      properties: { principalId: cloud.owner.principalId, roleDefinitionId },
    });
    await cloud.arm('DELETE', VAULT);
    const recover = { location: 'eastus', properties: { ...vaultBody().properties, createMode: 'recover' } };
    expect((await cloud.arm('PUT', VAULT, recover)).status).toBe(201);
    expect((await cloud.arm('GET', assignment)).status).toBe(404);
    expect((await cloud.arm('PUT', `${VAULT}2`, recover)).status).toBe(404);
  });

  test('the retention ends; purge protection forbids purging', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, vaultBody({ enablePurgeProtection: true, softDeleteRetentionInDays: 7 }));
    await cloud.arm('DELETE', VAULT);
    const deleted = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/vault-1`;
    expect((await cloud.arm('POST', `${deleted}/purge`)).status).toBe(403);
    cloud.clock.advance(7 * DAY);
    expect((await cloud.arm('PUT', VAULT, vaultBody())).status).toBe(201);
  });

  test('name availability', async () => {
    const cloud = await withGroup(smallCloud());
    const check = async (name: string) => {
      const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability`;
      return (await cloud.arm('POST', path, { name, type: 'Microsoft.KeyVault/vaults' })).body;
    };
    expect(await check('vault-1')).toEqual({ nameAvailable: true });
    await cloud.arm('PUT', VAULT, vaultBody());
    expect(await check('VAULT-1')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
    expect(await check('1')).toMatchObject({ nameAvailable: false, reason: 'AccountNameInvalid' });
  });
});

describe('storage accounts', () => {
  test('answer a whole body without their keys, which have an action of their own', async () => {
    const cloud = await withGroup(smallCloud());
    expect((await cloud.arm('PUT', ACCOUNT, accountBody())).status).toBe(202);
    const { body } = await cloud.arm('GET', ACCOUNT);
    expect(body).toMatchObject({
      sku: { name: 'Standard_LRS', tier: 'Standard' },
      properties: {
        primaryEndpoints: {
          blob: 'https://acct1.blob.core.windows.net/',
          table: 'https://acct1.table.core.windows.net/',
        },
        provisioningState: 'Succeeded',
        minimumTlsVersion: 'TLS1_2',
      },
    });
    expect(body.keys).toBeUndefined();
    const keys = await cloud.arm('POST', `${ACCOUNT}/listKeys`);
    expect(keys.body.keys.map((key: { keyName: string }) => key.keyName)).toEqual(['key1', 'key2']);
    expect(JSON.stringify(body)).not.toContain(keys.body.keys[0].value);
    expect((await cloud.arm('PUT', ACCOUNT, body)).status).toBe(200);
    expect((await cloud.arm('POST', `${ACCOUNT}/listKeys`)).body).toEqual(keys.body);
    const changed = await cloud.arm('POST', `${ACCOUNT}/regenerateKey`, { keyName: 'key2' });
    expect(changed.body.keys[1].value).not.toBe(keys.body.keys[1].value);
    expect((await cloud.arm('POST', `${ACCOUNT}/regenerateKey`, { keyName: 'key3' })).status).toBe(400);
  });

  test.each([
    ['a bad name', `${ACCOUNT}-1`, accountBody(), 400, 'AccountNameInvalid'],
    ['no SKU', ACCOUNT, { location: 'eastus', kind: 'StorageV2' }, 400, 'InvalidRequestContent'],
    ['an unknown member', ACCOUNT, accountBody({ colour: 'red' }), 400, 'InvalidRequestContent'],
    ['a hierarchical namespace', ACCOUNT, accountBody({ isHnsEnabled: true }), 501, 'NotImplemented'],
    ['another kind', ACCOUNT, accountBody({}, { kind: 'BlockBlobStorage' }), 501, 'NotImplemented'],
    [
      'an identity',
      ACCOUNT,
      accountBody({}, { identity: { type: 'SystemAssigned' } }),
      501,
      'NotImplemented',
    ],
  ])('%s is refused', async (_, path, body, status, code) => {
    const cloud = await withGroup(smallCloud());
    const answer = await cloud.arm('PUT', path, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test('names are unique and can be asked about', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', ACCOUNT, accountBody());
    await cloud.arm('PUT', `${GROUP}2`, { location: 'eastus' });
    const taken = await cloud.arm('PUT', ACCOUNT.replace('/rg/', '/rg2/'), accountBody());
    expect([taken.status, taken.body.error.code]).toEqual([409, 'StorageAccountAlreadyTaken']);
    const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability`;
    const ask = async (name: string) =>
      (await cloud.arm('POST', path, { name, type: 'Microsoft.Storage/storageAccounts' })).body.nameAvailable;
    expect([await ask('acct1'), await ask('acct2'), await ask('x')]).toEqual([false, true, false]);
  });

  test('their services exist by themselves; containers and tables are made below', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', ACCOUNT, accountBody());
    expect((await cloud.arm('GET', `${ACCOUNT}/blobServices/default`)).status).toBe(200);
    expect((await cloud.arm('GET', `${ACCOUNT}/blobServices`)).body.value).toHaveLength(1);
    const container = `${ACCOUNT}/blobServices/default/containers/box`;
    expect((await cloud.arm('PUT', container, { properties: { metadata: { a: 'b' } } })).status).toBe(201);
    expect((await cloud.arm('GET', container)).body.properties).toMatchObject({
      publicAccess: 'None',
      metadata: { a: 'b' },
    });
    expect((await cloud.arm('PUT', `${container}es_`, {})).body.error.code).toBe('ContainerOperationFailure');
    expect((await cloud.arm('PUT', container, { properties: { publicAccess: 'Blob' } })).status).toBe(501);
    const table = `${ACCOUNT}/tableServices/default/tables/sessions`;
    expect((await cloud.arm('PUT', table, {})).status).toBe(200);
    expect((await cloud.arm('PUT', `${table}-1`, {})).body.error.code).toBe('TableOperationFailure');
    const acl = { properties: { signedIdentifiers: [{ id: 'a' }] } };
    expect((await cloud.arm('PUT', table, acl)).status).toBe(501);
    expect((await cloud.arm('DELETE', table)).status).toBe(200);
    expect((await cloud.arm('DELETE', table)).status).toBe(204);
  });

  test('service properties that are not imitated are refused', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', ACCOUNT, accountBody());
    const blobs = `${ACCOUNT}/blobServices/default`;
    expect(
      (await cloud.arm('PUT', blobs, { properties: { deleteRetentionPolicy: { enabled: false } } })).status,
    ).toBe(200);
    expect((await cloud.arm('PUT', blobs, { properties: { isVersioningEnabled: true } })).status).toBe(501);
    expect(
      (await cloud.arm('PUT', blobs, { properties: { deleteRetentionPolicy: { enabled: true, days: 7 } } }))
        .status,
    ).toBe(501);
    expect((await cloud.arm('PUT', `${ACCOUNT}/blobServices/other`, {})).status).toBe(400);
    const rule = {
      allowedOrigins: ['*'],
      allowedMethods: ['GET'],
      maxAgeInSeconds: 1,
      exposedHeaders: [],
      allowedHeaders: [],
    };
    const tables = { properties: { cors: { corsRules: [rule] } } };
    expect((await cloud.arm('PUT', `${ACCOUNT}/tableServices/default`, tables)).status).toBe(501);
  });
});
