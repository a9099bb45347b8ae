import { beforeAll, describe, expect, test } from 'vitest';
import { entra } from '../../../src/local/entra/entra.ts';
import { issuerV1 } from '../../../src/local/entra/issuer.ts';
import { sign } from '../../../src/local/entra/signing-keys.ts';
import { graph } from '../../../src/local/graph/graph.ts';
import { START, TENANT_ID, testCloud } from '../directory/test-fabric.ts';

const NOBODY = '77777777-0000-4000-8000-000000000000';
const POLICIES = '/policies/claimsMappingPolicies';
const cloud = testCloud([entra, graph]);

let app: string;
let sp: string;

/** A call under exactly these application permissions, with a body where the method takes one. */
async function call(method: string, path: string, roles: readonly string[], body: unknown = {}) {
  const now = START / 1000;
  const claims = {
    ...{ aud: 'https://graph.microsoft.com', iss: issuerV1(cloud.fabric), tid: TENANT_ID },
    ...{ oid: NOBODY, appid: NOBODY, uti: 'u', nbf: now, exp: now + 600, roles },
  };
  const token = await sign(cloud.fabric, claims, 1);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = ['GET', 'DELETE'].includes(method) ? {} : { body: JSON.stringify(body) };
  const url = `https://graph.microsoft.com/v1.0${path.replace('{app}', app).replace('{sp}', sp)}`;
  return cloud.fetch(new Request(url, { method, headers, ...init }));
}

beforeAll(async () => {
  [app, sp] = ['', ''];
  const roles = ['Application.ReadWrite.All'];
  const made = (await (await call('POST', '/applications', roles, { displayName: 'x' })).json()) as {
    id: string;
    appId: string;
  };
  const principal = await call('POST', '/servicePrincipals', roles, { appId: made.appId });
  app = made.id;
  sp = ((await principal.json()) as { id: string }).id;
});

/** The least application permission of each route in Microsoft's reference; ids of nobody where it would change. */
const ROUTES: [string, string, string][] = [
  ['GET', '/applications', 'Application.Read.All'],
  ['GET', '/applications/{app}', 'Application.Read.All'],
  ['POST', '/applications', 'Application.ReadWrite.All'],
  ['PATCH', '/applications/{app}', 'Application.ReadWrite.All'],
  ['POST', '/applications/{app}/removePassword', 'Application.ReadWrite.All'],
  ['GET', '/applications/{app}/extensionProperties', 'Application.Read.All'],
  ['POST', '/applications/{app}/extensionProperties', 'Application.ReadWrite.All'],
  ['GET', '/servicePrincipals', 'Application.Read.All'],
  ['GET', '/servicePrincipals/{sp}', 'Application.Read.All'],
  ['POST', '/servicePrincipals', 'Application.ReadWrite.All'],
  ['PATCH', '/servicePrincipals/{sp}', 'Application.ReadWrite.All'],
  ['GET', '/servicePrincipals/{sp}/appRoleAssignedTo', 'Application.Read.All'],
  ['POST', '/servicePrincipals/{sp}/appRoleAssignedTo', 'AppRoleAssignment.ReadWrite.All'],
  ['DELETE', '/servicePrincipals/{sp}/appRoleAssignedTo/x', 'AppRoleAssignment.ReadWrite.All'],
  ['GET', '/servicePrincipals/{sp}/appRoleAssignments', 'Application.Read.All'],
  ['GET', '/servicePrincipals/{sp}/oauth2PermissionGrants', 'Directory.Read.All'],
  ['GET', '/oauth2PermissionGrants', 'Directory.Read.All'],
  ['GET', '/oauth2PermissionGrants/x', 'Directory.Read.All'],
  ['POST', '/oauth2PermissionGrants', 'DelegatedPermissionGrant.ReadWrite.All'],
  ['PATCH', '/oauth2PermissionGrants/x', 'DelegatedPermissionGrant.ReadWrite.All'],
  ['DELETE', '/oauth2PermissionGrants/x', 'DelegatedPermissionGrant.ReadWrite.All'],
  ['GET', POLICIES, 'Policy.Read.All'],
  ['POST', POLICIES, 'Policy.ReadWrite.ApplicationConfiguration'],
  ['GET', `${POLICIES}/x`, 'Policy.Read.All'],
  ['PATCH', `${POLICIES}/x`, 'Policy.ReadWrite.ApplicationConfiguration'],
  ['DELETE', `${POLICIES}/x`, 'Policy.ReadWrite.ApplicationConfiguration'],
  ['GET', `${POLICIES}/x/appliesTo`, 'Policy.Read.All'],
  ['GET', '/users', 'User.Read.All'],
  ['GET', `/users/${NOBODY}`, 'User.Read.All'],
  ['POST', '/users', 'User.ReadWrite.All'],
  ['PATCH', `/users/${NOBODY}`, 'User.ReadWrite.All'],
  ['DELETE', `/users/${NOBODY}`, 'User.ReadWrite.All'],
  ['POST', `/users/${NOBODY}/revokeSignInSessions`, 'User.RevokeSessions.All'],
  ['GET', '/organization', 'Organization.Read.All'],
  ['GET', `/organization/${TENANT_ID}`, 'Organization.Read.All'],
  ['GET', '/domains', 'Domain.Read.All'],
];

const ALL = [...new Set(ROUTES.map(([, , permission]) => permission))];

describe('every route of Graph', () => {
  const bodyOf = (path: string) => (path === '/servicePrincipals' ? { appId: NOBODY } : {});

  test.each(ROUTES)('%s %s is open to %s', async (method, path, permission) => {
    const { status } = await call(method, path, [permission], bodyOf(path));
    expect([401, 403, 501]).not.toContain(status);
    expect(status).toBeLessThan(500);
  });

  test.each(ROUTES)('%s %s is closed without a permission', async (method, path) => {
    const response = await call(method, path, [], bodyOf(path));
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'Authorization_RequestDenied' } });
  });

  test.each(ROUTES.filter(([method]) => method !== 'GET'))(
    '%s %s is closed to those who may only read',
    async (method, path) => {
      const reading = ALL.filter((name) => name.includes('.Read.'));
      expect((await call(method, path, reading, bodyOf(path))).status).toBe(403);
    },
  );
});

describe('assigning a policy', () => {
  const path = '/servicePrincipals/{sp}/claimsMappingPolicies';

  test.each<[string[], number]>([
    [['Policy.ReadWrite.ApplicationConfiguration'], 403],
    [['Application.ReadWrite.All'], 403],
    [['Policy.ReadWrite.ApplicationConfiguration', 'Application.Read.All'], 403],
    [['Policy.ReadWrite.ApplicationConfiguration', 'Application.ReadWrite.All'], 400],
  ])('under %j answers %i', async (roles, status) => {
    expect((await call('POST', `${path}/$ref`, roles)).status).toBe(status);
  });

  test('is read under Policy.Read.All', async () => {
    expect((await call('GET', path, ['Policy.Read.All'])).status).toBe(200);
    expect((await call('GET', path, ['Application.Read.All'])).status).toBe(403);
  });
});
