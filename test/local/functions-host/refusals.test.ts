import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { IDENTITY_ENDPOINT } from '../../../src/local/functions-host/managed-identity.ts';
import { inProcessTarget } from '../../../src/local/laptop-target.ts';
import { bearer, type FunctionApp, functionApp, PLAN, siteBody } from './function-app.ts';

const SCM = 'https://app1.scm.azurewebsites.net';
const PACKAGE = zipSync({ 'host.json': strToU8('{"version":"2.0"}') });

let cloud: Cloud;
let app: FunctionApp;
let authorization: string;
let web: string;
const lines: unknown[] = [];

/** One app whose package never starts: no test here needs its process. */
beforeAll(async () => {
  cloud = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line) });
  app = await functionApp(cloud);
  await app.settings({});
  authorization = await bearer(inProcessTarget(cloud));
  web = app.siteId.split('/sites/')[0] ?? '';
});

afterAll(() => cloud.close());

function scm(path: string, method = 'GET'): Promise<Response> {
  return cloud.fetch(new Request(`${SCM}${path}`, { method, headers: { authorization } }));
}

async function code(...given: Parameters<FunctionApp['arm']>): Promise<string> {
  const { status, body } = await app.arm(...given);
  return `${status} ${(body as unknown as { error?: { code: string } }).error?.code ?? ''}`.trim();
}

describe('deployments', () => {
  test('the latest is told: what went wrong, and what is in place', async () => {
    await app.publish(strToU8('no zip'));
    const failed = await (await scm('/api/deployments/latest')).json();
    expect(failed).toMatchObject({ status: 3, complete: true, active: false, last_success_end_time: null });
    expect(failed).toMatchObject({ message: expect.stringContaining('failed') });
    const published = await app.publish(PACKAGE, '?author=somebody&Deployer=test');
    expect(published.status).toBe(200);
    const done = (await (await scm('/api/deployments/latest')).json()) as Record<string, unknown>;
    expect(done).toMatchObject({ status: 4, active: true, author: 'somebody', deployer: 'test' });
    expect(done['last_success_end_time']).toBe(done['end_time']);
  });

  test.each([
    ['GET', '/api/publish'],
    ['PUT', '/api/deployments'],
    ['GET', '/api/vfs/site/wwwroot/'],
    ['POST', '/api/command'],
    ['GET', '/'],
  ])('%s %s is not supported, and the log says so', async (method, path) => {
    expect((await scm(path, method)).status).toBe(501);
    expect(JSON.stringify(lines)).toContain(`kudu: ${method} ${path} is not supported`);
  });

  test('the status of an app whose package does not start is an error', async () => {
    await app.publish(PACKAGE);
    const { masterKey, functionKeys } = await app.keys();
    const status = (key: string) => app.get('/admin/host/status', { headers: { 'x-functions-key': key } });
    expect((await status(functionKeys['default'] ?? '')).status).toBe(401);
    expect(await (await status(masterKey)).json()).toMatchObject({
      state: 'Error',
      errors: [expect.stringContaining('package.json')],
    });
    expect((await app.get('/api/x')).status).toBe(503);
  });
});

describe('the identity endpoint', () => {
  test.each([
    ['POST', IDENTITY_ENDPOINT],
    ['GET', new URL('/metadata/identity/oauth2/token', IDENTITY_ENDPOINT).href],
    ['GET', new URL('/', IDENTITY_ENDPOINT).href],
  ])('%s %s is not there', async (method, url) => {
    expect((await cloud.fetch(new Request(url, { method }))).status).toBe(404);
  });
});

describe('keys and settings', () => {
  const key = (name: string) => `${app.siteId}/host/default/functionKeys/${name}`;

  test.each<[string, string, object]>([
    ['a name with a dot', 'a.b', { properties: { value: 'x' } }],
    ['a name of 128 characters', 'k'.repeat(128), { properties: { value: 'x' } }],
    ['a value that is no text', 'good', { properties: { value: 1 } }],
    ['an empty value', 'good', { properties: { value: '' } }],
  ])('a key with %s is refused', async (_, name, body) => {
    expect(await code('PUT', key(name), body)).toBe('400 BadRequest');
    expect((await app.keys()).functionKeys[name]).toBeUndefined();
  });

  test('the host is not written', async () => {
    expect(await code('PUT', `${app.siteId}/host/default`, { properties: {} })).toBe('405 MethodNotAllowed');
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['a text', 'x'],
    ['nothing', undefined],
    ['a number as a value', { A: 1 }],
    ['a null as a value', { A: null }],
    ['a name with a dash', { 'a-b': 'x' }],
    ['a name that begins with a digit', { '1a': 'x' }],
    ['a name of 257 characters', { ['n'.repeat(257)]: 'x' }],
    ['the runtime', { FUNCTIONS_WORKER_RUNTIME: 'node' }],
    ['the version of the runtime', { FUNCTIONS_EXTENSION_VERSION: '~4' }],
    ['a package by URL', { WEBSITE_RUN_FROM_PACKAGE: '1' }],
    ['a content share', { WEBSITE_CONTENTSHARE: 'x' }],
    ['a build', { SCM_DO_BUILD_DURING_DEPLOYMENT: 'true' }],
  ])('settings with %s are refused, and those before stay', async (_, properties) => {
    const path = `${app.siteId}/config/appsettings`;
    const before = (await app.arm('POST', `${path}/list`)).body['properties'];
    expect((await app.arm('PUT', path, { properties })).status).toBe(400);
    expect((await app.arm('POST', `${path}/list`)).body['properties']).toEqual(before);
  });
});

describe('sites', () => {
  test.each(['a', '-app', 'app-', 'a_b', 'a.b', 'n'.repeat(61)])('%s is no name', async (name) => {
    const plan = `${web}/serverfarms/plan-names`;
    await app.arm('PUT', plan, PLAN);
    expect((await app.arm('PUT', `${web}/sites/${name}`, siteBody(plan))).status).toBe(400);
    expect((await app.arm('GET', `${web}/sites/${name}`)).status).toBe(404);
  });

  test('where two apps share the plain origin, none answers', async () => {
    const own = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line) });
    const first = await functionApp(own);
    const plan = `${web}/serverfarms/plan2`.replace(cloud.fabric.subscriptionId, own.fabric.subscriptionId);
    const ask = async () => (await own.fetch(new Request(`${own.fabric.origins.functions}/api/x`))).status;
    expect(await ask()).toBe(503);
    await first.arm('PUT', plan, PLAN);
    const second = plan.replace('/serverfarms/plan2', '/sites/app2');
    expect((await first.arm('PUT', second, siteBody(plan))).status).toBe(200);
    expect(await ask()).toBe(404);
    expect(JSON.stringify(lines)).toContain('is ambiguous: 2 Function apps exist');
    expect((await own.fetch(new Request('https://app2.azurewebsites.net/api/x'))).status).toBe(503);
    await own.close();
  });
});
