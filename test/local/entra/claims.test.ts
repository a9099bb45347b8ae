import { beforeEach, describe, expect, test } from 'vitest';
import { directoryOf } from '../../../src/local/directory/directory.ts';
import { consentedScopes } from '../../../src/local/directory/grants.ts';
import { issueAccessToken } from '../../../src/local/entra/access-token.ts';
import {
  missingConsent,
  parseScopes,
  responseScope,
  tokenResource,
} from '../../../src/local/entra/scopes.ts';
import { TENANT_ID } from '../directory/test-fabric.ts';
import { claimsOf, codeFrom, grantToAll, makeTenant, redeem, type Tenant } from './tenant.ts';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await makeTenant();
});

const parties = () => {
  const directory = directoryOf(tenant.cloud.fabric);
  const named = (appId: string) => directory.resourceNamed(appId)!;
  return { directory, client: named(tenant.client.appId), resource: named(tenant.resource.appId) };
};

describe('scopes', () => {
  const parse = (text: string) => {
    const { directory, client } = parties();
    return parseScopes(directory, client, text);
  };

  test('are split at the last slash; bare words belong to Microsoft Graph', () => {
    const parsed = parse(
      `openid ${tenant.scope('launch.patient')} User.Read https://graph.microsoft.com/openid`,
    );
    expect(parsed.oidc).toEqual(['openid']);
    expect(parsed.resources.map((item) => [item.name, item.values])).toEqual([
      [`api://${tenant.resource.appId}`, ['launch.patient']],
      ['00000003-0000-0000-c000-000000000000', ['User.Read', 'openid']],
    ]);
  });

  test('one resource may be spelled in several ways', () => {
    const parsed = parse(`${tenant.resource.appId}/launch.patient ${tenant.scope('patient.Patient.rs')}`);
    expect(parsed.resources).toHaveLength(1);
    expect(parsed.resources[0]).toMatchObject({ values: ['launch.patient', 'patient.Patient.rs'] });
  });

  test('SMART spelling does not survive', () => {
    expect(() => parse('launch/patient')).toThrow(
      /AADSTS500011: The resource principal named launch was not found/,
    );
    expect(() => parse('patient/Patient.rs')).toThrow('AADSTS500011');
    expect(() => parse('fhirUser')).toThrow(
      /AADSTS650053: .*asked for scope 'fhirUser' that doesn't exist on the resource '00000003-0000-0000-c000/,
    );
    expect(() => parse(`api://${tenant.resource.appId}/patient/Patient.rs`)).toThrow('AADSTS500011');
    expect(() => parse('https://vault.azure.net')).toThrow('AADSTS500011');
  });

  test('a disabled permission cannot be asked for, nor counts when granted', async () => {
    await grantToAll(tenant, 'launch.patient patient.Patient.rs');
    const app = await tenant.graph.api(`/applications/${tenant.resource.id}`).get();
    await tenant.graph.api(`/applications/${tenant.resource.id}`).patch({
      api: {
        oauth2PermissionScopes: app.api.oauth2PermissionScopes.map((item: { value: string }) => ({
          ...item,
          isEnabled: item.value !== 'launch.patient',
        })),
      },
    });
    expect(() => parse(tenant.scope('launch.patient'))).toThrow('AADSTS650053');
    const { directory, client, resource } = parties();
    expect(consentedScopes(directory, client.principal, resource, tenant.userId)).toEqual([
      'patient.Patient.rs',
    ]);
  });

  test('what is missing leaves out what was granted, and is nothing for a pre-authorized client', async () => {
    const { directory, client } = parties();
    const asked = () => parse(`${tenant.scope('patient.Patient.rs')} ${tenant.scope('launch.patient')}`);
    const missing = () =>
      missingConsent(directory, client, tenant.userId, asked()).flatMap((item) =>
        item.scopes.map((scope) => scope.value),
      );
    expect(missing()).toEqual(['patient.Patient.rs', 'launch.patient']);
    await grantToAll(tenant, 'launch.patient');
    expect(missing()).toEqual(['patient.Patient.rs']);
    const { api } = await tenant.graph.api(`/applications/${tenant.resource.id}`).get();
    await tenant.graph.api(`/applications/${tenant.resource.id}`).patch({
      api: {
        preAuthorizedApplications: [
          {
            appId: tenant.client.appId,
            delegatedPermissionIds: api.oauth2PermissionScopes.map((item: { id: string }) => item.id),
          },
        ],
      },
    });
    expect(missing()).toEqual([]);
    const { resource } = parties();
    expect(consentedScopes(directory, client.principal, resource, tenant.userId)).toHaveLength(4);
  });

  test("another user's consent does not count", () => {
    const { directory, client, resource } = parties();
    directory.grants.putNow({
      id: 'g',
      clientId: client.principal.id,
      resourceId: resource.principal.id,
      consentType: 'Principal',
      principalId: TENANT_ID,
      scope: 'launch.patient',
    });
    expect(consentedScopes(directory, client.principal, resource, tenant.userId)).toEqual([]);
    expect(consentedScopes(directory, client.principal, resource, TENANT_ID)).toEqual(['launch.patient']);
  });

  test('a response names scopes in full; .default is repeated', () => {
    const { directory } = parties();
    const target = tokenResource(directory, parse(tenant.scope('.default')));
    expect(responseScope(target, ['launch.patient'])).toBe(
      `${tenant.scope('launch.patient')} ${tenant.scope('.default')}`,
    );
    const graph = tokenResource(directory, parse('openid User.Read'));
    expect(responseScope(graph, ['openid', 'User.Read'])).toBe(
      'openid https://graph.microsoft.com/User.Read',
    );
  });
});

