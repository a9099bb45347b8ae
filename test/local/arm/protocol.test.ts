import { describe, expect, test } from 'vitest';
import { GROUP, SUBSCRIPTION, smallCloud, TENANT, withGroup } from './small-cloud.ts';

const WORKSPACE = `${GROUP}/providers/Microsoft.HealthcareApis/workspaces/ws1`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const vaultBody = {
  location: 'East US',
  properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' }, enableRbacAuthorization: true },
};

describe('authentication', () => {
  test('a call without a token is answered 401 with a challenge', async () => {
    const cloud = smallCloud();
    const response = await cloud.fetch(
      new Request(`https://management.azure.com${GROUP}?api-version=2025-04-01`),
    );
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(
      `authorization_uri="https://login.microsoftonline.com/${TENANT}"`,
    );
    expect(await response.json()).toMatchObject({ error: { code: 'AuthenticationFailed' } });
  });

  test('a token for another audience is refused by name', async () => {
    const cloud = smallCloud();
    const authorization = `Bearer ${await cloud.owner.token('https://vault.azure.net')}`;
    const answer = await cloud.arm('GET', GROUP, undefined, { headers: { authorization } });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'InvalidAuthenticationTokenAudience']);
  });
});

describe('api-version', () => {
  test('is required', async () => {
    const cloud = smallCloud();
    const answer = await cloud.arm('GET', `${GROUP}?api-version=`);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'MissingApiVersionParameter']);
  });

  test('must be a date', async () => {
    const answer = await smallCloud().arm('GET', GROUP, undefined, { version: 'latest' });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidApiVersionParameter']);
  });

  test('must be known for the type', async () => {
    const cloud = await withGroup(smallCloud());
    const answer = await cloud.arm('PUT', VAULT, vaultBody, { version: '1999-01-01' });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'NoRegisteredProviderFound']);
    expect(answer.body.error.message).toContain('2026-02-01');
  });

  test('is found when its name is percent-encoded', async () => {
    const cloud = await withGroup(smallCloud());
    const token = await cloud.owner.token('https://management.azure.com');
    const url = `https://management.azure.com${GROUP}?api%2Dversion=2025-04-01`;
    const response = await cloud.fetch(new Request(url, { headers: { authorization: `Bearer ${token}` } }));
    expect(response.status).toBe(200);
  });
});

