import { beforeAll, describe, expect, test } from 'vitest';
import { entra } from '../../../src/local/entra/entra.ts';
import { graph } from '../../../src/local/graph/graph.ts';
import { TENANT_ID, type TestCloud, testCloud } from '../directory/test-fabric.ts';
import { appToken } from './graph-client.ts';

const GRAPH_APP = '00000003-0000-0000-c000-000000000000';
const NOBODY = '77777777-0000-4000-8000-000000000000';
const BAD = '400 Request_BadRequest';
const MISSING = '404 Request_ResourceNotFound';
const DENIED = '403 Authorization_RequestDenied';

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: test bodies are looked into freely
  readonly body: any;
  readonly headers: Headers;
}

let cloud: TestCloud;
let token: string;
let app: { id: string; appId: string };
let sp: { id: string };
let user: { id: string; userPrincipalName: string };
let domain: string;

/** One tenant for the whole file: a refused call changes nothing, and the others make objects of their own. */
beforeAll(async () => {
  cloud = testCloud([entra, graph]);
  token = await appToken(cloud, 'https://graph.microsoft.com/.default');
  app = await made('/applications', { displayName: 'app', uniqueName: 'app' });
  sp = await made('/servicePrincipals', { appId: app.appId });
  [{ id: domain }] = (await call('GET', '/domains')).body.value;
  user = await makeUser('pat');
});

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await cloud.fetch(
    new Request(`https://graph.microsoft.com/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...init,
    }),
  );
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

/** Status and error code; the code of an answer without error is empty. */
async function outcome(...given: Parameters<typeof call>): Promise<string> {
  const answer = await call(...given);
  return `${answer.status} ${answer.body?.error?.code ?? ''}`.trim();
}

async function made<T>(path: string, body: unknown): Promise<T> {
  const answer = await call('POST', path, body);
  expect(answer.status).toBe(201);
  return answer.body as T;
}

function makeUser(name: string): Promise<{ id: string; userPrincipalName: string }> {
  return made('/users', {
    accountEnabled: true,
    displayName: name,
    mailNickname: name,
    userPrincipalName: `${name}@${domain}`,
    passwordProfile: { password: 'Correct-horse-1' },
  });
}

describe('routes', () => {
  test.each([
    ['GET', '/groups'],
    ['GET', '/me'],
    ['PUT', '/applications'],
    ['POST', '/$batch'],
    ['GET', '/applications/x/owners'],
    ['POST', '/domains'],
  ])('%s %s is not imitated, and the log says so', async (method, path) => {
    expect(await outcome(method, path)).toBe('501 notImplemented');
    expect(cloud.logs.at(-1)).toMatchObject({ standIn: 'graph', level: 'error' });
    expect(cloud.logs.at(-1)?.text).toContain(`${method} /v1.0${path}`);
  });

  test('beta is not served', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await cloud.fetch(new Request('https://graph.microsoft.com/beta/users', { headers }));
    expect(response.status).toBe(501);
  });

  test('the tenant is read by its id, and by no other', async () => {
    const answer = await call('GET', `/organization/${TENANT_ID}?$select=id,verifiedDomains`);
    expect(answer.body).toMatchObject({
      id: TENANT_ID,
      verifiedDomains: [{ name: domain, isDefault: true }],
    });
    expect(Object.keys(answer.body).sort()).toEqual(['id', 'verifiedDomains']);
    expect(await outcome('GET', `/organization/${NOBODY}`)).toBe(MISSING);
    expect((await call('GET', '/organization')).body.value).toMatchObject([{ id: TENANT_ID }]);
  });

  test('a refusal repeats the request id of the client', async () => {
    const answer = await call('GET', `/users/${NOBODY}`, undefined, { 'client-request-id': NOBODY });
    expect(answer.headers.get('client-request-id')).toBe(NOBODY);
    expect(answer.body.error.innerError).toMatchObject({
      date: '2026-11-24T12:00:00',
      'client-request-id': NOBODY,
      'request-id': answer.headers.get('request-id'),
    });
  });
});

describe('objects nobody has', () => {
  test.each([
    ['GET', `/applications/${NOBODY}`],
    ['PATCH', `/applications/${NOBODY}`],
    ['DELETE', `/applications/${NOBODY}`],
    ['GET', `/applications(appId='${NOBODY}')`],
    ['POST', `/applications/${NOBODY}/addPassword`],
    ['POST', `/applications/${NOBODY}/removePassword`],
    ['GET', `/applications/${NOBODY}/extensionProperties`],
    ['GET', `/servicePrincipals/${NOBODY}`],
    ['PATCH', `/servicePrincipals/${NOBODY}`],
    ['DELETE', `/servicePrincipals/${NOBODY}`],
    ['GET', `/servicePrincipals/${NOBODY}/appRoleAssignedTo`],
    ['GET', `/servicePrincipals/${NOBODY}/oauth2PermissionGrants`],
    ['GET', `/servicePrincipals/${NOBODY}/claimsMappingPolicies`],
    ['GET', `/policies/claimsMappingPolicies/${NOBODY}`],
    ['PATCH', `/policies/claimsMappingPolicies/${NOBODY}`],
    ['DELETE', `/policies/claimsMappingPolicies/${NOBODY}`],
    ['GET', `/policies/claimsMappingPolicies/${NOBODY}/appliesTo`],
    ['GET', `/oauth2PermissionGrants/${NOBODY}`],
    ['PATCH', `/oauth2PermissionGrants/${NOBODY}`],
    ['DELETE', `/oauth2PermissionGrants/${NOBODY}`],
    ['GET', `/users/${NOBODY}`],
    ['GET', '/users/nobody@example.com'],
    ['PATCH', `/users/${NOBODY}`],
    ['DELETE', `/users/${NOBODY}`],
    ['POST', `/users/${NOBODY}/revokeSignInSessions`],
    ['GET', `/users/${NOBODY}/appRoleAssignments`],
    ['GET', `/directory/deletedItems/${NOBODY}`],
    ['POST', `/directory/deletedItems/${NOBODY}/restore`],
    ['DELETE', `/directory/deletedItems/${NOBODY}`],
  ])('%s %s', async (method, path) => {
    const body = path.endsWith('removePassword') ? { keyId: NOBODY } : {};
    const given = method === 'GET' || method === 'DELETE' ? undefined : body;
    expect(await outcome(method, path, given)).toBe(MISSING);
  });

  test.each([
    ['GET', `/applications(displayName='app')`],
    ['GET', '/applications/no-guid'],
    ['GET', `/servicePrincipals(displayName='app')`],
    ['GET', '/servicePrincipals/no-guid'],
  ])('%s %s is no key', async (method, path) => {
    expect(await outcome(method, path)).toBe(BAD);
  });
});

describe('applications', () => {
  const resources = (count: number, permissions = 1) =>
    Array.from({ length: count }, () => ({
      resourceAppId: crypto.randomUUID(),
      resourceAccess: Array.from({ length: permissions }, () => ({ id: crypto.randomUUID(), type: 'Scope' })),
    }));
  const twice = resources(1).flatMap((item) => [item, item]);

  test.each<[string, object, string]>([
    ['no display name', { displayName: undefined }, BAD],
    ['a display name of 257 characters', { displayName: 'x'.repeat(257) }, BAD],
    ['a unique name of 129 characters', { uniqueName: 'x'.repeat(129) }, BAD],
    ['51 identifier URIs', { identifierUris: Array.from({ length: 51 }, (_, i) => `api://${i}`) }, BAD],
    ['an identifier URI with a wildcard', { identifierUris: ['api://*'] }, BAD],
    ['an identifier URI with a fragment', { identifierUris: [`api://${TENANT_ID}/x#y`] }, BAD],
    ['an identifier URI ending in a slash', { identifierUris: [`api://${TENANT_ID}/`] }, BAD],
    ['an identifier URI that is none', { identifierUris: ['fhir'] }, BAD],
    ['permissions on 51 resources', { requiredResourceAccess: resources(51) }, BAD],
    ['401 permissions', { requiredResourceAccess: resources(1, 401) }, BAD],
    ['permissions on one resource twice', { requiredResourceAccess: twice }, '400 DuplicateValue'],
    ['credentials in a redirect URI', { web: { redirectUris: ['https://a:b@c.example/'] } }, BAD],
    ['plain HTTP for a single page app', { spa: { redirectUris: ['http://app.example/'] } }, BAD],
    ['257 redirect URIs', { web: { redirectUris: Array(257).fill('https://a.example/') } }, BAD],
    ['a redirect URI of 257 characters', { web: { redirectUris: [`https://a/${'x'.repeat(247)}`] } }, BAD],
    ['a token version 3', { api: { requestedAccessTokenVersion: 3 } }, BAD],
    ['a date of its own', { createdDateTime: '2026-01-01T00:00:00Z' }, BAD],
    ['groups in tokens', { groupMembershipClaims: 'All' }, '501 notImplemented'],
  ])('%s is refused', async (_, changes, expected) => {
    expect(await outcome('POST', '/applications', { displayName: 'x', ...changes })).toBe(expected);
  });

  test('50 resources, 400 permissions and the longest names are taken', async () => {
    const body = {
      displayName: 'x'.repeat(256),
      uniqueName: 'y'.repeat(128),
      requiredResourceAccess: resources(50, 8),
      web: { redirectUris: [`https://a/${'x'.repeat(246)}`] },
    };
    const { id } = await made<{ id: string }>('/applications', body);
    expect((await call('GET', `/applications/${id}`)).body).toMatchObject({
      displayName: body.displayName,
      publisherDomain: domain,
      requiredResourceAccess: body.requiredResourceAccess,
    });
  });

  test('a unique name stays', async () => {
    expect(await outcome('PATCH', `/applications/${app.id}`, { uniqueName: 'other' })).toBe(BAD);
    expect(await outcome('PATCH', `/applications/${app.id}`, { uniqueName: 'app' })).toBe('204');
  });

  test('an upsert of a new application needs its display name', async () => {
    const headers = { prefer: 'create-if-missing' };
    expect(await outcome('PATCH', "/applications(uniqueName='fresh')", {}, headers)).toBe(BAD);
  });

  test('an identifier URI belongs to one application', async () => {
    const taken = { identifierUris: [`api://${TENANT_ID}/taken`] };
    await made('/applications', { displayName: 'holder', ...taken });
    expect(await outcome('POST', '/applications', { displayName: 'x', ...taken })).toBe(
      '400 Request_MultipleObjectsWithSameKeyValue',
    );
  });
});