describe('access token', () => {
  const patch = (body: object) => tenant.graph.api(`/applications/${tenant.resource.id}`).patch(body);

  test('without a requested version is v1: audience as asked, appid, upn', async () => {
    await patch({ api: { requestedAccessTokenVersion: null } });
    const body = await redeem(tenant, { code: await codeFrom(tenant) });
    const claims = claimsOf(body.access_token);
    expect(claims).toMatchObject({
      aud: `api://${tenant.resource.appId}`,
      iss: `https://sts.windows.net/${TENANT_ID}/`,
      appid: tenant.client.appId,
      appidacr: '1',
      unique_name: tenant.username,
      upn: tenant.username,
      amr: ['pwd'],
      ver: '1.0',
    });
    for (const name of ['azp', 'azpacr', 'preferred_username', 'idtyp'])
      expect(claims).not.toHaveProperty(name);
    const header = JSON.parse(Buffer.from(body.access_token.split('.')[0]!, 'base64url').toString());
    expect(header).toMatchObject({ typ: 'JWT', alg: 'RS256', x5t: header.kid });
    expect(claimsOf(body.id_token)['ver']).toBe('2.0');
  });

  test('v2 headers have no x5t; every token has its own uti', async () => {
    const { client, resource } = parties();
    const issue = () =>
      issueAccessToken(tenant.cloud.fabric, { client, proof: 'secret', resource, resourceName: 'x' });
    const [one, two] = [await issue(), await issue()];
    expect(JSON.parse(Buffer.from(one.token.split('.')[0]!, 'base64url').toString())).not.toHaveProperty(
      'x5t',
    );
    expect(claimsOf(one.token)['uti']).not.toBe(claimsOf(two.token)['uti']);
    expect(one.expiresInSeconds).toBe(3599);
    expect(claimsOf(one.token)['exp']).toBe(one.expiresAt);
  });

  test('idtyp is there when the resource asks for it', async () => {
    await patch({ optionalClaims: { accessToken: [{ name: 'idtyp' }] } });
    const { client, resource } = parties();
    const request = { client, proof: 'secret', resource, resourceName: 'x' } as const;
    const { token } = await issueAccessToken(tenant.cloud.fabric, request);
    expect(claimsOf(token)['idtyp']).toBe('app');
  });

  test('roles of a user are in access and id_token of the app they belong to', async () => {
    const id = crypto.randomUUID();
    const appRoles = [
      {
        id,
        value: 'nurse',
        displayName: 'nurse',
        description: 'nurse',
        allowedMemberTypes: ['User'],
        isEnabled: true,
      },
    ];
    await patch({ appRoles });
    await tenant.graph.api(`/users/${tenant.userId}/appRoleAssignments`).post({
      principalId: tenant.userId,
      resourceId: tenant.resource.principalId,
      appRoleId: id,
    });
    const body = await redeem(tenant, { code: await codeFrom(tenant) });
    expect(claimsOf(body.access_token)['roles']).toEqual(['nurse']);
    expect(claimsOf(body.id_token)).not.toHaveProperty('roles');
  });
});

describe('id_token', () => {
  test('tells only what the scopes allow', async () => {
    await tenant.graph.api(`/users/${tenant.userId}`).patch({ mail: 'pat@home.example' });
    const only = async (scope: string) =>
      claimsOf((await redeem(tenant, { code: await codeFrom(tenant, { scope }) })).id_token);
    const bare = await only('openid');
    for (const name of ['name', 'preferred_username', 'oid', 'email']) expect(bare).not.toHaveProperty(name);
    expect(await only('openid email')).toMatchObject({ email: 'pat@home.example', sub: bare['sub'] });
    expect(await only('openid profile')).toMatchObject({
      oid: tenant.userId,
      preferred_username: tenant.username,
    });
  });

  test('optional claims of the client are added', async () => {
    await tenant.graph.api(`/users/${tenant.userId}`).patch({ givenName: 'Pat', surname: 'Ient' });
    const names = ['given_name', 'family_name', 'login_hint', 'acct', 'unheard_of'];
    await tenant.graph.api(`/applications/${tenant.client.id}`).patch({
      optionalClaims: { idToken: names.map((name) => ({ name })) },
    });
    const claims = claimsOf((await redeem(tenant, { code: await codeFrom(tenant) })).id_token);
    expect(claims).toMatchObject({ given_name: 'Pat', family_name: 'Ient', acct: 0 });
    expect(claims).toHaveProperty('login_hint');
    expect(claims).not.toHaveProperty('unheard_of');
  });

  test('a subject is the same at every sign-in', async () => {
    const sub = async () =>
      claimsOf((await redeem(tenant, { code: await codeFrom(tenant) })).id_token)['sub'];
    expect(await sub()).toBe(await sub());
  });
});
