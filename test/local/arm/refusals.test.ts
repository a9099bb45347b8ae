import { beforeAll, describe, expect, test } from 'vitest';
import { GROUP, type SmallCloud, SUBSCRIPTION, smallCloud, TENANT, withGroup } from './small-cloud.ts';

const PROVIDERS = `${GROUP}/providers`;
const WORKSPACE = `${PROVIDERS}/Microsoft.HealthcareApis/workspaces/ws1`;
const FHIR = `${WORKSPACE}/fhirservices/fhir-1`;
const VAULT = `${PROVIDERS}/Microsoft.KeyVault/vaults/vault-1`;
const ACCOUNT = `${PROVIDERS}/Microsoft.Storage/storageAccounts/acct1`;
const AUTHORIZATION = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization`;
const READER = `${AUTHORIZATION}/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
const KEY_VAULT = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault`;

const fhirBody = (properties: object = {}, extra: object = {}) => ({
  location: 'eastus',
  kind: 'fhir-R4',
  properties,
  ...extra,
});
const vaultBody = (properties: object = {}, extra: object = {}) => ({
  location: 'eastus',
  properties: {
    tenantId: TENANT,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
    ...properties,
  },
  ...extra,
});
const accountBody = (extra: object = {}) => ({
  location: 'eastus',
  kind: 'StorageV2',
  sku: { name: 'Standard_LRS' },
  ...extra,
});

let cloud: SmallCloud;

/** One subscription for the file; a refused call changes nothing, and what a test makes has a name of its own. */
beforeAll(async () => {
  cloud = await withGroup(smallCloud());
  await cloud.arm('PUT', WORKSPACE, { location: 'eastus' });
  await cloud.arm('PUT', FHIR, fhirBody());
  await cloud.arm('PUT', VAULT, vaultBody());
  await cloud.arm('PUT', ACCOUNT, accountBody());
});

/** Status and error code; the code of an answer without error is empty. */
async function outcome(...given: Parameters<SmallCloud['arm']>): Promise<string> {
  const answer = await cloud.arm(...given);
  return `${answer.status} ${answer.body?.error?.code ?? ''}`.trim();
}

describe('addresses and methods', () => {
  test.each([
    ['PUT', '/', '404 NotFound'],
    ['GET', `${GROUP}/nonsense`, '404 NotFound'],
    ['GET', '/tenants/x', '404 NotFound'],
    ['GET', `/subscriptions/${SUBSCRIPTION}/nonsense`, '404 NotFound'],
    ['GET', `${GROUP}-none`, '404 ResourceGroupNotFound'],
    ['GET', `${GROUP}-none/providers/Microsoft.KeyVault/vaults/v-1`, '404 ResourceGroupNotFound'],
    ['GET', `${VAULT}x`, '404 ResourceNotFound'],
    ['PATCH', `${VAULT}x`, '404 ResourceNotFound'],
    ['GET', `${FHIR}x`, '404 ResourceNotFound'],
    [
      'PUT',
      `${PROVIDERS}/Microsoft.HealthcareApis/workspaces/none/fhirservices/fhir-1`,
      '404 ParentResourceNotFound',
    ],
  ])('%s %s', async (method, path, expected) => {
    const given = method === 'GET' ? undefined : fhirBody();
    expect(await outcome(method, path, given)).toBe(expected);
  });

  test.each([
    ['PUT', `${PROVIDERS}/Microsoft.KeyVault/vaults`],
    ['DELETE', `${PROVIDERS}/Microsoft.KeyVault/vaults`],
    ['POST', AUTHORIZATION.concat('/roleAssignments')],
    ['PATCH', `${AUTHORIZATION}/roleAssignments/${crypto.randomUUID()}`],
    ['PATCH', `${ACCOUNT}/blobServices/default`],
    ['DELETE', `${ACCOUNT}/blobServices/default`],
    ['DELETE', `${ACCOUNT}/tableServices/default`],
  ])('%s %s is no method of it', async (method, path) => {
    await cloud.arm('PUT', `${ACCOUNT}/blobServices/default`, { properties: {} });
    await cloud.arm('PUT', `${ACCOUNT}/tableServices/default`, { properties: {} });
    const given = method === 'DELETE' ? undefined : {};
    expect((await cloud.arm(method, path, given)).status).toBe(405);
  });

  test('an operation nobody started, and other methods on one', async () => {
    const started = await cloud.arm('PUT', `${WORKSPACE}op`, { location: 'eastus' });
    const { pathname, search } = new URL(started.headers.get('azure-asyncoperation') ?? '');
    expect(await outcome('DELETE', pathname + search)).toBe('405 HttpMethodNotSupported');
    const nobody = pathname.replace(/[0-9a-f-]{36}$/i, crypto.randomUUID());
    expect(await outcome('GET', nobody + search)).toBe('404 OperationNotFound');
  });

  test('lists take no options that are not imitated, and say so in the log', async () => {
    for (const option of ['$filter', '$top', '$skip', '$orderby']) {
      expect(await outcome('GET', `${PROVIDERS}/Microsoft.KeyVault/vaults?${option}=1`)).toBe(
        '501 NotImplemented',
      );
      expect(cloud.log.at(-1)?.text).toContain(option);
    }
  });

  test.each([
    ['$top=-1', '400 InvalidTop'],
    ['$top=x', '400 InvalidTop'],
    ["$filter=name ne 'x'", '400 InvalidFilterInQueryString'],
    ["$filter=name eq 'x' or name eq 'y'", '400 InvalidFilterInQueryString'],
    ['$expand=createdTime', '501 NotImplemented'],
  ])('resources?%s', async (query, expected) => {
    expect(await outcome('GET', `${GROUP}/resources?${query}`)).toBe(expected);
  });

  test.each([
    ["resourceType eq 'Microsoft.KeyVault/vaults'", ['vault-1']],
    ["resourceType eq 'microsoft.keyvault/VAULTS' and name eq 'VAULT-1'", ['vault-1']],
    ["resourceType eq 'Microsoft.Storage/storageAccounts' and location eq 'eastus'", ['acct1']],
    ["resourceType eq 'Microsoft.Storage/storageAccounts' and location eq 'westus2'", []],
    ["name eq 'acct1' and resourceGroup eq 'RG'", ['acct1']],
    ["name eq 'acct1' and resourceGroup eq 'other'", []],
    ["tagName eq 'nobody'", []],
  ])('resources where %s', async (filter, expected) => {
    const options = { version: '2025-04-01' };
    const path = `/subscriptions/${SUBSCRIPTION}/resources?$filter=${filter}`;
    const { body } = await cloud.arm('GET', path, undefined, options);
    expect(body.value.map((item: { name: string }) => item.name)).toEqual(expected);
  });

  test('an api-version that Azure Resource Manager does not have', async () => {
    const options = { version: '1999-01-01' };
    expect((await cloud.arm('GET', `${GROUP}/resources`, undefined, options)).status).toBe(400);
    expect((await cloud.arm('GET', GROUP, undefined, options)).status).toBe(400);
  });
});

describe('bodies', () => {
  test('a PATCH that nests without end is refused', async () => {
    const token = await cloud.owner.token('https://management.azure.com');
    const depth = 50_000;
    const response = await cloud.fetch(
      new Request(`https://management.azure.com${VAULT}?api-version=2026-02-01`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `${'{"properties":'.repeat(depth)}1${'}'.repeat(depth)}`,
      }),
    );
    expect(response.status).toBe(400);
  });

  test.each<[string, object]>([
    ['51 tags', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`t${i}`, '']))],
    ['a name of 513 characters', { ['n'.repeat(513)]: '' }],
    ['a value of 257 characters', { a: 'v'.repeat(257) }],
    ['a list', ['a']],
    ['a null value', { a: null }],
  ])('tags: %s', async (_, tags) => {
    expect(await outcome('PUT', VAULT, vaultBody({}, { tags }))).toBe('400 InvalidTag');
  });

  test.each(['<', '>', '%', '&', '\\', '?', '/'])('a tag name with %s', async (character) => {
    const tags = { [`a${character}b`]: 'x' };
    expect(await outcome('PUT', VAULT, vaultBody({}, { tags }))).toBe('400 InvalidTagNameCharacters');
  });

  test('50 tags of the longest names and values are taken', async () => {
    const tags = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [String(i).padStart(512, 'n'), 'v'.repeat(256)]),
    );
    const answer = await cloud.arm('PUT', `${VAULT}-tags`, vaultBody({}, { tags }));
    expect(answer.body.tags).toEqual(tags);
  });

  test.each<[string, unknown]>([
    ['properties that are a text', { ...fhirBody(), properties: 'x' }],
    ['properties that are a list', { ...fhirBody(), properties: [] }],
    ['origins that are a text', fhirBody({ corsConfiguration: { origins: '*' } })],
    ['a flag that is a text', fhirBody({ authenticationConfiguration: { smartProxyEnabled: 'no' } })],
    ['an age that is no whole number', fhirBody({ corsConfiguration: { maxAge: 1.5 } })],
    ['a negative age', fhirBody({ corsConfiguration: { maxAge: -1 } })],
  ])('%s', async (_, body) => {
    expect((await cloud.arm('PUT', FHIR, body)).status).toBe(400);
  });
});

