import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientEnvironment } from '../../../src/local/client-environment.ts';
import { stackTarget } from '../../../src/local/laptop-target.ts';
import { choosePorts } from '../../../src/local/ports.ts';
import {
  type RunningStack,
  requireStack,
  resetStack,
  stackStatus,
  startStack,
  stopStack,
} from '../../../src/local/stack.ts';
import { type StateFolder, stateFolder } from '../../../src/local/state-folder.ts';

let project: string;
let folder: StateFolder;
let running: RunningStack | undefined;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-stack-'));
  folder = stateFolder(project);
});

afterEach(async () => {
  await running?.close();
  running = undefined;
  await rm(project, { recursive: true, force: true });
});

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('startStack', () => {
  test('answers its clients through the proxy and its browsers on plain origins', async () => {
    running = await startStack({ folder });
    const target = await stackTarget(await requireStack(folder));
    const token = await target.credential.getToken('https://management.azure.com/.default');
    const response = await target.fetch(
      new Request('https://management.azure.com/subscriptions?api-version=2022-12-01', {
        headers: { authorization: `Bearer ${token?.token}` },
      }),
    );
    expect(response.status).toBe(200);
    const discovery = `${running.access.origins.login}/${target.tenantId}/v2.0/.well-known/openid-configuration`;
    const document = (await (await fetch(discovery)).json()) as { issuer: string };
    expect(document.issuer).toBe(`${running.access.origins.login}/${target.tenantId}/v2.0`);
    expect(target.publicOrigin('app1.azurewebsites.net')).toBe(running.access.origins.functions);
    expect(target.publicOrigin('gw.azure-api.net')).toBe(running.access.origins.gateway);
    expect(target.publicOrigin('v.vault.azure.net')).toBe('https://v.vault.azure.net');
    await target.close();
  });

  test('a Host header of another origin is misdirected', async () => {
    running = await startStack({ folder });
    const url = running.access.origins.login.replace('127.0.0.1', 'localhost');
    expect((await fetch(url)).status).toBe(421);
  });

  test('keeps its secrets to its user', async () => {
    running = await startStack({ folder });
    expect(await mode(folder.path)).toBe(0o700);
    expect(await mode(join(project, '.smartfhir'))).toBe(0o700);
    for (const file of [folder.access, folder.owner, folder.log, join(folder.path, 'ca-key.pem')]) {
      expect(await mode(file)).toBe(0o600);
    }
  });

  test('is one per folder', async () => {
    running = await startStack({ folder });
    await expect(startStack({ folder })).rejects.toMatchObject({ code: 'LOCKED' });
    expect((await stackStatus(folder)).running).toBe(true);
  });

  test('takes over from a process that is gone, also when its number lives again', async () => {
    await mkdir(folder.path, { recursive: true });
    await writeFile(folder.owner, JSON.stringify({ pid: process.pid, startedAt: 'another life' }));
    expect(await stackStatus(folder)).toEqual({ running: false });
    running = await startStack({ folder });
    expect((await stackStatus(folder)).running).toBe(true);
  });

  test('keeps tenant, issuer and ports over a restart, and forgets them with a reset', async () => {
    running = await startStack({ folder });
    const first = running.access;
    await running.close();
    expect(await stackStatus(folder)).toEqual({ running: false });
    running = await startStack({ folder });
    expect(running.access.origins).toEqual(first.origins);
    expect(running.access.tenantId).toBe(first.tenantId);
    expect(running.access.clientSecret).not.toBe(first.clientSecret);
    await running.close();
    running = undefined;
    await resetStack(folder);
    await expect(stat(folder.path)).rejects.toThrow();
  });

  test('a busy port is named and nothing stays behind', async () => {
    const ports = await choosePorts(await emptyPorts(), undefined);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports.login, '127.0.0.1', resolve));
    await expect(startStack({ folder })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `port ${(other.address() as AddressInfo).port} is in use`,
    });
    other.close();
    expect(await stackStatus(folder)).toEqual({ running: false });
    await expect(stat(folder.owner)).rejects.toThrow();
  });

  test('answers from the folder it was moved to', async () => {
    running = await startStack({ folder });
    const elsewhere = join(project, 'moved');
    await mkdir(elsewhere);
    await rename(join(project, '.smartfhir'), join(elsewhere, '.smartfhir'));
    const target = await stackTarget(await requireStack(stateFolder(elsewhere)));
    await target.close();
    await rename(join(elsewhere, '.smartfhir'), join(project, '.smartfhir'));
  });

  test('the log has no secret', async () => {
    running = await startStack({ folder });
    const target = await stackTarget(running.access);
    await target.credential.getToken('https://management.azure.com/.default');
    await target.close();
    const { clientSecret } = running.access;
    await running.close();
    running = undefined;
    const log = await readFile(folder.log, 'utf8');
    expect(log).toContain('/oauth2/v2.0/token');
    expect(log).not.toContain(clientSecret);
  });
});

describe('a stack that is not running', () => {
  test('is said so', async () => {
    expect(await stackStatus(folder)).toEqual({ running: false });
    expect(await stopStack(folder)).toBe(false);
    await expect(requireStack(folder)).rejects.toMatchObject({ code: 'LOCAL_NOT_RUNNING', exitCode: 5 });
  });

  test('broken state is said so', async () => {
    await mkdir(folder.path, { recursive: true });
    await writeFile(folder.ports, 'not json');
    await expect(startStack({ folder })).rejects.toMatchObject({ code: 'LOCAL_STATE_BROKEN' });
  });
});

test('an unchanged program finds the cloud by its environment', async () => {
  running = await startStack({ folder });
  const env = clientEnvironment(running.access);
  expect(env).toMatchObject({
    HTTPS_PROXY: running.access.proxyUrl,
    NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem'),
  });
});

async function emptyPorts(): Promise<string> {
  await mkdir(folder.path, { recursive: true });
  return folder.ports;
}