describe('extension properties', () => {
  const property = { name: 'level', dataType: 'String', targetObjects: ['User'] };
  const path = () => `/applications/${app.id}/extensionProperties`;

  test.each<[string, object]>([
    ['a name with a dash', { name: 'fhir-user' }],
    ['an empty name', { name: '' }],
    ['an unknown type', { dataType: 'Float' }],
    ['no targets', { targetObjects: undefined }],
  ])('%s is refused', async (_, changes) => {
    expect(await outcome('POST', path(), { ...property, ...changes })).toBe(BAD);
  });

  test('a value has the type of its property', async () => {
    const types = { Boolean: [true, 'true'], Integer: [7, 7.5], LargeInteger: [2 ** 40, '1'] } as const;
    for (const [dataType, [good, bad]] of Object.entries(types)) {
      const { name } = await made<{ name: string }>(path(), {
        ...property,
        name: `of_${dataType}`,
        dataType,
      });
      expect(await outcome('PATCH', `/users/${user.id}`, { [name]: bad })).toBe(BAD);
      expect(await outcome('PATCH', `/users/${user.id}`, { [name]: good })).toBe('204');
      expect((await call('GET', `/users/${user.id}?$select=${name}`)).body).toEqual({ [name]: good });
    }
  });

  test('one that is not of this application is not deleted', async () => {
    const other = await made<{ id: string }>('/applications', { displayName: 'other' });
    const { id } = await made<{ id: string }>(path(), { ...property, name: 'mine' });
    expect(await outcome('DELETE', `/applications/${other.id}/extensionProperties/${id}`)).toBe(MISSING);
    expect(await outcome('DELETE', `${path()}/${id}`)).toBe('204');
    expect(await outcome('DELETE', `${path()}/${id}`)).toBe(MISSING);
  });

  test('they end when their application is purged', async () => {
    const holder = await made<{ id: string }>('/applications', { displayName: 'holder' });
    const { name } = await made<{ name: string }>(`/applications/${holder.id}/extensionProperties`, property);
    expect(await outcome('PATCH', `/users/${user.id}`, { [name]: 'x' })).toBe('204');
    await call('DELETE', `/applications/${holder.id}`);
    expect(await outcome('DELETE', `/directory/deletedItems/${holder.id}`)).toBe('204');
    expect(await outcome('PATCH', `/users/${user.id}`, { [name]: 'y' })).toBe(BAD);
  });
});