describe('addresses', () => {
  test('doubled slashes and another case lead to the same resource', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, vaultBody);
    const path = `//SUBSCRIPTIONS/${SUBSCRIPTION}/resourcegroups/RG/providers/microsoft.keyvault/VAULTS/VAULT-1`;
    const answer = await cloud.arm('GET', path, undefined, { version: '2026-02-01' });
    expect(answer.status).toBe(200);
    expect(answer.body.id).toBe(VAULT);
  });

  test('an unknown type is refused and logged', async () => {
    const cloud = await withGroup(smallCloud());
    const answer = await cloud.arm('PUT', `${GROUP}/providers/Microsoft.Nope/things/a`, {});
    expect([answer.status, answer.body.error.code]).toEqual([400, 'NoRegisteredProviderFound']);
    expect(cloud.log.some(({ text }) => text.includes('Microsoft.Nope/things'))).toBe(true);
  });

  test('another subscription is not found, a malformed one is invalid', async () => {
    const cloud = smallCloud();
    const other = await cloud.arm('GET', '/subscriptions/99999999-9999-4999-8999-999999999999');
    expect([other.status, other.body.error.code]).toEqual([404, 'SubscriptionNotFound']);
    const bad = await cloud.arm('GET', '/subscriptions/mine');
    expect([bad.status, bad.body.error.code]).toEqual([400, 'InvalidSubscriptionId']);
  });

  test('a resource in a group that does not exist', async () => {
    const cloud = smallCloud();
    await cloud.arm(
      'POST',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/register`,
      undefined,
      {
        version: '2025-04-01',
      },
    );
    const answer = await cloud.arm('PUT', VAULT, vaultBody);
    expect([answer.status, answer.body.error.code]).toEqual([404, 'ResourceGroupNotFound']);
  });

  test('an escaped slash in a name is an invalid URI', async () => {
    const answer = await smallCloud().arm('GET', `${GROUP}%2fmore`);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidRequestUri']);
  });
});

describe('bodies', () => {
  test.each([
    ['not JSON', '{', 'application/json', 400, 'InvalidRequestContent'],
    ['an array', '[]', 'application/json', 400, 'InvalidRequestContent'],
    ['nothing', ' ', 'application/json', 400, 'InvalidRequestContent'],
    ['text', 'location: eastus', 'text/plain', 415, 'UnsupportedMediaType'],
    ['too much', `{"x":"${'a'.repeat(4 * 1024 * 1024)}"}`, 'application/json', 413, 'RequestContentTooLarge'],
  ])('%s is refused', async (_, body, type, status, code) => {
    const cloud = smallCloud();
    const token = await cloud.owner.token('https://management.azure.com');
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const url = `https://management.azure.com${GROUP}?api-version=2025-04-01`;
    const response = await cloud.fetch(new Request(url, { method: 'PUT', headers, body }));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

describe('asynchronous writes', () => {
  test('Azure-AsyncOperation: created, in progress, succeeded', async () => {
    const cloud = await withGroup(smallCloud([], { armOperationMs: 500 }));
    cloud.clock.advance(500);
    const created = await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    expect(created.status).toBe(201);
    expect(created.body.properties.provisioningState).toBe('Creating');
    expect(created.headers.get('retry-after')).toBeNull();
    const url = new URL(created.headers.get('azure-asyncoperation') ?? '');
    const running = await cloud.arm('GET', url.pathname + url.search);
    expect([running.status, running.body.status]).toEqual([200, 'InProgress']);
    cloud.clock.advance(500);
    const done = await cloud.arm('GET', url.pathname + url.search);
    expect([done.status, done.body.status, done.body.percentComplete]).toEqual([200, 'Succeeded', 100]);
    const read = await cloud.arm('GET', WORKSPACE);
    expect(read.body.properties.provisioningState).toBe('Succeeded');
  });

  test('a long operation asks for pauses of whole seconds', async () => {
    const cloud = await withGroup(smallCloud([], { armOperationMs: 60_000 }));
    cloud.clock.advance(60_000);
    const created = await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    expect(created.headers.get('retry-after')).toBe('10');
  });

  test('Location: 202 until done, then the resource', async () => {
    const cloud = await withGroup(smallCloud([], { armOperationMs: 500 }));
    cloud.clock.advance(500);
    const id = `${GROUP}/providers/Microsoft.Storage/storageAccounts/acct1`;
    const body = { location: 'eastus', kind: 'StorageV2', sku: { name: 'Standard_LRS' } };
    const created = await cloud.arm('PUT', id, body);
    expect([created.status, created.body]).toEqual([202, undefined]);
    const url = new URL(created.headers.get('location') ?? '');
    expect((await cloud.arm('GET', url.pathname + url.search)).status).toBe(202);
    cloud.clock.advance(500);
    const done = await cloud.arm('GET', url.pathname + url.search);
    expect([done.status, done.body.id]).toEqual([200, id]);
    expect((await cloud.arm('PUT', id, body)).status).toBe(200);
  });

  test('the operation needs a token and is nobody else’s', async () => {
    const cloud = await withGroup(smallCloud());
    const created = await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    const url = created.headers.get('azure-asyncoperation') ?? '';
    expect((await cloud.fetch(new Request(url))).status).toBe(401);
    const { pathname, search } = new URL(url);
    const other = await cloud.arm('GET', pathname + search, undefined, { as: cloud.principal('other') });
    expect([other.status, other.body.error.code]).toEqual([404, 'OperationNotFound']);
  });

  test('a second write while one runs conflicts, and so does a child of what is being created', async () => {
    const cloud = await withGroup(smallCloud([], { armOperationMs: 500 }));
    cloud.clock.advance(500);
    await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    const again = await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    expect([again.status, again.body.error.code]).toEqual([409, 'Conflict']);
    const child = await cloud.arm('PUT', `${WORKSPACE}/fhirservices/f1x`, {
      location: 'eastus',
      kind: 'fhir-R4',
    });
    expect([child.status, child.body.error.code]).toEqual([409, 'Conflict']);
  });
});

describe('deletes', () => {
  test('of what does not exist answer 204', async () => {
    const cloud = await withGroup(smallCloud());
    expect((await cloud.arm('DELETE', VAULT)).status).toBe(204);
  });

  test('of a parent with children are refused where Azure refuses them', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    await cloud.arm('PUT', `${WORKSPACE}/fhirservices/f1x`, { location: 'eastus', kind: 'fhir-R4' });
    const answer = await cloud.arm('DELETE', WORKSPACE);
    expect([answer.status, answer.body.error.code]).toEqual([409, 'CannotDeleteResource']);
  });

  test('of a group take everything in it along, role assignments too', async () => {
    const cloud = await withGroup(smallCloud([], { armOperationMs: 500 }));
    cloud.clock.advance(500);
    await cloud.arm('PUT', VAULT, vaultBody);
    const role = '4633458b-17de-408a-b874-0445c86b69e6';
    const assignment = `${VAULT}/providers/Microsoft.Authorization/roleAssignments/33333333-3333-4333-8333-333333333333`;
    await cloud.arm('PUT', assignment, {
      properties: {
        principalId: cloud.owner.principalId,
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    });
    const started = await cloud.arm('DELETE', GROUP);
    expect(started.status).toBe(202);
    const busy = await cloud.arm('PUT', VAULT, vaultBody);
    expect([busy.status, busy.body.error.code]).toEqual([409, 'ResourceGroupBeingDeleted']);
    cloud.clock.advance(500);
    const url = new URL(started.headers.get('location') ?? '');
    expect((await cloud.arm('GET', url.pathname + url.search)).status).toBe(204);
    expect((await cloud.arm('GET', GROUP)).body.error.code).toBe('ResourceGroupNotFound');
    const list = await cloud.arm(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments`,
    );
    expect(list.body.value.map((item: { id: string }) => item.id)).not.toContain(assignment);
  });
});

describe('etags', () => {
  test('If-Match guards a change, * matches anything that exists', async () => {
    const cloud = await withGroup(smallCloud());
    const created = await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
    const etag = created.headers.get('etag') ?? '';
    expect(created.body.etag).toBe(etag);
    const tagged = { location: 'eastus', tags: { a: 'b' } };
    const changed = await cloud.arm('PUT', WORKSPACE, tagged, { headers: { 'if-match': etag } });
    expect(changed.status).toBe(202);
    const stale = await cloud.arm('PUT', WORKSPACE, tagged, { headers: { 'if-match': etag } });
    expect([stale.status, stale.body.error.code]).toEqual([412, 'PreconditionFailed']);
    expect((await cloud.arm('PUT', WORKSPACE, tagged, { headers: { 'if-match': '*' } })).status).toBe(202);
    const none = { headers: { 'if-none-match': '*' } };
    expect((await cloud.arm('PUT', WORKSPACE, tagged, none)).status).toBe(412);
  });
});

describe('tracked resources', () => {
  test('need a known location, which cannot change', async () => {
    const cloud = await withGroup(smallCloud());
    const none = await cloud.arm('PUT', VAULT, { properties: vaultBody.properties });
    expect(none.body.error.code).toBe('LocationRequired');
    const moon = await cloud.arm('PUT', VAULT, { ...vaultBody, location: 'moon' });
    expect(moon.body.error.code).toBe('LocationNotAvailableForResourceType');
    await cloud.arm('PUT', VAULT, vaultBody);
    const moved = await cloud.arm('PUT', VAULT, { ...vaultBody, location: 'westus2' });
    expect([moved.status, moved.body.error.code]).toEqual([409, 'InvalidResourceLocation']);
  });

  test('tags must be strings', async () => {
    const cloud = await withGroup(smallCloud());
    const answer = await cloud.arm('PUT', VAULT, { ...vaultBody, tags: { a: 1 } });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'InvalidTag']);
  });

  test('PATCH merges properties and replaces tags', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, { ...vaultBody, tags: { a: 'b' } });
    const patch = { tags: { c: 'd' }, properties: { enabledForDeployment: true } };
    const answer = await cloud.arm('PATCH', VAULT, patch);
    expect(answer.status).toBe(200);
    expect(answer.body.tags).toEqual({ c: 'd' });
    expect(answer.body.properties).toMatchObject({
      enabledForDeployment: true,
      enableRbacAuthorization: true,
    });
  });
});

describe('methods', () => {
  test('an unknown action is not imitated, an unknown method not allowed', async () => {
    const cloud = await withGroup(smallCloud());
    await cloud.arm('PUT', VAULT, vaultBody);
    expect((await cloud.arm('POST', `${VAULT}/explode`)).status).toBe(501);
    expect((await cloud.arm('POST', GROUP)).status).toBe(405);
  });

  test('HEAD tells whether a resource exists', async () => {
    const cloud = await withGroup(smallCloud());
    expect((await cloud.arm('HEAD', GROUP)).status).toBe(204);
    expect((await cloud.arm('HEAD', `${GROUP}-2`)).status).toBe(404);
  });
});
