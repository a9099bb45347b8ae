import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/assets.ts';

const BIN = join(packageRoot(), 'bin', 'smartfhir.js');

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Status {
  readonly running: boolean;
  readonly pid: number;
  readonly endpoints: Record<string, string | null>;
  readonly users: unknown[];
}

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-e2e-local-'));
});

afterAll(async () => {
  await smartfhir('local', 'reset');
  await rm(project, { recursive: true, force: true });
});

function smartfhir(...args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: project,
      env: { PATH: process.env['PATH'], HOME: project },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function status(): Promise<Status> {
  const run = await smartfhir('local', 'status', '-o', 'json');
  expect(run.code).toBe(0);
  return JSON.parse(run.stdout) as Status;
}

describe('smartfhir local', () => {
  test('status before the first start is an answer, not a failure', async () => {
    expect(await status()).toEqual({ running: false });
    const exec = await smartfhir('local', 'exec', '-o', 'json', '--', 'true');
    expect(exec.code).toBe(5);
    expect(JSON.parse(exec.stdout)).toMatchObject({ error: { code: 'LOCAL_NOT_RUNNING' } });
  });

  test('up starts it, says where everything is, and says so again when it runs', async () => {
    const first = await smartfhir('local', 'up', '-o', 'json');
    expect(first.stderr).not.toContain('✗');
    expect(first.code).toBe(0);
    const document = JSON.parse(first.stdout) as Status;
    expect(document).toMatchObject({
      running: true,
      endpoints: { fhir: null, arm: 'https://management.azure.com', graph: 'https://graph.microsoft.com' },
      users: [],
    });
    expect(Object.keys(document.endpoints)).toEqual([
      'fhir',
      'login',
      'arm',
      'graph',
      'vault',
      'proxy',
      'ca',
    ]);
    const second = await smartfhir('local', 'up', '-o', 'json');
    expect(JSON.parse(second.stdout)).toEqual(document);
    expect(await status()).toEqual(document);
  });

  test('exec gives an unchanged program the laptop for its Azure, and its exit code back', async () => {
    const program = `
      const answer = await fetch('https://management.azure.com/subscriptions?api-version=2022-12-01');
      const outside = await fetch('https://example.com/').then(() => 'reached', () => 'refused');
      console.log(answer.status, outside, process.env.AZURE_TENANT_ID.length);
      process.exit(3);`;
    const run = await smartfhir(
      'local',
      'exec',
      '--',
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    );
    expect(run.stdout.trim()).toBe('401 refused 36');
    expect(run.code).toBe(3);
  });

  test('logs shows the requests without their query', async () => {
    const run = await smartfhir('local', 'logs');
    expect(run.stdout).toMatch(/arm\s+GET 401 management.azure.com\/subscriptions \d+ ms/);
    expect(run.stdout).not.toContain('api-version');
    const secret = JSON.parse(
      await readFile(join(project, '.smartfhir/local/deployer.json'), 'utf8'),
    ).clientSecret;
    expect(await readFile(join(project, '.smartfhir/local/stack.log'), 'utf8')).not.toContain(secret);
  });

  test('down stops it, twice without harm', async () => {
    const { endpoints } = await status();
    expect((await smartfhir('local', 'down')).code).toBe(0);
    await expect(fetch(`${endpoints['proxy']}/health`)).rejects.toThrow();
    expect(await status()).toEqual({ running: false });
    expect((await smartfhir('local', 'down')).code).toBe(0);
  });

  test('a busy port is named with exit code 5', async () => {
    const ports = JSON.parse(await readFile(join(project, '.smartfhir/local/ports.json'), 'utf8')) as {
      gateway: number;
    };
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(ports.gateway, '127.0.0.1', resolve));
    const run = await smartfhir('local', 'up', '-o', 'json');
    other.close();
    expect(run.code).toBe(5);
    expect(JSON.parse(run.stdout)).toMatchObject({
      error: { code: 'PORT_IN_USE', message: `port ${ports.gateway} is in use` },
    });
    expect(await status()).toEqual({ running: false });
  });

  test('a port base that is none is a usage error', async () => {
    expect((await smartfhir('local', 'up', '--port-base', 'x')).code).toBe(2);
  });
});