describe('service principals', () => {
  test('need an appId, and keep it', async () => {
    expect(await outcome('POST', '/servicePrincipals', {})).toBe(BAD);
    expect(await outcome('PATCH', `/servicePrincipals/${sp.id}`, { appId: NOBODY })).toBe(BAD);
    expect(await outcome('PATCH', `/servicePrincipals/${sp.id}`, { appId: app.appId })).toBe('204');
    expect(await outcome('PATCH', `/servicePrincipals/${sp.id}`, { displayName: 'x' })).toBe(
      '501 notImplemented',
    );
  });

  test('an upsert creates the one of an application that has none', async () => {
    const bare = await made<{ appId: string }>('/applications', { displayName: 'bare' });
    const path = `/servicePrincipals(appId='${bare.appId}')`;
    expect(await outcome('PATCH', path, { tags: ['t'] })).toBe(MISSING);
    const answer = await call('PATCH', path, { tags: ['t'] }, { prefer: 'create-if-missing' });
    expect(answer).toMatchObject({ status: 201, body: { appId: bare.appId, tags: ['t'] } });
    expect(answer.headers.get('location')).toContain(answer.body.id);
  });

  test('one that was deleted takes its roles and grants along, and does not come back beside another', async () => {
    const own = await made<{ appId: string }>('/applications', { displayName: 'own' });
    const first = await made<{ id: string }>('/servicePrincipals', { appId: own.appId });
    const held = { appRoleId: '00000000-0000-0000-0000-000000000000', resourceId: sp.id };
    await made(`/servicePrincipals/${sp.id}/appRoleAssignedTo`, { ...held, principalId: first.id });
    const grant = { clientId: first.id, consentType: 'AllPrincipals', resourceId: sp.id, scope: 'x' };
    const { id } = await made<{ id: string }>('/oauth2PermissionGrants', grant);
    expect(await outcome('DELETE', `/servicePrincipals/${first.id}`)).toBe('204');
    expect((await call('GET', `/servicePrincipals/${sp.id}/appRoleAssignedTo`)).body.value).toEqual([]);
    expect(await outcome('GET', `/oauth2PermissionGrants/${id}`)).toBe(MISSING);
    await made('/servicePrincipals', { appId: own.appId });
    const restored = await call('POST', `/directory/deletedItems/${first.id}/restore`, {});
    expect(restored.status).toBeGreaterThanOrEqual(400);
    expect(restored.body.error.code).toBe('Request_MultipleObjectsWithSameKeyValue');
  });
});

