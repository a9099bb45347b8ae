import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDetached } from '../../../src/local/detached.ts';
import { stackStatus, stopStack } from '../../../src/local/stack.ts';
import { type StateFolder, stateFolder } from '../../../src/local/state-folder.ts';

const PROGRAM = fileURLToPath(new URL('./stack-process.ts', import.meta.url));

let project: string;
let folder: StateFolder;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-detached-'));
  folder = stateFolder(project);
});

afterEach(async () => {
  await stopStack(folder);
  await rm(project, { recursive: true, force: true });
});

function start(...args: string[]): ReturnType<typeof startDetached> {
  return startDetached({
    folder,
    command: [process.execPath, PROGRAM, project, ...args],
    cwd: project,
    env: { PATH: process.env['PATH'] },
    signal: new AbortController().signal,
  });
}

describe('startDetached', () => {
  test('comes back when the stack answers, which outlives the call and ends when told', async () => {
    const status = await start();
    expect(status.pid).not.toBe(process.pid);
    expect(await stackStatus(folder)).toMatchObject({ running: true, pid: status.pid });
    expect(await stopStack(folder)).toBe(true);
    expect(await stackStatus(folder)).toEqual({ running: false });
    await expect(fetch(`${status.access.proxyUrl}/health`)).rejects.toThrow();
  });

  test('two calls at the same moment share one stack', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(first.pid).toBe(second.pid);
  });

  test("the child's failure is the caller's", async () => {
    await expect(start('coded')).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      exitCode: 5,
      message: 'port 1 is in use',
    });
  });

  test('a child that ends without a word is a failure that names its exit code', async () => {
    await expect(start('exit')).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('exit code 9'),
    });
  });
});
