import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Cloud, type CloudOptions, createCloud } from '../../../src/local/cloud.ts';
import { inProcessTarget } from '../../../src/local/laptop-target.ts';

const ARM_SCOPE = 'https://management.azure.com/.default';

const clouds: Cloud[] = [];
const lines: unknown[] = [];

async function cloudWith(options: Partial<CloudOptions> = {}): Promise<Cloud> {
  const cloud = await createCloud({ storePath: ':memory:', onLine: (line) => lines.push(line), ...options });
  clouds.push(cloud);
  return cloud;
}

afterEach(async () => {
  lines.length = 0;
  for (const cloud of clouds.splice(0)) await cloud.close();
});

async function subscriptions(cloud: Cloud): Promise<Response> {
  const token = await inProcessTarget(cloud).credential.getToken(ARM_SCOPE);
  return cloud.fetch(
    new Request('https://management.azure.com/subscriptions?api-version=2022-12-01', {
      headers: { authorization: `Bearer ${token?.token}` },
    }),
  );
}

describe('createCloud', () => {
  test('its deployer signs in and sees the subscription', async () => {
    const cloud = await cloudWith();
    const response = await subscriptions(cloud);
    expect(response.status).toBe(200);
    expect(JSON.stringify(await response.json())).toContain(cloud.fabric.subscriptionId);
  });

  test('a host nobody owns fails as an unknown name does', async () => {
    const cloud = await cloudWith();
    const failure = cloud.fetch(new Request('https://example.com/'));
    await expect(failure).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ENOTFOUND' } });
    expect(lines.at(-1)).toMatchObject({ standIn: 'router', status: null, host: 'example.com' });
  });

  test.each(['http://management.azure.com/', 'https://management.azure.com:8443/', 'http://localhost:1/'])(
    '%s is not a place of the cloud',
    async (url) => {
      const cloud = await cloudWith();
      await expect(cloud.fetch(new Request(url))).rejects.toThrow('fetch failed');
    },
  );

  test('a Host header naming another host is misdirected', async () => {
    const cloud = await cloudWith();
    const request = new Request(`${cloud.fabric.origins.login}/`, { headers: { host: 'evil.example' } });
    expect((await cloud.fetch(request)).status).toBe(421);
  });

  test('the log holds no query string', async () => {
    const cloud = await cloudWith();
    await cloud.fetch(new Request(`https://login.microsoftonline.com/x?code=top-secret-code`));
    expect(JSON.stringify(lines)).not.toContain('top-secret-code');
    expect(lines.at(-1)).toMatchObject({ path: '/x', method: 'GET' });
  });

  test('wrap and the failure plan stand before the stand-ins', async () => {
    const cloud = await cloudWith({
      wrap: async (standIn, request, next) => {
        const response = await next(request);
        return new Response(response.body, { status: response.status, headers: { 'x-standin': standIn } });
      },
      failures: (standIn) => (standIn === 'arm' ? new Response(null, { status: 503 }) : undefined),
    });
    const login = await cloud.fetch(new Request('https://login.microsoftonline.com/x'));
    expect(login.headers.get('x-standin')).toBe('entra');
    expect((await cloud.fetch(new Request('https://management.azure.com/x'))).status).toBe(503);
  });

  test('a fault that a wrap throws reaches the caller as a broken connection', async () => {
    const cloud = await cloudWith({
      wrap: () => Promise.reject(new Error('connection reset')),
    });
    await expect(cloud.fetch(new Request('https://login.microsoftonline.com/x'))).rejects.toThrow('reset');
  });

  test('a snapshot starts another cloud of the same tenant, with a new secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smartfhir-snapshot-'));
    const first = await cloudWith({ origins: { gateway: 'http://localhost:1234' } });
    first.snapshot(join(folder, 'cloud.db'));
    const second = await cloudWith({ storePath: join(folder, 'cloud.db') });
    expect(second.fabric.tenantId).toBe(first.fabric.tenantId);
    expect(second.fabric.origins).toEqual(first.fabric.origins);
    expect(second.deployer.clientId).toBe(first.deployer.clientId);
    expect(second.deployer.clientSecret).not.toBe(first.deployer.clientSecret);
    expect((await subscriptions(second)).status).toBe(200);
    await rm(folder, { recursive: true, force: true });
  });
});