describe('FHIR services', () => {
  const providers = (...smartIdentityProviders: object[]) =>
    fhirBody({ authenticationConfiguration: { smartIdentityProviders } });
  const application = (changes: object = {}) => ({
    clientId: '1',
    audience: 'https://a.example',
    allowedDataActions: ['Read'],
    ...changes,
  });
  const provider = (changes: object = {}) => ({
    authority: 'https://idp.example',
    applications: [application()],
    ...changes,
  });

  test.each<[string, object]>([
    ['an authority over plain HTTP', provider({ authority: 'http://idp.example' })],
    ['no authority', provider({ authority: undefined })],
    ['no applications', provider({ applications: [] })],
    ['three applications', provider({ applications: [application(), application(), application()] })],
    ['no data action', provider({ applications: [application({ allowedDataActions: [] })] })],
  ])('an identity provider with %s is refused', async (_, given) => {
    expect((await cloud.arm('PUT', FHIR, providers(given))).status).toBe(400);
  });

  test('another kind, and an identity of no kind, are refused', async () => {
    expect((await cloud.arm('PUT', FHIR, fhirBody({}, { kind: 'fhir-Stu3' }))).status).toBeGreaterThanOrEqual(
      400,
    );
    expect(
      await outcome('PUT', FHIR, fhirBody({}, { identity: { type: 'SystemAssigned,UserAssigned' } })),
    ).toMatch(/^(400|501) /);
  });

  test('an identity goes when it is no longer asked for', async () => {
    const id = `${WORKSPACE}/fhirservices/fhir-2`;
    const made = await cloud.arm('PUT', id, fhirBody({}, { identity: { type: 'SystemAssigned' } }));
    expect(made.body.identity.principalId).toMatch(/^[0-9a-f-]{36}$/);
    await cloud.arm('PUT', id, fhirBody({}, { identity: { type: 'None' } }));
    expect((await cloud.arm('GET', id)).body.identity).toEqual({ type: 'None' });
    const again = await cloud.arm('PUT', id, fhirBody({}, { identity: { type: 'SystemAssigned' } }));
    expect(again.body.identity.principalId).not.toBe(made.body.identity.principalId);
  });

  test('PATCH with null takes a setting back', async () => {
    const id = `${WORKSPACE}/fhirservices/fhir-3`;
    await cloud.arm(
      'PUT',
      id,
      fhirBody({ corsConfiguration: { origins: ['https://a.example'], maxAge: 60 } }),
    );
    await cloud.arm('PATCH', id, { properties: { corsConfiguration: { maxAge: null } } });
    const { corsConfiguration } = (await cloud.arm('GET', id)).body.properties;
    expect(corsConfiguration).toEqual({ origins: ['https://a.example'] });
  });
});

