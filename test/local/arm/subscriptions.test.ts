import { describe, expect, test } from 'vitest';
import { GROUP, SUBSCRIPTION, smallCloud, TENANT, withGroup } from './small-cloud.ts';

const ROOT = `/subscriptions/${SUBSCRIPTION}`;
const vaultBody = {
  location: 'eastus',
  properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true },
};

describe('subscriptions and tenants', () => {
  test('are shown to those who may read them', async () => {
    const cloud = smallCloud();
    expect((await cloud.arm('GET', '/tenants')).body.value[0].tenantId).toBe(TENANT);
    expect((await cloud.arm('GET', '/subscriptions')).body.value[0]).toMatchObject({
      subscriptionId: SUBSCRIPTION,
      state: 'Enabled',
    });
    expect((await cloud.arm('GET', ROOT)).body.tenantId).toBe(TENANT);
    const nobody = { as: cloud.principal('nobody') };
    expect((await cloud.arm('GET', '/subscriptions', undefined, nobody)).body.value).toEqual([]);
    expect((await cloud.arm('GET', ROOT, undefined, nobody)).status).toBe(403);
    const locations = await cloud.arm('GET', `${ROOT}/locations`);
    expect(locations.body.value.map((item: { name: string }) => item.name)).toContain('eastus');
  });
});

describe('providers', () => {
  test('a write needs a registered provider; registering takes time', async () => {
    const cloud = smallCloud([], { armOperationMs: 1000 });
    await cloud.arm('PUT', GROUP, { location: 'eastus' });
    const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
    const early = await cloud.arm('PUT', vault, vaultBody);
    expect([early.status, early.body.error.code]).toEqual([409, 'MissingSubscriptionRegistration']);
    const version = { version: '2025-04-01' };
    const provider = `${ROOT}/providers/Microsoft.KeyVault`;
    expect((await cloud.arm('GET', provider, undefined, version)).body.registrationState).toBe(
      'NotRegistered',
    );
    const started = await cloud.arm('POST', `${provider}/register`, undefined, version);
    expect([started.status, started.body.registrationState]).toEqual([200, 'Registering']);
    expect((await cloud.arm('PUT', vault, vaultBody)).status).toBe(409);
    cloud.clock.advance(1000);
    expect((await cloud.arm('GET', provider, undefined, version)).body.registrationState).toBe('Registered');
    expect((await cloud.arm('PUT', vault, vaultBody)).status).toBe(201);
    await cloud.arm('POST', `${provider}/unregister`, undefined, version);
    expect((await cloud.arm('PUT', vault, vaultBody)).status).toBe(409);
  });

  test('documents name types, locations and versions', async () => {
    const cloud = smallCloud();
    const answer = await cloud.arm('GET', `${ROOT}/providers/microsoft.healthcareapis`, undefined, {
      version: '2025-04-01',
    });
    expect(answer.body.namespace).toBe('Microsoft.HealthcareApis');
    const type = answer.body.resourceTypes.find(
      (item: { resourceType: string }) => item.resourceType === 'workspaces/fhirservices',
    );
    expect(type.apiVersions).toContain('2024-03-31');
    expect(type.locations).toContain('East US');
    const all = await cloud.arm('GET', `${ROOT}/providers`);
    expect(all.body.value.map((item: { namespace: string }) => item.namespace)).toContain(
      'Microsoft.Storage',
    );
  });

  test('an unknown provider and a caller without the right', async () => {
    const cloud = smallCloud();
    const version = { version: '2025-04-01' };
    const unknown = await cloud.arm('POST', `${ROOT}/providers/Microsoft.Nope/register`, undefined, version);
    expect([unknown.status, unknown.body.error.code]).toEqual([404, 'InvalidResourceNamespace']);
    const nobody = { ...version, as: cloud.principal('nobody') };
    expect(
      (await cloud.arm('POST', `${ROOT}/providers/Microsoft.Storage/register`, undefined, nobody)).status,
    ).toBe(403);
    const required = await cloud.arm(
      'POST',
      `${ROOT}/providers/Microsoft.Resources/unregister`,
      undefined,
      version,
    );
    expect(required.status).toBe(409);
  });
});

describe('resource groups', () => {
  test('are made, changed, listed by tag; their place stays', async () => {
    const cloud = smallCloud();
    const made = await cloud.arm('PUT', GROUP, { location: 'East US', tags: { env: 'dev' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ location: 'eastus', properties: { provisioningState: 'Succeeded' } });
    expect((await cloud.arm('PATCH', GROUP, { tags: { env: 'test' } })).body.tags).toEqual({ env: 'test' });
    const filter = encodeURIComponent("tagName eq 'env' and tagValue eq 'test'");
    expect((await cloud.arm('GET', `${ROOT}/resourceGroups?$filter=${filter}`)).body.value).toHaveLength(1);
    const moved = await cloud.arm('PUT', GROUP, { location: 'westus2' });
    expect([moved.status, moved.body.error.code]).toEqual([409, 'InvalidResourceLocation']);
  });

  test('bad names and unknown members are refused', async () => {
    const cloud = smallCloud();
    const name = await cloud.arm('PUT', `${ROOT}/resourceGroups/rg.`, { location: 'eastus' });
    expect(name.body.error.code).toBe('InvalidResourceGroup');
    const member = await cloud.arm('PUT', GROUP, { location: 'eastus', colour: 'red' });
    expect(member.body.error.code).toBe('InvalidRequestContent');
  });

  test('their resources are listed and filtered', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`, {
      ...vaultBody,
      tags: { a: 'b' },
    });
    await cloud.arm('PUT', `${GROUP}/providers/Microsoft.HealthcareApis/workspaces/ws1`, {
      location: 'eastus',
    });
    const all = await cloud.arm('GET', `${GROUP}/resources`);
    expect(all.body.value).toHaveLength(2);
    const filter = encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'");
    const vaults = await cloud.arm('GET', `${ROOT}/resources?$filter=${filter}`);
    expect(vaults.body.value.map((item: { name: string }) => item.name)).toEqual(['vault-1']);
    expect((await cloud.arm('GET', `${ROOT}/resources?$filter=colour`)).status).toBe(400);
    expect((await cloud.arm('GET', `${GROUP}-2/resources`)).status).toBe(404);
    const typed = await cloud.arm('GET', `${ROOT}/providers/Microsoft.KeyVault/vaults`);
    expect(typed.body.value[0].properties.vaultUri).toBe('https://vault-1.vault.azure.net/');
  });
});
