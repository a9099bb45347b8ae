import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { type FunctionApp, functionApp, packageOf } from './function-app.ts';

const SOURCE = `
import { app } from '@azure/functions';
app.setup({ enableHttpStream: true });
app.http('smart', {
  route: '{*path}', authLevel: 'function', methods: ['GET', 'POST', 'PUT', 'DELETE'],
  handler: async (request) => ({ jsonBody: {
    url: request.url, method: request.method, params: request.params,
    headers: Object.fromEntries(request.headers), body: request.method === 'GET' ? null : await request.text(),
  } }),
});
app.http('files', {
  route: 'files/{*path}', authLevel: 'anonymous', methods: ['GET', 'POST'],
  handler: async (request) => {
    if (request.params.path === 'cookies') {
      return { status: 302, headers: { location: 'https://elsewhere.example/' }, cookies: [
        { name: 'a', value: '1', path: '/', httpOnly: true }, { name: 'b', value: '2', sameSite: 'Lax' } ] };
    }
    if (request.params.path === 'throw') throw new Error('deliberate');
    if (request.params.path === 'exit') process.exit(7);
    if (request.params.path === 'echo') return { body: request.body };
    if (request.params.path === 'env') return { jsonBody: process.env };
    return { status: 204 };
  },
});
app.http('root', { route: 'admin-only', authLevel: 'admin', handler: async () => ({ body: 'admin' }) });
app.http('item', { route: 'items/{id:int}/{part?}', authLevel: 'anonymous', handler: async (r) => ({ jsonBody: r.params }) });
`;

let cloud: Cloud;
let app: FunctionApp;
const lines: unknown[] = [];

beforeAll(async () => {
  cloud = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line) });
  app = await functionApp(cloud);
  await app.settings({ GREETING: 'hello' });
  const published = await app.publish(await packageOf(SOURCE));
  if (published.status !== 200) throw new Error(`${published.status} ${await published.text()}`);
}, 30_000);

afterAll(() => cloud.close());

describe('invocation', () => {
  test('a function without its key is refused, with nothing told', async () => {
    const response = await app.get('/api/fhir/Patient');
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('');
    expect((await app.get('/api/x', { headers: { 'x-functions-key': 'wrong' } })).status).toBe(401);
  });

  test('host key and master key open it, by header or code', async () => {
    const { masterKey, functionKeys } = await app.keys();
    for (const key of [masterKey, functionKeys['default'] ?? '']) {
      expect((await app.get('/api/x', { headers: { 'x-functions-key': key } })).status).toBe(200);
      expect((await app.get(`/api/x?code=${encodeURIComponent(key)}`)).status).toBe(200);
    }
  });

  test('an admin function takes the master key only', async () => {
    const { masterKey, functionKeys } = await app.keys();
    const as = async (key: string): Promise<number> =>
      (await app.get('/api/admin-only', { headers: { 'x-functions-key': key } })).status;
    expect(await as(functionKeys['default'] ?? '')).toBe(401);
    expect(await as(masterKey)).toBe(200);
  });

  test('the function sees URL, parameters, headers and body', async () => {
    const { masterKey } = await app.keys();
    const response = await app.get('/api/fhir/Patient/_search?x=1', {
      method: 'POST',
      body: 'name=a',
      headers: {
        'x-functions-key': masterKey,
        'x-custom': 'yes',
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    expect(await response.json()).toMatchObject({
      url: 'https://app1.azurewebsites.net/api/fhir/Patient/_search?x=1',
      method: 'POST',
      params: { path: 'fhir/Patient/_search' },
      headers: { 'x-custom': 'yes', 'x-forwarded-proto': 'https' },
      body: 'name=a',
    });
  });

  test('the app answers on its plain-HTTP origin too', async () => {
    const { masterKey } = await app.keys();
    const url = `${cloud.fabric.origins.functions}/api/x`;
    const response = await cloud.fetch(new Request(url, { headers: { 'x-functions-key': masterKey } }));
    expect(await response.json()).toMatchObject({ url });
  });

  test('cookies stay apart and redirects are not followed', async () => {
    const response = await app.get('/api/files/cookies');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://elsewhere.example/');
    expect(response.headers.getSetCookie()).toHaveLength(2);
  });

  test('bodies stream both ways', async () => {
    const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const send = writable.getWriter();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    void send.write(new TextEncoder().encode('first'));
    const reader = (await app.get('/api/files/echo', init)).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first');
    void send.write(new TextEncoder().encode('second'));
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('second');
    void send.close();
    expect((await reader.read()).done).toBe(true);
  });

  test.each([
    ['/api/items/12', 200],
    ['/api/items/12/name', 200],
    ['/api/items/twelve', 401],
    ['/nothing', 404],
    ['/api/files', 204],
  ])('%s is routed as ASP.NET would: %i', async (path, status) => {
    expect((await app.get(path)).status).toBe(status);
  });

  test('a method that no function takes is not found', async () => {
    expect((await app.get('/api/files/x', { method: 'PATCH' })).status).toBe(404);
  });

  test('a throwing function is a 500 without detail', async () => {
    const response = await app.get('/api/files/throw');
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    expect(JSON.stringify(lines)).toContain('deliberate');
  });

  test('a dying process is a 502, and the next request starts another', async () => {
    expect((await app.get('/api/files/exit')).status).toBe(502);
    expect((await app.get('/api/files/x')).status).toBe(204);
  });

  test("the environment holds the settings and nothing of this process's own", async () => {
    process.env['SMARTFHIR_PLANTED'] = 'planted';
    await app.arm('POST', `${app.siteId}/restart`);
    const env = (await (await app.get('/api/files/env')).json()) as Record<string, string>;
    expect(env).toMatchObject({ GREETING: 'hello', WEBSITE_SITE_NAME: 'app1', NODE_USE_ENV_PROXY: '1' });
    expect(env['SMARTFHIR_PLANTED']).toBeUndefined();
    expect(env['HOME']).toBeUndefined();
    delete process.env['SMARTFHIR_PLANTED'];
  });

  test('changed settings are seen by the next request', async () => {
    await app.settings({ GREETING: 'good evening' });
    const env = (await (await app.get('/api/files/env')).json()) as Record<string, string>;
    expect(env['GREETING']).toBe('good evening');
  });

  test('the host status needs the master key', async () => {
    const { masterKey } = await app.keys();
    expect((await app.get('/admin/host/status')).status).toBe(401);
    const status = await app.get(`/admin/host/status?code=${encodeURIComponent(masterKey)}`);
    expect(await status.json()).toMatchObject({ state: 'Running' });
  });
});
