import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { BLOB_OWNER, type FunctionApp, functionApp, PLAN, siteBody } from '../functions-host/function-app.ts';

let cloud: Cloud;
let app: FunctionApp;
let provider: string;

beforeAll(async () => {
  cloud = await createCloud({ storePath: ':memory:' });
  app = await functionApp(cloud);
  provider = app.siteId.split('/Microsoft.Web/')[0] ?? '';
});

afterAll(() => cloud.close());

const web = (path: string): string => `${provider}/Microsoft.Web/${path}`;

describe('Microsoft.Web/serverfarms', () => {
  test.each([
    ['another SKU', { ...PLAN, sku: { name: 'Y1' } }],
    ['Windows', { ...PLAN, properties: { reserved: false } }],
    ['an unknown member', { ...PLAN, properties: { reserved: true, nonsense: 1 } }],
  ])('refuses %s', async (_name, body) => {
    const answer = await app.arm('PUT', web('serverfarms/plan-bad'), body);
    expect(answer.status).toBe(400);
  });

  test('is answered whole', async () => {
    const answer = await app.arm('GET', web('serverfarms/plan1'));
    expect(answer.body).toMatchObject({
      sku: { name: 'FC1' },
      properties: { status: 'Ready', provisioningState: 'Succeeded' },
    });
  });

  test('cannot be deleted under its app', async () => {
    const answer = await app.arm('DELETE', web('serverfarms/plan1'));
    expect(answer.status).toBe(409);
  });
});

describe('Microsoft.Web/sites', () => {
  const config = (): ReturnType<typeof siteBody> => siteBody(web('serverfarms/plan2'));

  beforeAll(async () => {
    await app.arm('PUT', web('serverfarms/plan2'), PLAN);
  });

  test('names its host and its identity', async () => {
    const answer = await app.arm('GET', app.siteId);
    expect(answer.body).toMatchObject({
      identity: { type: 'SystemAssigned', principalId: app.principalId },
      properties: { defaultHostName: 'app1.azurewebsites.net', state: 'Running', httpsOnly: true },
    });
  });

  test.each([
    ['a plan that is not there', () => siteBody(web('serverfarms/none')), 404],
    ['a second app on a plan', () => siteBody(web('serverfarms/plan1')), 400],
    ['another kind', () => ({ ...config(), kind: 'app' }), 400],
    [
      'no functionAppConfig',
      () => ({ ...config(), properties: { serverFarmId: web('serverfarms/plan2') } }),
      400,
    ],
    ['a runtime that is out of support', () => withConfig({ runtime: { name: 'node', version: '20' } }), 400],
    ['another language', () => withConfig({ runtime: { name: 'python', version: '3.12' } }), 400],
    [
      'a memory size that does not exist',
      () => withConfig({ scaleAndConcurrency: { instanceMemoryMB: 1024, maximumInstanceCount: 40 } }),
      400,
    ],
    [
      'too few instances',
      () => withConfig({ scaleAndConcurrency: { instanceMemoryMB: 512, maximumInstanceCount: 1 } }),
      400,
    ],
    ['a user-assigned identity', () => ({ ...config(), identity: { type: 'UserAssigned' } }), 501],
    ['a forbidden inline setting', () => withInline('FUNCTIONS_EXTENSION_VERSION'), 400],
  ])('refuses %s', async (_name, body, status) => {
    expect((await app.arm('PUT', web('sites/app2'), body())).status).toBe(status);
  });

  test('a name that another site has is taken', async () => {
    const body = config();
    const other = app.siteId.replace('/rg1/', '/rg2/');
    await app.arm(
      'PUT',
      provider.replace('/rg1/providers', '/rg2'),
      { location: 'westeurope' },
      '2024-03-01',
    );
    expect((await app.arm('PUT', other, body)).status).toBe(409);
  });

  test('inline settings are the settings', async () => {
    const body = config();
    const properties = {
      ...body.properties,
      siteConfig: { appSettings: [{ name: 'INLINE', value: 'yes' }] },
    };
    expect((await app.arm('PUT', web('sites/app3'), { ...body, properties })).status).toBe(200);
    const listed = await app.arm('POST', web('sites/app3/config/appsettings/list'));
    expect(listed.body['properties']).toEqual({ INLINE: 'yes' });
  });

  function withConfig(change: Record<string, unknown>): Record<string, unknown> {
    const body = config();
    const functionAppConfig = { ...(body.properties['functionAppConfig'] as object), ...change };
    return { ...body, properties: { ...body.properties, functionAppConfig } };
  }

  function withInline(name: string): Record<string, unknown> {
    const body = config();
    return {
      ...body,
      properties: { ...body.properties, siteConfig: { appSettings: [{ name, value: 'x' }] } },
    };
  }
});

