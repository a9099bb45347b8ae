import { describe, expect, test } from 'vitest';
import { assignRole, isAllowed } from '../../../src/local/rbac.ts';
import { BUILT_IN_ROLES } from '../../../src/local/role-table.ts';
import { GROUP, type SmallCloud, SUBSCRIPTION, smallCloud, withGroup } from './small-cloud.ts';

const UUID = '33333333-3333-4333-8333-333333333333';
const ROLE_IDS = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions`;
const READER = `${ROLE_IDS}/acdd72a7-3385-48ef-bd42-f606fba81ae7`;

function path(scope: string, name = UUID): string {
  return `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
}

function assign(cloud: SmallCloud, properties: Record<string, unknown>, name = UUID, scope = GROUP) {
  return cloud.arm('PUT', path(scope, name), { properties });
}

describe('decisions', () => {
  const fhir = 'Microsoft.HealthcareApis/workspaces/fhirservices/resources';
  const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults/v1`;

  test.each([
    ['Owner', 'Microsoft.Authorization/roleAssignments/write', false, true],
    ['Owner', 'Microsoft.KeyVault/vaults/secrets/getSecret/action', true, false],
    ['Contributor', 'Microsoft.Web/sites/write', false, true],
    ['Contributor', 'Microsoft.Authorization/roleAssignments/write', false, false],
    ['Reader', 'Microsoft.Web/sites/config/list/action', false, false],
    ['Reader', 'microsoft.web/SITES/read', false, true],
    ['User Access Administrator', 'Microsoft.Web/sites/write', false, false],
    ['FHIR SMART User', `${fhir}/smart/action`, true, true],
    ['FHIR SMART User', `${fhir}/export/action`, true, false],
    ['FHIR SMART User', `${fhir}/write`, true, false],
    ['FHIR Data Contributor', `${fhir}/write`, true, true],
    ['FHIR Data Contributor', `${fhir}/smart/action`, true, false],
    ['FHIR Data Exporter', `${fhir}/export/action`, true, true],
    ['FHIR Data Reader', `${fhir}/readx`, true, false],
    ['Key Vault Secrets User', 'Microsoft.KeyVault/vaults/secrets/getSecret/action', true, true],
    ['Key Vault Secrets User', 'Microsoft.KeyVault/vaults/secrets/setSecret/action', true, false],
  ])('%s: %s (data: %s) → %s', (role, action, data, expected) => {
    const { fabric } = smallCloud();
    assignRole(fabric, { principalId: UUID, role, scope: GROUP });
    expect(isAllowed(fabric, { principalId: UUID, scope: vault, action, data })).toBe(expected);
  });

  test('count at the scope and below, never beside', () => {
    const { fabric } = smallCloud();
    assignRole(fabric, { principalId: UUID, role: 'Reader', scope: GROUP });
    const ask = (scope: string) =>
      isAllowed(fabric, { principalId: UUID, scope, action: 'a/read', data: false });
    expect(ask(GROUP.toUpperCase())).toBe(true);
    expect(ask(`${GROUP}2`)).toBe(false);
    expect(ask(`/subscriptions/${SUBSCRIPTION}`)).toBe(false);
  });

  test('every role has a GUID of its own', () => {
    expect(new Set(BUILT_IN_ROLES.map(({ guid }) => guid)).size).toBe(BUILT_IN_ROLES.length);
  });
});

describe('role assignments', () => {
  test('are made, read, listed and taken away', async () => {
    const cloud = await withGroup(smallCloud());
    const principal = cloud.principal('p');
    const properties = { roleDefinitionId: READER, principalId: principal.principalId };
    const made = await assign(cloud, properties);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: UUID,
      properties: { scope: GROUP, principalType: 'ServicePrincipal' },
    });
    expect((await assign(cloud, properties)).status).toBe(200);
    const filter = `$filter=principalId%20eq%20'${principal.principalId}'`;
    const list = await cloud.arm(
      'GET',
      `${GROUP}/providers/Microsoft.Authorization/roleAssignments?${filter}`,
    );
    expect(list.body.value).toHaveLength(1);
    const atScope = await cloud.arm(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments?$filter=atScope()`,
    );
    expect(atScope.body.value.map((item: { name: string }) => item.name)).not.toContain(UUID);
    expect((await cloud.arm('GET', GROUP, undefined, { as: principal })).status).toBe(200);
    expect((await cloud.arm('DELETE', path(GROUP))).status).toBe(200);
    expect((await cloud.arm('DELETE', path(GROUP))).status).toBe(204);
    expect((await cloud.arm('GET', GROUP, undefined, { as: principal })).status).toBe(403);
  });

  test('take their time to count', async () => {
    const cloud = await withGroup(smallCloud([], { rolePropagationMs: 1000 }));
    const principal = cloud.principal('p');
    await assign(cloud, { roleDefinitionId: READER, principalId: principal.principalId });
    const early = await cloud.arm('GET', GROUP, undefined, { as: principal });
    expect([early.status, early.body.error.code]).toEqual([403, 'AuthorizationFailed']);
    cloud.clock.advance(1000);
    expect((await cloud.arm('GET', GROUP, undefined, { as: principal })).status).toBe(200);
  });

  test('the principal must be in the directory, unless its type is stated', async () => {
    const cloud = await withGroup(smallCloud());
    const stranger = { roleDefinitionId: READER, principalId: '44444444-4444-4444-8444-444444444444' };
    expect((await assign(cloud, stranger)).body.error.code).toBe('PrincipalNotFound');
    expect((await assign(cloud, { ...stranger, principalType: 'ServicePrincipal' })).status).toBe(201);
    const wrong = { roleDefinitionId: READER, principalId: cloud.owner.principalId, principalType: 'User' };
    expect((await assign(cloud, wrong, crypto.randomUUID())).body.error.code).toBe('UnmatchedPrincipalType');
  });

  test('the same grant under another name, another grant under the same name', async () => {
    const cloud = await withGroup(smallCloud());
    const properties = { roleDefinitionId: READER, principalId: cloud.principal('p').principalId };
    await assign(cloud, properties);
    const twin = await assign(cloud, properties, crypto.randomUUID());
    expect([twin.status, twin.body.error.code]).toEqual([409, 'RoleAssignmentExists']);
    const other = await assign(cloud, { ...properties, principalId: cloud.principal('q').principalId });
    expect([other.status, other.body.error.code]).toEqual([400, 'RoleAssignmentUpdateNotPermitted']);
  });

  test.each([
    [
      'an unknown role',
      { roleDefinitionId: `${ROLE_IDS}/${UUID}`, principalId: UUID },
      'RoleDefinitionDoesNotExist',
    ],
    [
      'a bare GUID as the role',
      { roleDefinitionId: READER.slice(-36), principalId: UUID },
      'RoleDefinitionDoesNotExist',
    ],
    ['no principal', { roleDefinitionId: READER }, 'InvalidRequestContent'],
    ['a principal that is no GUID', { roleDefinitionId: READER, principalId: 'me' }, 'InvalidPrincipalId'],
    [
      'an unknown member',
      { roleDefinitionId: READER, principalId: UUID, scopes: [] },
      'InvalidRequestContent',
    ],
    ['a condition', { roleDefinitionId: READER, principalId: UUID, condition: 'true' }, 'NotImplemented'],
  ])('%s is refused', async (_, properties, code) => {
    const cloud = await withGroup(smallCloud());
    expect((await assign(cloud, properties)).body.error.code).toBe(code);
  });

  test('the name must be a GUID, the scope must exist', async () => {
    const cloud = await withGroup(smallCloud());
    const properties = { roleDefinitionId: READER, principalId: cloud.owner.principalId };
    expect((await assign(cloud, properties, 'mine')).body.error.code).toBe('InvalidRoleAssignmentId');
    expect((await assign(cloud, properties, UUID, `${GROUP}-2`)).body.error.code).toBe(
      'ResourceGroupNotFound',
    );
    const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults/none`;
    expect((await assign(cloud, properties, UUID, vault)).body.error.code).toBe('ResourceNotFound');
  });

  test('a contributor may not assign roles', async () => {
    const cloud = await withGroup(smallCloud());
    const contributor = cloud.principal('c');
    const role = `${ROLE_IDS}/b24988ac-6180-42a0-ab88-20f7382dd24c`;
    await assign(cloud, { roleDefinitionId: role, principalId: contributor.principalId });
    const body = { properties: { roleDefinitionId: READER, principalId: contributor.principalId } };
    const answer = await cloud.arm('PUT', path(GROUP, crypto.randomUUID()), body, { as: contributor });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'AuthorizationFailed']);
    expect((await cloud.arm('PUT', GROUP, { location: 'eastus' }, { as: contributor })).status).toBe(200);
  });
});

describe('role definitions', () => {
  test('are found by name and by id, and are not made', async () => {
    const cloud = smallCloud();
    const list = await cloud.arm('GET', `${ROLE_IDS}?$filter=roleName%20eq%20'FHIR SMART User'`);
    expect(list.body.value).toHaveLength(1);
    expect(list.body.value[0].properties.permissions[0].dataActions).toContain(
      'Microsoft.HealthcareApis/workspaces/fhirservices/resources/smart/action',
    );
    expect((await cloud.arm('GET', READER)).body.properties.roleName).toBe('Reader');
    expect((await cloud.arm('GET', `${ROLE_IDS}/${UUID}`)).status).toBe(404);
    expect((await cloud.arm('PUT', `${ROLE_IDS}/${UUID}`, {})).status).toBe(501);
  });
});
