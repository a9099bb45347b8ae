import { strToU8, zipSync } from 'fflate';
import { afterEach, describe, expect, test } from 'vitest';
import { type Cloud, createCloud } from '../../../src/local/cloud.ts';
import { inProcessTarget } from '../../../src/local/laptop-target.ts';
import { bearer, type FunctionApp, functionApp, HOST_SETTINGS, packageOf } from './function-app.ts';

const SOURCE = `
import { app } from '@azure/functions';
app.http('version', { authLevel: 'anonymous', handler: async () => ({ body: process.env.VERSION ?? 'VALUE' }) });
`;
const SCM = 'https://app1.scm.azurewebsites.net';

const clouds: Cloud[] = [];

async function start(options: { storageRole?: boolean } = {}): Promise<{ cloud: Cloud; app: FunctionApp }> {
  const cloud = await createCloud({ storePath: ':memory:' });
  clouds.push(cloud);
  const app = await functionApp(cloud, options);
  await app.settings({});
  return { cloud, app };
}

afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.close();
});

describe('POST /api/publish', () => {
  test('without token 401, with a token of another audience 401, without role 403', async () => {
    const { cloud } = await start();
    const post = (authorization?: string): Promise<Response> =>
      cloud.fetch(
        new Request(`${SCM}/api/publish`, {
          method: 'POST',
          body: 'x',
          ...(authorization === undefined ? {} : { headers: { authorization } }),
        }),
      );
    expect((await post()).status).toBe(401);
    expect((await post('Bearer nonsense')).status).toBe(401);
    const graph = await bearer(inProcessTarget(cloud), 'https://graph.microsoft.com/.default');
    expect((await post(graph)).status).toBe(401);
  });

  test('a principal without a role on the site is refused', async () => {
    const { cloud, app } = await start();
    const { issueManagedIdentityToken } = await import('../../../src/local/entra/managed-identity-token.ts');
    const token = await issueManagedIdentityToken(cloud.fabric, app.siteId, 'https://management.azure.com');
    const headers = { authorization: `Bearer ${token.access_token}` };
    const post = new Request(`${SCM}/api/publish`, { method: 'POST', body: 'x', headers });
    expect((await cloud.fetch(post)).status).toBe(403);
    expect((await cloud.fetch(new Request(`${SCM}/api/deployments`, { headers }))).status).toBe(403);
  });

  test('asynchronously it answers the id of a deployment that succeeds', async () => {
    const { cloud, app } = await start();
    const answer = await app.publish(await packageOf(SOURCE), '?isAsync=true&author=me');
    expect(answer.status).toBe(202);
    const id = await answer.json();
    const headers = { authorization: await bearer(inProcessTarget(cloud)) };
    const deployment = async (path: string): Promise<unknown> =>
      (await cloud.fetch(new Request(`${SCM}/api/deployments${path}`, { headers }))).json();
    await expect
      .poll(() => deployment(`/${id}`))
      .toMatchObject({ id, status: 4, complete: true, author: 'me' });
    expect(await deployment('')).toMatchObject([{ id }]);
    expect((await cloud.fetch(new Request(`${SCM}/api/deployments/unknown`, { headers }))).status).toBe(404);
  });

  test.each([
    ['not a zip', strToU8('hello')],
    ['a zip that climbs out of its folder', zipSync({ '../evil.js': strToU8('x') })],
  ])('%s is refused', async (_name, zip) => {
    const { app } = await start();
    expect((await app.publish(zip)).status).toBe(400);
    expect((await app.get('/api/version')).status).toBe(503);
  });

  test.each(['/api/zipdeploy', '/api/settings'])('%s is not there', async (path) => {
    const { cloud } = await start();
    const headers = { authorization: await bearer(inProcessTarget(cloud)) };
    const response = await cloud.fetch(new Request(`${SCM}${path}`, { method: 'POST', headers }));
    expect([404, 501]).toContain(response.status);
  });

  test("without the identity's role on the storage account nothing is deployed", async () => {
    const { app } = await start({ storageRole: false });
    const answer = await app.publish(await packageOf(SOURCE));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('403');
    expect((await app.get('/api/version')).status).toBe(503);
  });
});

describe('the app behind it', () => {
  test('without a package it answers 503', async () => {
    const { app } = await start();
    const response = await app.get('/api/version');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('Function host is not running.');
  });

  test('a second package takes the place of the first', async () => {
    const { app } = await start();
    await app.publish(await packageOf(SOURCE.replace('VALUE', 'one')));
    expect(await (await app.get('/api/version')).text()).toBe('one');
    await app.publish(await packageOf(SOURCE.replace('VALUE', 'two')));
    expect(await (await app.get('/api/version')).text()).toBe('two');
  });

  test.each([
    ['without host.json', { 'package.json': '{"main":"main.cjs"}', 'main.cjs': '' }],
    [
      'with an entry that is not there',
      { 'host.json': '{"version":"2.0"}', 'package.json': '{"main":"other.cjs"}' },
    ],
    [
      'that throws while loading',
      {
        'host.json': '{"version":"2.0"}',
        'package.json': '{"main":"main.cjs"}',
        'main.cjs': 'throw new Error("no")',
      },
    ],
    [
      'that ends the process',
      {
        'host.json': '{"version":"2.0"}',
        'package.json': '{"main":"main.cjs"}',
        'main.cjs': 'process.exit(3)',
      },
    ],
    [
      'of another programming model',
      {
        'host.json': '{"version":"2.0"}',
        'package.json': '{"main":"main.cjs"}',
        'main.cjs': 'module.exports = 1',
      },
    ],
  ])('a package %s does not run', async (_name, files) => {
    const { app } = await start();
    const zip = zipSync(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])),
    );
    expect((await app.publish(zip)).status).toBe(200);
    expect((await app.get('/api/version')).status).toBe(503);
  });

  test('without its host storage it does not run', async () => {
    const { app } = await start();
    await app.publish(await packageOf(SOURCE));
    const path = `${app.siteId}/config/appsettings`;
    await app.arm('PUT', path, { properties: {} });
    expect((await app.get('/api/version')).status).toBe(503);
    await app.arm('PUT', path, { properties: HOST_SETTINGS });
    expect((await app.get('/api/version')).status).toBe(200);
  });

  test('an app that was never made is not found', async () => {
    const { cloud } = await start();
    expect((await cloud.fetch(new Request('https://nobody.azurewebsites.net/'))).status).toBe(404);
    expect(
      (await cloud.fetch(new Request('https://nobody.scm.azurewebsites.net/api/deployments'))).status,
    ).toBe(404);
  });

  test('a deleted app is gone', async () => {
    const { app } = await start();
    await app.publish(await packageOf(SOURCE));
    expect((await app.get('/api/version')).status).toBe(200);
    expect((await app.arm('DELETE', app.siteId)).status).toBe(200);
    expect((await app.get('/api/version')).status).toBe(404);
  });
});
