import { type Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { entra } from '../../../src/local/entra/entra.ts';
import { graph } from '../../../src/local/graph/graph.ts';
import { TENANT_ID, type TestCloud, testCloud } from '../directory/test-fabric.ts';
import { appToken, graphClient } from './graph-client.ts';

const SCOPE_ID = '3b9f5a70-0000-4000-8000-000000000001';
const ROLE_ID = '3b9f5a70-0000-4000-8000-000000000002';
const GRAPH_APP = '00000003-0000-0000-c000-000000000000';

let cloud: TestCloud;
let client: Client;

beforeEach(() => {
  cloud = testCloud([entra, graph]);
  client = graphClient(cloud);
});

/** Status and code of a refusal. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GraphError)) return `not refused: ${String(error)}`;
  return `${error.statusCode} ${error.code}`;
}

function scope(changes: object = {}) {
  return {
    id: SCOPE_ID,
    value: 'patient.Patient.rs',
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: 'Read patient',
    adminConsentDescription: 'Read patient',
    ...changes,
  };
}

function role(changes: object = {}) {
  return {
    id: ROLE_ID,
    value: 'system.all.rs',
    displayName: 'system',
    description: 'system',
    allowedMemberTypes: ['Application'],
    ...changes,
  };
}

async function makeResource(): Promise<{ app: { id: string; appId: string }; sp: { id: string } }> {
  const app = await client.api('/applications').post({
    displayName: 'FHIR',
    uniqueName: 'fhir-resource',
    appRoles: [role()],
    api: { oauth2PermissionScopes: [scope()], requestedAccessTokenVersion: 2, acceptMappedClaims: true },
  });
  await client.api(`/applications/${app.id}`).patch({ identifierUris: [`api://${app.appId}`] });
  return { app, sp: await client.api('/servicePrincipals').post({ appId: app.appId }) };
}

async function makeClient(name: string): Promise<{ app: { id: string; appId: string }; sp: { id: string } }> {
  const app = await client.api('/applications').post({ displayName: name });
  return { app, sp: await client.api('/servicePrincipals').post({ appId: app.appId }) };
}

async function makeUser(name = 'patient'): Promise<{ id: string; userPrincipalName: string }> {
  const [domain] = (await client.api('/domains').get()).value;
  return client.api('/users').post({
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@${domain.id}`,
    passwordProfile: { password: 'Correct-horse-1', forceChangePasswordNextSignIn: false },
  });
}

describe('applications', () => {
  test('an upsert creates with 201, then updates with 204, and keeps the ids', async () => {
    const upsert = (body: object) =>
      client.api("/applications(uniqueName='x')").header('Prefer', 'create-if-missing').patch(body);
    const made = await upsert({ displayName: 'one' });
    expect(made).toMatchObject({ displayName: 'one', uniqueName: 'x', signInAudience: 'AzureADMyOrg' });
    expect(await upsert({ displayName: 'two', uniqueName: 'x' })).toBeFalsy();
    const byAppId = await client.api(`/applications(appId='${made.appId}')`).get();
    expect(byAppId).toMatchObject({ id: made.id, displayName: 'two' });
  });

  test('without the header an unknown alternate key is 404', async () => {
    expect(await refusal(client.api("/applications(uniqueName='x')").patch({ displayName: 'one' }))).toBe(
      '404 Request_ResourceNotFound',
    );
  });

  test('a patch merges complex properties and replaces collections', async () => {
    const { app } = await makeResource();
    await client.api(`/applications/${app.id}`).patch({
      web: { redirectUris: ['https://a.example/cb'] },
      api: { preAuthorizedApplications: [] },
    });
    await client.api(`/applications/${app.id}`).patch({ web: { redirectUris: ['https://b.example/cb'] } });
    const now = await client.api(`/applications/${app.id}`).get();
    expect(now.web.redirectUris).toEqual(['https://b.example/cb']);
    expect(now.web.implicitGrantSettings.enableIdTokenIssuance).toBe(false);
    expect(now.api).toMatchObject({ requestedAccessTokenVersion: 2, acceptMappedClaims: true });
    expect(now.api.oauth2PermissionScopes).toHaveLength(1);
  });

  test('an enabled scope or role must be disabled before it goes or changes its value', async () => {
    const { app } = await makeResource();
    const patch = (body: object) => client.api(`/applications/${app.id}`).patch(body);
    const wanted = '400 CannotDeleteOrUpdateEnabledEntitlement';
    expect(await refusal(patch({ appRoles: [] }))).toBe(wanted);
    expect(await refusal(patch({ api: { oauth2PermissionScopes: [scope({ value: 'other' })] } }))).toBe(
      wanted,
    );
    await patch({ appRoles: [role({ isEnabled: false })] });
    await patch({ appRoles: [] });
    expect((await client.api(`/applications/${app.id}`).get()).appRoles).toEqual([]);
  });

  test('what Graph does not know, or only the service sets, is refused', async () => {
    const post = (body: object) => refusal(client.api('/applications').post({ displayName: 'x', ...body }));
    expect(await post({ nonsense: 1 })).toBe('400 Request_BadRequest');
    expect(await post({ __proto__: null, constructor: 1 })).toBe('400 Request_BadRequest');
    expect(await post({ appId: TENANT_ID })).toBe('400 Request_BadRequest');
    expect(await post({ tags: 'no list' })).toBe('400 Request_BadRequest');
    expect(await post({ appRoles: [role(), role()] })).toBe('400 DuplicateValue');
    expect(await post({ appRoles: [role({ value: '.dot' })] })).toBe('400 Request_BadRequest');
    expect(await post({ appRoles: [role({ value: 'has space' })] })).toBe('400 Request_BadRequest');
    expect(await post({ passwordCredentials: [] })).toBe('501 notImplemented');
    expect(await post({ signInAudience: 'AzureADMultipleOrgs' })).toBe('501 notImplemented');
    expect(await post({ displayName: '' })).toBe('400 Request_BadRequest');
  });

  test('taken names are refused, also those of soft-deleted applications', async () => {
    const { app } = await makeResource();
    const again = () =>
      refusal(client.api('/applications').post({ displayName: 'y', uniqueName: 'fhir-resource' }));
    expect(await again()).toBe('400 Request_MultipleObjectsWithSameKeyValue');
    const other = await client.api('/applications').post({ displayName: 'z' });
    const steal = client.api(`/applications/${other.id}`).patch({ identifierUris: [`api://${app.appId}`] });
    expect(await refusal(steal)).toBe('400 Request_BadRequest');
    await client.api(`/applications/${app.id}`).delete();
    expect(await again()).toBe('400 Request_MultipleObjectsWithSameKeyValue');
  });

  test('identifier URIs follow the tenant policy', async () => {
    const plain = await client.api('/applications').post({ displayName: 'v1' });
    const set = (id: string, uri: string) =>
      refusal(client.api(`/applications/${id}`).patch({ identifierUris: [uri] }));
    expect(await set(plain.id, 'https://x.azurehealthcareapis.com')).toBe('400 HostNameNotOnVerifiedDomain');
    expect(await set(plain.id, 'api://anything')).toBe('400 Request_BadRequest');
    expect(await set(plain.id, `api://${TENANT_ID}/x`)).toMatch(/^not refused/);
    const v2 = await client.api('/applications').post({
      displayName: 'v2',
      api: { requestedAccessTokenVersion: 2 },
      identifierUris: ['api://anything'],
    });
    expect(v2.identifierUris).toEqual(['api://anything']);
  });

  test('redirect URIs are checked', async () => {
    const post = (platform: string, ...redirectUris: string[]) =>
      refusal(client.api('/applications').post({ displayName: 'x', [platform]: { redirectUris } }));
    expect(await post('web', 'http://app.example/cb')).toBe('400 Request_BadRequest');
    expect(await post('web', 'https://a.example/cb#f')).toBe('400 Request_BadRequest');
    expect(await post('web', 'https://a.example/(x)')).toBe('400 Request_BadRequest');
    expect(await post('web', '/relative')).toBe('400 Request_BadRequest');
    expect(await post('web', 'http://[::1]/cb')).toBe('400 Request_BadRequest');
    expect(await post('spa', 'https://a.example/cb', 'https://a.example/cb')).toBe('400 Request_BadRequest');
    expect(await post('publicClient', 'myapp://cb')).toMatch(/^not refused/);
    expect(await post('web', 'http://localhost:4400/auth/callback')).toMatch(/^not refused/);
  });

  test('too many entitlements exceed the quota', async () => {
    const scopes = Array.from({ length: 1001 }, (_, index) =>
      scope({ id: crypto.randomUUID(), value: `scope.${index}` }),
    );
    const post = client
      .api('/applications')
      .post({ displayName: 'x', api: { oauth2PermissionScopes: scopes } });
    expect(await refusal(post)).toBe('403 Directory_QuotaExceeded');
  });
});

describe('secrets', () => {
  test('a secret is shown once, works, and works no more after removal or its end', async () => {
    const { app } = await makeClient('backend');
    const end = new Date(cloud.clock.now() + 60_000).toISOString();
    const added = await client
      .api(`/applications/${app.id}/addPassword`)
      .post({ passwordCredential: { displayName: 's', endDateTime: end } });
    expect(added.secretText).toHaveLength(40);
    expect(added.hint).toBe(added.secretText.slice(0, 3));
    const shown = await client.api(`/applications/${app.id}`).get();
    expect(shown.passwordCredentials).toMatchObject([{ keyId: added.keyId, secretText: null }]);
    expect(JSON.stringify(shown)).not.toContain('secretHash');
    const ask = () =>
      appToken(cloud, 'https://vault.azure.net/.default', {
        clientId: app.appId,
        clientSecret: added.secretText,
      });
    expect(await ask()).not.toBe('');
    cloud.clock.advance(60_000);
    await expect(ask()).rejects.toThrow('AADSTS7000222');
    await client.api(`/applications/${app.id}/removePassword`).post({ keyId: added.keyId });
    await expect(ask()).rejects.toThrow('AADSTS7000215');
    const again = client.api(`/applications/${app.id}/removePassword`).post({ keyId: added.keyId });
    expect(await refusal(again)).toBe('400 Request_BadRequest');
  });

  test('a lifetime in the past is refused', async () => {
    const { app } = await makeClient('backend');
    const add = client
      .api(`/applications/${app.id}/addPassword`)
      .post({ passwordCredential: { endDateTime: '2020-01-01T00:00:00Z' } });
    expect(await refusal(add)).toBe('400 Request_BadRequest');
  });
});

describe('service principals', () => {
  test('follow their application, are unique, and can be upserted', async () => {
    const { app, sp } = await makeResource();
    expect(await refusal(client.api('/servicePrincipals').post({ appId: app.appId }))).toBe(
      '409 Request_MultipleObjectsWithSameKeyValue',
    );
    const upsert = client
      .api(`/servicePrincipals(appId='${app.appId}')`)
      .header('Prefer', 'create-if-missing');
    expect(await upsert.patch({ tags: ['mine'] })).toBeFalsy();
    await client.api(`/applications/${app.id}`).patch({ displayName: 'Renamed' });
    const shown = await client.api(`/servicePrincipals(appId='${app.appId}')`).get();
    expect(shown).toMatchObject({
      id: sp.id,
      displayName: 'Renamed',
      tags: ['mine'],
      servicePrincipalNames: [app.appId, `api://${app.appId}`],
      appRoles: [{ value: 'system.all.rs' }],
      oauth2PermissionScopes: [{ value: 'patient.Patient.rs' }],
    });
  });

  test('an appId nobody has is refused in the words of Graph', async () => {
    const post = client.api('/servicePrincipals').post({ appId: TENANT_ID });
    await expect(post).rejects.toThrow(/does not reference a valid application object/);
    expect(await refusal(client.api(`/servicePrincipals(appId='${TENANT_ID}')`).patch({}))).toBe(
      '404 Request_ResourceNotFound',
    );
  });

  test('Microsoft services exist with their permissions', async () => {
    const [found] = (await client.api('/servicePrincipals').filter(`appId eq '${GRAPH_APP}'`).get()).value;
    expect(found.displayName).toBe('Microsoft Graph');
    expect(found.oauth2PermissionScopes.map((item: { value: string }) => item.value)).toContain('openid');
    expect(await refusal(client.api(`/servicePrincipals/${found.id}`).delete())).toBe(
      '403 Authorization_RequestDenied',
    );
  });
});

describe('grants and assignments', () => {
  test('one grant per client, resource and principal; it can be changed and deleted', async () => {
    const resource = await makeResource();
    const app = await makeClient('client');
    const body = {
      clientId: app.sp.id,
      consentType: 'AllPrincipals',
      resourceId: resource.sp.id,
      scope: 'patient.Patient.rs',
    };
    const grant = await client.api('/oauth2PermissionGrants').post(body);
    await expect(client.api('/oauth2PermissionGrants').post(body)).rejects.toThrow(
      'Permission entry already exists.',
    );
    await client.api(`/oauth2PermissionGrants/${grant.id}`).patch({ scope: '' });
    const found = await client
      .api('/oauth2PermissionGrants')
      .filter(`clientId eq '${app.sp.id}' and consentType eq 'AllPrincipals'`)
      .get();
    expect(found.value).toMatchObject([{ id: grant.id, scope: '', principalId: null }]);
    expect(await client.api(`/oauth2PermissionGrants/${grant.id}`).get()).toMatchObject({ scope: '' });
    const fixed = client.api(`/oauth2PermissionGrants/${grant.id}`).patch({ clientId: app.sp.id });
    expect(await refusal(fixed)).toBe('400 Request_BadRequest');
    await client.api(`/oauth2PermissionGrants/${grant.id}`).delete();
    expect(await refusal(client.api(`/oauth2PermissionGrants/${grant.id}`).get())).toBe(
      '404 Request_ResourceNotFound',
    );
    expect((await client.api(`/servicePrincipals/${app.sp.id}/oauth2PermissionGrants`).get()).value).toEqual(
      [],
    );
  });

  test('a grant needs existing principals, and a user exactly when it is for one', async () => {
    const app = await makeClient('client');
    const post = (changes: object) =>
      refusal(
        client.api('/oauth2PermissionGrants').post({
          clientId: app.sp.id,
          consentType: 'AllPrincipals',
          resourceId: app.sp.id,
          scope: 'x',
          ...changes,
        }),
      );
    expect(await post({ resourceId: TENANT_ID })).toBe('404 Request_ResourceNotFound');
    expect(await post({ consentType: 'Principal' })).toBe('400 Request_BadRequest');
    expect(await post({ principalId: app.sp.id })).toBe('400 Request_BadRequest');
    expect(await post({ consentType: 'Principal', principalId: app.sp.id })).toBe(
      '404 Request_ResourceNotFound',
    );
  });

  test('an app role is assigned once, to the kind of member it allows, and appears in tokens', async () => {
    const resource = await makeResource();
    const { app, sp } = await makeClient('backend');
    const secret = await client.api(`/applications/${app.id}/addPassword`).post({});
    const body = { principalId: sp.id, resourceId: resource.sp.id, appRoleId: ROLE_ID };
    const path = `/servicePrincipals/${resource.sp.id}/appRoleAssignedTo`;
    const assignment = await client.api(path).post(body);
    expect(assignment).toMatchObject({ principalType: 'ServicePrincipal', resourceDisplayName: 'FHIR' });
    await expect(client.api(path).post(body)).rejects.toThrow('already exists on the object');
    const user = await makeUser();
    expect(await refusal(client.api(path).post({ ...body, principalId: user.id }))).toBe(
      '400 Request_BadRequest',
    );
    expect(await refusal(client.api(path).post({ ...body, appRoleId: SCOPE_ID }))).toBe(
      '400 Request_BadRequest',
    );
    expect(await refusal(client.api(path).post({ ...body, resourceId: sp.id }))).toBe(
      '400 Request_BadRequest',
    );
    const token = await appToken(cloud, `api://${resource.app.appId}/.default`, {
      clientId: app.appId,
      clientSecret: secret.secretText,
    });
    expect(JSON.parse(atob(token.split('.')[1]!))).toMatchObject({
      roles: ['system.all.rs'],
      aud: resource.app.appId,
      ver: '2.0',
      azpacr: '1',
    });
    const held = await client.api(`/servicePrincipals/${sp.id}/appRoleAssignments`).get();
    expect(held.value).toMatchObject([{ id: assignment.id }]);
    const foreign = client.api(`/servicePrincipals/${sp.id}/appRoleAssignedTo/${assignment.id}`).delete();
    expect(await refusal(foreign)).toBe('404 Request_ResourceNotFound');
    await client.api(`${path}/${assignment.id}`).delete();
    expect((await client.api(path).get()).value).toEqual([]);
  });

  test('a principal lists and gives back its own roles; users hold roles meant for users', async () => {
    const resource = await makeResource();
    await client.api(`/applications/${resource.app.id}`).patch({
      appRoles: [
        role(),
        role({ id: SCOPE_ID.replace('1', '9'), value: 'nurse', allowedMemberTypes: ['User'] }),
      ],
    });
    const user = await makeUser();
    const path = `/users/${user.userPrincipalName}/appRoleAssignments`;
    const body = { principalId: user.id, resourceId: resource.sp.id, appRoleId: SCOPE_ID.replace('1', '9') };
    const assignment = await client.api(path).post(body);
    expect(assignment).toMatchObject({ principalType: 'User', principalDisplayName: 'patient' });
    expect((await client.api(path).filter(`resourceId eq '${resource.sp.id}'`).get()).value).toHaveLength(1);
    await client.api(`${path}/${assignment.id}`).delete();
    expect((await client.api(path).get()).value).toEqual([]);
    const { sp } = await makeClient('backend');
    const own = `/servicePrincipals/${sp.id}/appRoleAssignments`;
    const held = await client
      .api(own)
      .post({ principalId: sp.id, resourceId: resource.sp.id, appRoleId: ROLE_ID });
    await client.api(`${own}/${held.id}`).delete();
    expect(await refusal(client.api(`${own}/${held.id}`).delete())).toBe('404 Request_ResourceNotFound');
    const missing = { principalId: TENANT_ID, resourceId: resource.sp.id, appRoleId: ROLE_ID };
    expect(
      await refusal(client.api(`/servicePrincipals/${resource.sp.id}/appRoleAssignedTo`).post(missing)),
    ).toBe('404 Request_ResourceNotFound');
  });
});

describe('users', () => {
  test('are found by name, changed and deleted; a password is never shown', async () => {
    const user = await makeUser();
    const byName = await client.api(`/users/${user.userPrincipalName}`).get();
    expect(byName.id).toBe(user.id);
    expect(JSON.stringify(byName)).not.toMatch(/password|scrypt/i);
    await client.api(`/users/${user.id}`).patch({ displayName: 'Renamed' });
    const [found] = (
      await client.api('/users').filter(`userPrincipalName eq '${user.userPrincipalName}'`).get()
    ).value;
    expect(found.displayName).toBe('Renamed');
    await client.api(`/users/${user.id}`).delete();
    expect(await refusal(client.api(`/users/${user.id}`).get())).toBe('404 Request_ResourceNotFound');
  });

  test('a weak password, a foreign domain, a taken name and a missing property are refused', async () => {
    const user = await makeUser();
    const [, domain] = user.userPrincipalName.split('@');
    const post = (changes: object) =>
      refusal(
        client.api('/users').post({
          accountEnabled: true,
          displayName: 'x',
          mailNickname: 'x',
          userPrincipalName: `x@${domain}`,
          passwordProfile: { password: 'Correct-horse-1' },
          ...changes,
        }),
      );
    expect(await post({ passwordProfile: { password: 'short' } })).toBe('400 Request_BadRequest');
    expect(await post({ userPrincipalName: 'x@gmail.com' })).toBe('400 Request_BadRequest');
    expect(await post({ userPrincipalName: user.userPrincipalName })).toBe(
      '400 Request_MultipleObjectsWithSameKeyValue',
    );
    expect(await post({ mailNickname: undefined })).toBe('400 Request_BadRequest');
  });

  test('fhirUser is a directory extension of the resource app; unknown ones are refused', async () => {
    const { app } = await makeResource();
    const user = await makeUser();
    const property = await client
      .api(`/applications/${app.id}/extensionProperties`)
      .post({ name: 'fhirUser', dataType: 'String', targetObjects: ['User'] });
    expect(property.name).toBe(`extension_${app.appId.replaceAll('-', '')}_fhirUser`);
    const twice = client
      .api(`/applications/${app.id}/extensionProperties`)
      .post({ name: 'fhirUser', dataType: 'String', targetObjects: ['User'] });
    expect(await refusal(twice)).toBe('400 Request_MultipleObjectsWithSameKeyValue');
    const patch = (body: object) => client.api(`/users/${user.id}`).patch(body);
    await patch({ [property.name]: 'https://x/Patient/a' });
    const shown = await client.api(`/users/${user.id}`).select(['id', property.name]).get();
    expect(shown).toEqual({ id: user.id, [property.name]: 'https://x/Patient/a' });
    expect(Object.keys(await client.api(`/users/${user.id}`).get())).not.toContain(property.name);
    expect(await refusal(patch({ [property.name]: 1 }))).toBe('400 Request_BadRequest');
    const unknown = `extension_${'0'.repeat(32)}_fhirUser`;
    expect(await refusal(patch({ [unknown]: 'x' }))).toBe('400 Request_BadRequest');
    const path = `/applications/${app.id}/extensionProperties`;
    expect((await client.api(`${path}/${property.id}`).get()).name).toBe(property.name);
    await patch({ [property.name]: null });
    expect(await client.api(`/users/${user.id}`).select(property.name).get()).toEqual({});
    await client.api(`${path}/${property.id}`).delete();
    expect(await refusal(client.api(`${path}/${property.id}`).get())).toBe('404 Request_ResourceNotFound');
    expect(await refusal(patch({ [property.name]: 'https://x/Patient/a' }))).toBe('400 Request_BadRequest');
    expect((await client.api(`/applications/${app.id}/extensionProperties`).get()).value).toEqual([]);
  });
});

describe('claims mapping policies', () => {
  const definition = (schema: object[]) => [
    JSON.stringify({
      ClaimsMappingPolicy: { Version: 1, IncludeBasicClaimSet: 'true', ClaimsSchema: schema },
    }),
  ];
  const rule = { Source: 'user', ExtensionID: 'extension_0_fhirUser', JwtClaimType: 'fhirUser' };

  test('are assigned to a service principal by reference, one at most', async () => {
    const { sp } = await makeResource();
    const post = () =>
      client
        .api('/policies/claimsMappingPolicies')
        .post({ displayName: 'p', definition: definition([rule]) });
    const [first, second] = [await post(), await post()];
    const assign = (id: string) =>
      client
        .api(`/servicePrincipals/${sp.id}/claimsMappingPolicies/$ref`)
        .post({ '@odata.id': `https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/${id}` });
    await assign(first.id);
    expect(await refusal(assign(second.id))).toBe('400 Request_BadRequest');
    expect(await refusal(assign(TENANT_ID))).toBe('404 Request_ResourceNotFound');
    const assigned = () => client.api(`/servicePrincipals/${sp.id}/claimsMappingPolicies`).get();
    expect((await assigned()).value).toMatchObject([{ id: first.id }]);
    const applies = await client.api(`/policies/claimsMappingPolicies/${first.id}/appliesTo`).get();
    expect(applies.value).toMatchObject([{ id: sp.id }]);
    await client.api(`/servicePrincipals/${sp.id}/claimsMappingPolicies/${first.id}/$ref`).delete();
    expect((await assigned()).value).toEqual([]);
    await client.api(`/policies/claimsMappingPolicies/${first.id}`).patch({ displayName: 'renamed' });
    expect((await client.api(`/policies/claimsMappingPolicies/${first.id}`).get()).displayName).toBe(
      'renamed',
    );
    await client.api(`/policies/claimsMappingPolicies/${first.id}`).delete();
    expect((await client.api('/policies/claimsMappingPolicies').get()).value).toHaveLength(1);
  });

  test('a definition that cannot work is refused', async () => {
    const post = (given: unknown) =>
      refusal(client.api('/policies/claimsMappingPolicies').post({ displayName: 'p', definition: given }));
    expect(await post(['not json'])).toBe('400 Request_BadRequest');
    expect(await post([])).toBe('400 Request_BadRequest');
    expect(await post(definition([{ Source: 'user', JwtClaimType: 'x' }]))).toBe('400 Request_BadRequest');
    expect(await post(definition([{ ...rule, TransformationID: 't' }]))).toBe('501 notImplemented');
    expect(await post(definition([{ ...rule, Source: 'audience' }]))).toBe('501 notImplemented');
  });
});

describe('soft delete', () => {
  test('an application takes its principal and grants along, and can come back', async () => {
    const { app, sp } = await makeResource();
    await client.api(`/applications/${app.id}`).delete();
    expect(await refusal(client.api(`/servicePrincipals/${sp.id}`).get())).toBe(
      '404 Request_ResourceNotFound',
    );
    const deleted = await client.api('/directory/deletedItems/microsoft.graph.application').get();
    expect(deleted.value).toMatchObject([{ id: app.id, uniqueName: 'fhir-resource' }]);
    await client.api(`/directory/deletedItems/${app.id}/restore`).post({});
    expect((await client.api(`/applications/${app.id}`).get()).appId).toBe(app.appId);
    await client.api(`/directory/deletedItems/${sp.id}/restore`).post({});
    expect((await client.api(`/servicePrincipals/${sp.id}`).get()).appId).toBe(app.appId);
  });

  test('a user comes back, unless somebody took the name', async () => {
    const user = await makeUser();
    await client.api(`/users/${user.id}`).delete();
    expect((await client.api('/directory/deletedItems/microsoft.graph.user').get()).value).toMatchObject([
      { id: user.id, userPrincipalName: user.userPrincipalName },
    ]);
    const successor = await makeUser();
    const restore = () => client.api(`/directory/deletedItems/${user.id}/restore`).post({});
    expect(await refusal(restore())).toBe('400 Request_BadRequest');
    await client.api(`/users/${successor.id}`).delete();
    await restore();
    expect((await client.api(`/users/${user.id}`).get()).displayName).toBe('patient');
  });

  test('an extension comes back with its application', async () => {
    const { app } = await makeResource();
    const user = await makeUser();
    const property = await client
      .api(`/applications/${app.id}/extensionProperties`)
      .post({ name: 'fhirUser', dataType: 'String', targetObjects: ['User'] });
    const patch = () => client.api(`/users/${user.id}`).patch({ [property.name]: 'x' });
    await client.api(`/applications/${app.id}`).delete();
    expect(await refusal(patch())).toBe('400 Request_BadRequest');
    await client.api(`/directory/deletedItems/${app.id}/restore`).post({});
    await patch();
  });

  test('what is purged, or older than 30 days, is gone', async () => {
    const [one, two] = [await makeClient('one'), await makeClient('two')];
    await client.api(`/applications/${one.app.id}`).delete();
    await client.api(`/directory/deletedItems/${one.app.id}`).delete();
    expect(await refusal(client.api(`/directory/deletedItems/${one.app.id}`).get())).toBe(
      '404 Request_ResourceNotFound',
    );
    await client.api(`/applications/${two.app.id}`).delete();
    cloud.clock.advance(31 * 86_400_000);
    expect((await client.api('/directory/deletedItems/microsoft.graph.application').get()).value).toEqual([]);
  });
});

describe('queries', () => {
  test('pages follow nextLink; text compares without case', async () => {
    for (const name of ['a', 'b', 'c']) await makeClient(name);
    const first = await client.api('/applications').top(2).get();
    const names: string[] = [];
    await new PageIterator(client, first, (item) => names.push(item.displayName) > 0).iterate();
    expect(names.sort()).toEqual(['a', 'b', 'c', 'smartfhir deployer']);
    const found = await client
      .api('/applications')
      .filter("displayName eq 'A'")
      .select('id,displayName')
      .get();
    expect(found.value).toEqual([{ id: expect.any(String), displayName: 'a' }]);
    expect(
      (await client.api('/applications').filter("startswith(displayName,'SMART')").get()).value,
    ).toHaveLength(1);
    const { app } = await makeResource();
    const byUri = await client
      .api('/applications')
      .filter(`identifierUris/any(x:x eq 'api://${app.appId}')`)
      .get();
    expect(byUri.value).toMatchObject([{ id: app.id }]);
  });

  test('what cannot be asked is refused', async () => {
    const get = (path: string) => refusal(client.api(path).get());
    expect(await get("/applications?$filter=notes eq 'x'")).toBe('400 Request_UnsupportedQuery');
    expect(await get("/applications?$filter=displayName ne 'x'")).toBe('400 Request_UnsupportedQuery');
    expect(await get('/applications?$orderby=displayName')).toBe('400 Request_UnsupportedQuery');
    expect(await get('/applications?$top=0')).toBe('400 Request_BadRequest');
    expect(await get('/applications/not-a-guid')).toBe('400 Request_BadRequest');
    expect(await get('/groups')).toBe('501 notImplemented');
    expect(cloud.logs).toContainEqual({
      standIn: 'graph',
      level: 'error',
      text: "The laptop cloud's Microsoft Graph does not have the route GET /v1.0/groups.",
    });
  });

  test('the tenant names its verified domain', async () => {
    const [tenant] = (await client.api('/organization').get()).value;
    expect(tenant).toMatchObject({ id: TENANT_ID, verifiedDomains: [{ isDefault: true, isInitial: true }] });
    expect((await client.api(`/organization/${TENANT_ID}`).get()).id).toBe(TENANT_ID);
    expect(await refusal(client.api(`/organization/${GRAPH_APP}`).get())).toBe(
      '404 Request_ResourceNotFound',
    );
    expect((await client.api('/domains').get()).value).toMatchObject([
      { id: tenant.verifiedDomains[0].name, isVerified: true },
    ]);
  });
});

describe('replication', () => {
  beforeEach(() => {
    cloud = testCloud([entra, graph], { graphReplicationMs: 5000 });
    client = graphClient(cloud);
  });

  test('what was just written is not there yet, in the words of Graph', async () => {
    const app = await client.api('/applications').post({ displayName: 'x', uniqueName: 'x' });
    expect(await refusal(client.api(`/applications/${app.id}/addPassword`).post({}))).toBe(
      '404 Request_ResourceNotFound',
    );
    await expect(client.api('/servicePrincipals').post({ appId: app.appId })).rejects.toThrow(
      /does not reference a valid application object/,
    );
    const upsert = client.api("/applications(uniqueName='x')").header('Prefer', 'create-if-missing');
    expect(await refusal(upsert.patch({ displayName: 'x' }))).toBe(
      '400 Request_MultipleObjectsWithSameKeyValue',
    );
    cloud.clock.advance(5000);
    const sp = await client.api('/servicePrincipals').post({ appId: app.appId });
    const grant = { clientId: sp.id, consentType: 'AllPrincipals', resourceId: sp.id, scope: 'x' };
    await expect(client.api('/oauth2PermissionGrants').post(grant)).rejects.toThrow(
      /queried reference-property objects are not present/,
    );
  });

  test('reads are stale, writes are not lost', async () => {
    const app = await client.api('/applications').post({ displayName: 'one' });
    cloud.clock.advance(5000);
    await client.api(`/applications/${app.id}`).patch({ displayName: 'two' });
    await client.api(`/applications/${app.id}`).patch({ notes: 'n' });
    expect((await client.api(`/applications/${app.id}`).get()).displayName).toBe('one');
    cloud.clock.advance(5000);
    expect(await client.api(`/applications/${app.id}`).get()).toMatchObject({
      displayName: 'two',
      notes: 'n',
    });
  });
});

describe('permissions', () => {
  test('no token, a foreign audience and a missing role are refused', async () => {
    const get = (authorization?: string) =>
      cloud.fetch(
        new Request('https://graph.microsoft.com/v1.0/applications', {
          headers: authorization === undefined ? {} : { authorization },
        }),
      );
    const anonymous = await get();
    expect(anonymous.status).toBe(401);
    expect(await anonymous.json()).toMatchObject({
      error: {
        code: 'InvalidAuthenticationToken',
        innerError: { 'request-id': anonymous.headers.get('request-id') },
      },
    });
    const foreign = await appToken(cloud, 'https://vault.azure.net/.default');
    expect((await get(`Bearer ${foreign}`)).status).toBe(401);
    const { app } = await makeClient('nobody');
    const { secretText } = await client.api(`/applications/${app.id}/addPassword`).post({});
    const nobody = { clientId: app.appId, clientSecret: secretText as string };
    const token = await appToken(cloud, 'https://graph.microsoft.com/.default', nobody);
    const refused = await get(`Bearer ${token}`);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'Authorization_RequestDenied' } });
  });

  test('OwnedBy changes its own applications, lists none and cannot accept mapped claims', async () => {
    const { app, sp } = await makeClient('owner');
    const graphSp = (await client.api('/servicePrincipals').filter(`appId eq '${GRAPH_APP}'`).get()).value[0];
    const owned = graphSp.appRoles.find(
      (item: { value: string }) => item.value === 'Application.ReadWrite.OwnedBy',
    );
    await client
      .api(`/servicePrincipals/${sp.id}/appRoleAssignments`)
      .post({ principalId: sp.id, resourceId: graphSp.id, appRoleId: owned.id });
    const { secretText } = await client.api(`/applications/${app.id}/addPassword`).post({});
    const as = graphClient({
      ...cloud,
      deployer: { clientId: app.appId, clientSecret: secretText, principalId: sp.id },
    });
    const own = await as.api('/applications').post({ displayName: 'mine' });
    await as.api(`/applications/${own.id}`).patch({ notes: 'n' });
    expect((await as.api(`/applications/${own.id}`).get()).notes).toBe('n');
    const denied = '403 Authorization_RequestDenied';
    expect(await refusal(as.api('/applications').get())).toBe(denied);
    expect(await refusal(as.api(`/applications/${app.id}`).patch({ notes: 'n' }))).toBe(denied);
    expect(
      await refusal(as.api(`/applications/${own.id}`).patch({ api: { acceptMappedClaims: true } })),
    ).toBe(denied);
    expect(await refusal(as.api('/users').get())).toBe(denied);
    expect(await refusal(as.api('/oauth2PermissionGrants').get())).toBe(denied);
    expect(await refusal(as.api('/policies/claimsMappingPolicies').get())).toBe(denied);
    expect(await refusal(as.api('/organization').get())).toBe(denied);
  });

  test('setting a password takes a permission of its own', async () => {
    const user = await makeUser();
    const { app, sp } = await makeClient('user admin');
    const graphSp = (await client.api('/servicePrincipals').filter(`appId eq '${GRAPH_APP}'`).get()).value[0];
    const writes = graphSp.appRoles.find((item: { value: string }) => item.value === 'User.ReadWrite.All');
    await client
      .api(`/servicePrincipals/${sp.id}/appRoleAssignments`)
      .post({ principalId: sp.id, resourceId: graphSp.id, appRoleId: writes.id });
    const { secretText } = await client.api(`/applications/${app.id}/addPassword`).post({});
    const as = graphClient({
      ...cloud,
      deployer: { clientId: app.appId, clientSecret: secretText, principalId: sp.id },
    });
    await as.api(`/users/${user.id}`).patch({ displayName: 'Renamed' });
    const passwordProfile = { password: 'Another-horse-2' };
    expect(await refusal(as.api(`/users/${user.id}`).patch({ passwordProfile }))).toBe(
      '403 Authorization_RequestDenied',
    );
    await client.api(`/users/${user.id}`).patch({ passwordProfile });
  });

  test('a body that is no JSON is refused', async () => {
    const token = await appToken(cloud, 'https://graph.microsoft.com/.default');
    const post = async (body: string, type: string) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type };
      const request = new Request('https://graph.microsoft.com/v1.0/users', {
        method: 'POST',
        headers,
        body,
      });
      return (await cloud.fetch(request)).status;
    };
    expect(await post('{', 'application/json')).toBe(400);
    expect(await post('{}', 'text/plain')).toBe(400);
    expect(await post('[]', 'application/json')).toBe(400);
    expect(await post(`"${'x'.repeat(4 * 1024 * 1024)}"`, 'application/json')).toBe(413);
  });
});