describe('claims mapping policies', () => {
  const schema = [{ Source: 'user', ID: 'objectid', JwtClaimType: 'x' }];
  const definition = (changes: object = {}, policy: object = {}) => [
    JSON.stringify({
      ClaimsMappingPolicy: {
        Version: 1,
        IncludeBasicClaimSet: 'true',
        ClaimsSchema: [{ ...schema[0], ...changes }],
        ...policy,
      },
    }),
  ];

  test.each<[string, object, string]>([
    ['no definition', { displayName: 'p' }, BAD],
    ['no name', { definition: definition() }, BAD],
    ['two definitions', { displayName: 'p', definition: [...definition(), ...definition()] }, BAD],
    [
      'the default of the organization',
      { displayName: 'p', definition: definition(), isOrganizationDefault: true },
      BAD,
    ],
    [
      'a claim without a type',
      { displayName: 'p', definition: definition({ JwtClaimType: undefined }) },
      BAD,
    ],
    ['a claim without a source', { displayName: 'p', definition: definition({ Source: undefined }) }, BAD],
    [
      'a claim of ID and ExtensionID',
      { displayName: 'p', definition: definition({ ExtensionID: 'e' }) },
      BAD,
    ],
    ['version 2', { displayName: 'p', definition: definition({}, { Version: 2 }) }, BAD],
    [
      'claims without the basic set',
      { displayName: 'p', definition: definition({}, { IncludeBasicClaimSet: 'false' }) },
      '501 notImplemented',
    ],
    [
      'transformations',
      { displayName: 'p', definition: definition({}, { ClaimsTransformations: [] }) },
      '501 notImplemented',
    ],
  ])('%s: refused', async (_, body, expected) => {
    expect(await outcome('POST', '/policies/claimsMappingPolicies', body)).toBe(expected);
  });

  test('a constant needs no source', async () => {
    const constant = definition({ Source: undefined, ID: undefined, Value: 'v' });
    await made('/policies/claimsMappingPolicies', { displayName: 'constant', definition: constant });
  });

  test.each([
    ['nothing', {}],
    ['no text', { '@odata.id': 1 }],
    ['a text', 'x'],
    ['another host', { '@odata.id': `https://evil.example/v1.0/policies/claimsMappingPolicies/${NOBODY}` }],
    ['another kind', { '@odata.id': `https://graph.microsoft.com/v1.0/applications/${NOBODY}` }],
  ])('%s is no reference to a policy', async (_, body) => {
    expect(await outcome('POST', `/servicePrincipals/${sp.id}/claimsMappingPolicies/$ref`, body)).toBe(BAD);
  });

  test('the services of Microsoft take none, and what is not assigned is not taken away', async () => {
    const body = { displayName: 'p', definition: definition() };
    const { id } = await made<{ id: string }>('/policies/claimsMappingPolicies', body);
    const link = { '@odata.id': `https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/${id}` };
    const path = `/servicePrincipals(appId='${GRAPH_APP}')/claimsMappingPolicies`;
    expect(await outcome('POST', `${path}/$ref`, link)).toBe(DENIED);
    expect(await outcome('DELETE', `/servicePrincipals/${sp.id}/claimsMappingPolicies/${id}/$ref`)).toBe(
      MISSING,
    );
  });

  test('a deleted policy is assigned to nobody', async () => {
    const body = { displayName: 'p', definition: definition() };
    const { id } = await made<{ id: string }>('/policies/claimsMappingPolicies', body);
    const link = { '@odata.id': `https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/${id}` };
    const path = `/servicePrincipals/${sp.id}/claimsMappingPolicies`;
    expect(await outcome('POST', `${path}/$ref`, link)).toBe('204');
    expect(await outcome('DELETE', `/policies/claimsMappingPolicies/${id}`)).toBe('204');
    expect((await call('GET', path)).body.value).toEqual([]);
  });
});