describe('app settings', () => {
  test('are written with 200, listed by an action, and hidden from a GET', async () => {
    const path = `${app.siteId}/config/appsettings`;
    expect((await app.arm('PUT', path, { properties: { A: 'secret value' } })).status).toBe(200);
    expect((await app.arm('PUT', path, { properties: { A: 'secret value' } })).status).toBe(200);
    expect((await app.arm('POST', `${path}/list`)).body['properties']).toEqual({ A: 'secret value' });
    expect(JSON.stringify((await app.arm('GET', path)).body)).not.toContain('secret value');
  });

  test.each([
    { FUNCTIONS_WORKER_RUNTIME: 'node' },
    { WEBSITE_CONTENTSHARE: 'x' },
    { WEBSITE_RUN_FROM_PACKAGE: '1' },
    { 'bad name': 'x' },
    { A: 1 },
  ])('%j is refused', async (properties) => {
    expect((await app.arm('PUT', `${app.siteId}/config/appsettings`, { properties })).status).toBe(400);
  });

  test('other configuration is not imitated', async () => {
    expect((await app.arm('PUT', `${app.siteId}/config/web`, { properties: {} })).status).toBe(501);
  });
});

describe('host keys', () => {
  const host = (): string => `${app.siteId}/host/default`;
  beforeAll(async () => {
    await app.settings({});
  });

  test('are neither told nor taken while the host cannot read its storage', async () => {
    const barred = await createCloud({ storePath: ':memory:' });
    const other = await functionApp(barred, { storageRole: false });
    await other.settings({});
    const path = `${other.siteId}/host/default/functionKeys/apim`;
    const error = { code: 'BadRequest', message: expect.stringContaining('from host runtime') };
    const refused = { status: 400, body: { error } };
    expect(await other.arm('POST', `${other.siteId}/host/default/listKeys`)).toMatchObject(refused);
    expect(await other.arm('PUT', path, { properties: { value: 'x' } })).toMatchObject(refused);
    await other.assign(
      BLOB_OWNER,
      `${other.siteId.split('/Microsoft.Web/')[0]}/Microsoft.Storage/storageAccounts/appstore1`,
    );
    expect((await other.arm('PUT', path, { properties: { value: 'x' } })).status).toBe(201);
    expect((await other.keys()).functionKeys['apim']).toBe('x');
    await barred.close();
  });

  test('exist with the site and differ from site to site', async () => {
    const keys = await app.keys();
    expect(keys.masterKey).toMatch(/^.{40,}$/);
    expect(keys.functionKeys['default']).not.toBe(keys.masterKey);
  });

  test('a named key is set, replaced and removed, and shown only by listKeys', async () => {
    const path = `${host()}/functionKeys/apim`;
    const body = { properties: { name: 'apim', value: 'value-1' } };
    const made = await app.arm('PUT', path, body);
    expect(made.status).toBe(201);
    expect((await app.keys()).functionKeys['apim']).toBe('value-1');
    expect((await app.arm('PUT', path, { properties: { name: 'apim', value: 'value-2' } })).status).toBe(200);
    expect((await app.keys()).functionKeys['apim']).toBe('value-2');
    expect(JSON.stringify((await app.arm('GET', path)).body)).not.toContain('value-2');
    expect((await app.arm('DELETE', path)).status).toBe(200);
    expect((await app.keys()).functionKeys['apim']).toBeUndefined();
  });

  test('a key without value is made', async () => {
    await app.arm('PUT', `${host()}/functionKeys/made`, { properties: { name: 'made' } });
    expect((await app.keys()).functionKeys['made']).toMatch(/^.{40,}$/);
  });

  test('triggers sync, restart; anything else is not imitated', async () => {
    expect((await app.arm('POST', `${host()}/sync`)).status).toBe(204);
    expect((await app.arm('POST', `${app.siteId}/syncfunctiontriggers`)).status).toBe(204);
    expect((await app.arm('POST', `${app.siteId}/restart`)).status).toBe(200);
    expect((await app.arm('POST', `${app.siteId}/stop`)).status).toBe(501);
  });
});