describe('vaults and accounts', () => {
  test('the names of others are taken', async () => {
    await cloud.arm('PUT', `${GROUP}-two`, { location: 'eastus' });
    const elsewhere = (id: string) => id.replace('/resourceGroups/rg/', '/resourceGroups/rg-two/');
    expect(await outcome('PUT', elsewhere(VAULT), vaultBody())).toBe('409 VaultAlreadyExists');
    expect(await outcome('PUT', elsewhere(ACCOUNT), accountBody())).toBe('409 StorageAccountAlreadyTaken');
  });

  test.each<[string, object, string]>([
    ['an unknown SKU family', vaultBody({ sku: { family: 'B', name: 'standard' } }), '400'],
    ['91 days of retention', vaultBody({ softDeleteRetentionInDays: 91 }), '400 BadRequest'],
    [
      'access policies beside roles',
      vaultBody({ accessPolicies: [{ tenantId: TENANT, objectId: TENANT, permissions: {} }] }),
      '501 NotImplemented',
    ],
    ['nothing to recover', vaultBody({ createMode: 'recover' }), '404 DeletedVaultNotFound'],
  ])('a vault with %s is refused', async (_, body, expected) => {
    expect(await outcome('PUT', `${VAULT}-new`, body)).toContain(expected);
    expect(await outcome('GET', `${VAULT}-new`)).toBe('404 ResourceNotFound');
  });

  test.each<[string, string, object]>([
    ['vaults', `${KEY_VAULT}/checkNameAvailability`, { name: 1, type: 'Microsoft.KeyVault/vaults' }],
    ['vaults', `${KEY_VAULT}/checkNameAvailability`, { name: 'vault-1', type: 'Microsoft.KeyVault/hsms' }],
    [
      'accounts',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability`,
      { name: 'acct1' },
    ],
  ])('a question about the name of %s needs name and type', async (_, path, body) => {
    expect(await outcome('POST', path, body)).toBe('400 BadRequest');
  });

  test('a deleted vault is listed with its dates, found by its place, and purged once', async () => {
    const id = `${PROVIDERS}/Microsoft.KeyVault/vaults/vault-gone`;
    await cloud.arm('PUT', id, vaultBody({ softDeleteRetentionInDays: 7 }, { tags: { a: 'b' } }));
    await cloud.arm('DELETE', id);
    const listed = (await cloud.arm('GET', `${KEY_VAULT}/deletedVaults`)).body.value;
    expect(listed).toMatchObject([{ name: 'vault-gone', properties: { vaultId: id, tags: { a: 'b' } } }]);
    const { deletionDate, scheduledPurgeDate } = listed[0].properties;
    expect(Date.parse(scheduledPurgeDate) - Date.parse(deletionDate)).toBe(7 * 86_400_000);
    const place = (location: string) => `${KEY_VAULT}/locations/${location}/deletedVaults/VAULT-GONE`;
    expect(await outcome('GET', place('westus2'))).toBe('404 DeletedVaultNotFound');
    expect(await outcome('GET', place('East US'))).toBe('200');
    expect(await outcome('POST', `${place('eastus')}/purge`)).toBe('200');
    expect(await outcome('POST', `${place('eastus')}/purge`)).toBe('404 DeletedVaultNotFound');
  });

  test('the table service has one name; an account keeps its kind', async () => {
    expect(await outcome('PUT', `${ACCOUNT}/tableServices/other`, {})).toBe('400 InvalidServiceName');
    expect((await cloud.arm('GET', `${ACCOUNT}/tableServices/default`)).body.properties).toBeDefined();
    expect(await outcome('PUT', ACCOUNT, accountBody({ kind: 'BlobStorage' }))).toBe(
      '400 AccountPropertyCannotBeUpdated',
    );
    expect((await cloud.arm('PUT', ACCOUNT, accountBody({ identity: { type: 'None' } }))).status).toBe(200);
  });
});

describe('roles', () => {
  const path = () => `${VAULT}/providers/Microsoft.Authorization/roleAssignments`;
  const body = (changes: object = {}) => ({
    properties: {
      principalId: cloud.principal('somebody').principalId,
      roleDefinitionId: READER,
      ...changes,
    },
  });

  test('a path that goes on after the assignment leads nowhere', async () => {
    expect(await outcome('GET', `${path()}/${crypto.randomUUID()}/more`)).toBe('404 NotFound');
    expect(await outcome('GET', `${path()}/${crypto.randomUUID()}`)).toBe('404 RoleAssignmentNotFound');
    expect(await outcome('DELETE', `${path()}/${crypto.randomUUID()}`)).toBe('204');
  });

  test.each(["principalId ne 'x'", 'atScope() or x', 'nonsense'])(
    'the filter %s is refused',
    async (filter) => {
      expect(await outcome('GET', `${path()}?$filter=${filter}`)).toBe('400 BadRequestFormat');
    },
  );

  test('assignments are filtered by principal and by place', async () => {
    const name = crypto.randomUUID();
    expect(await outcome('PUT', `${path()}/${name}`, body())).toBe('201');
    const { principalId } = body().properties;
    const names = async (at: string, filter: string) =>
      (await cloud.arm('GET', `${at}?$filter=${filter}`)).body.value.map(
        (item: { name: string }) => item.name,
      );
    expect(await names(path(), `principalId eq '${principalId}'`)).toEqual([name]);
    expect(await names(path(), `assignedTo('${principalId}')`)).toEqual([name]);
    expect(await names(path(), `atScope() and principalId eq '${principalId}'`)).toEqual([name]);
    const above = `${AUTHORIZATION}/roleAssignments`;
    expect(await names(above, `principalId eq '${principalId}'`)).toEqual([name]);
    expect(await names(above, 'atScope()')).not.toContain(name);
  });

  test('a principal is of the type that was stated', async () => {
    expect(await outcome('PUT', `${path()}/${crypto.randomUUID()}`, body({ principalType: 'User' }))).toBe(
      '400 UnmatchedPrincipalType',
    );
  });

  test('scopes above the subscription are not imitated', async () => {
    const top = `/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
    expect((await cloud.arm('PUT', top, body())).status).toBeGreaterThanOrEqual(403);
  });

  test('definitions: unknown ones, unknown filters, custom ones', async () => {
    expect(await outcome('GET', `${AUTHORIZATION}/roleDefinitions/${TENANT}`)).toBe(
      '404 RoleDefinitionDoesNotExist',
    );
    expect(await outcome('GET', `${AUTHORIZATION}/roleDefinitions?$filter=nonsense`)).toBe(
      '400 BadRequestFormat',
    );
    expect(await outcome('PUT', `${AUTHORIZATION}/roleDefinitions/${TENANT}`, {})).toBe('501 NotImplemented');
    const all = await cloud.arm('GET', `${AUTHORIZATION}/roleDefinitions?$filter=type eq 'BuiltInRole'`);
    expect(all.body.value.length).toBeGreaterThan(10);
    expect(await outcome('GET', `${AUTHORIZATION}/policyAssignments`)).toBe('400 NoRegisteredProviderFound');
  });
});