describe('users', () => {
  test.each<[string, object, string]>([
    ['a name of 257 characters', { displayName: 'x'.repeat(257) }, BAD],
    ['a nickname of 65 characters', { mailNickname: 'x'.repeat(65) }, BAD],
    ['an address without a domain', { userPrincipalName: 'somebody' }, BAD],
    ['no password', { passwordProfile: {} }, BAD],
    ['a password of lower case letters alone', { passwordProfile: { password: 'correcthorse' } }, BAD],
    ['an unknown kind of user', { userType: 'Robot' }, BAD],
    ['an account that is neither on nor off', { accountEnabled: null }, BAD],
    ['a phone', { mobilePhone: '1' }, '501 notImplemented'],
    ['an id of its own', { id: NOBODY }, BAD],
  ])('%s is refused', async (_, changes, expected) => {
    const body = {
      accountEnabled: true,
      displayName: 'x',
      mailNickname: 'x',
      userPrincipalName: `x@${domain}`,
      passwordProfile: { password: 'Correct-horse-1' },
      ...changes,
    };
    expect(await outcome('POST', '/users', body)).toBe(expected);
  });

  test('a name is changed to one that is free', async () => {
    const other = await makeUser('other');
    const rename = (name: string) =>
      outcome('PATCH', `/users/${other.id}`, { userPrincipalName: `${name}@${domain}` });
    expect(await rename('PAT')).toBe('400 Request_MultipleObjectsWithSameKeyValue');
    expect(await rename('other')).toBe('204');
    expect(await rename('renamed')).toBe('204');
    expect((await call('GET', `/users/renamed@${domain}`)).body.id).toBe(other.id);
  });

  test('a body that is no object is refused', async () => {
    for (const body of [[], null, 'x']) expect(await outcome('PATCH', `/users/${user.id}`, body)).toBe(BAD);
  });

  test('the sessions of a user are revoked', async () => {
    expect((await call('POST', `/users/${user.id}/revokeSignInSessions`)).body.value).toBe(true);
  });
});

describe('grants and roles', () => {
  test.each<[string, object, string]>([
    ['an unknown consent type', { consentType: 'Some' }, BAD],
    ['no resource', { resourceId: undefined }, BAD],
    ['a scope that is too long', { scope: 'x'.repeat(3851) }, BAD],
    ['a client nobody has', { clientId: NOBODY }, MISSING],
  ])('a grant with %s is refused', async (_, changes, expected) => {
    const grant = { clientId: sp.id, consentType: 'AllPrincipals', resourceId: sp.id, scope: 'x' };
    expect(await outcome('POST', '/oauth2PermissionGrants', { ...grant, ...changes })).toBe(expected);
  });

  test.each<[string, object, string]>([
    ['another resource than the address', { resourceId: NOBODY }, BAD],
    ['no role', { appRoleId: undefined }, BAD],
    ['a role that is no GUID', { appRoleId: 'x' }, BAD],
    ['a principal type of its own', { principalType: 'User' }, BAD],
  ])('an assignment with %s is refused', async (_, changes, expected) => {
    const body = { principalId: user.id, resourceId: sp.id, appRoleId: NOBODY, ...changes };
    expect(await outcome('POST', `/servicePrincipals/${sp.id}/appRoleAssignedTo`, body)).toBe(expected);
  });

  test('a resource nobody has, seen from the principal', async () => {
    const body = { principalId: user.id, resourceId: NOBODY, appRoleId: NOBODY };
    expect(await outcome('POST', `/users/${user.id}/appRoleAssignments`, body)).toBe(MISSING);
    expect(await outcome('DELETE', `/users/${user.id}/appRoleAssignments/x`)).toBe(MISSING);
  });
});
