import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningStack, startStack } from '../../src/local/stack.ts';
import { stateFolder } from '../../src/local/state-folder.ts';
import { runCli } from '../support/run-cli.ts';
import { hostileServer } from './hostile-server.ts';

const BIN = fileURLToPath(new URL('../../bin/smartfhir.js', import.meta.url));

let folder: string;
let stack: RunningStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-interrupted-'));
  await runCli(['init', '--local', '--no-input'], { cwd: folder });
  stack = await startStack({ folder: stateFolder(folder) });
});

afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  /** Settles once stderr has shown this. */
  seen(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function start(
  args: readonly string[],
  stdio: [stdin: 'ignore' | 'pipe', stdout: 'pipe' | number] = ['ignore', 'pipe'],
): Running {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    stdio: [...stdio, 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  const waiting = new Map<string, () => void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString();
    for (const [wanted, resolve] of waiting) if (text.stderr.includes(wanted)) resolve();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, ...text }));
  });
  return {
    child,
    ended,
    seen: async (wanted) => {
      const found = new Promise<void>((resolve) => waiting.set(wanted, resolve));
      if (!text.stderr.includes(wanted)) await Promise.race([found, ended]);
    },
  };
}

const locks = (): Promise<string[]> => readdir(join(folder, '.smartfhir', 'locks'));

describe('the real command', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'apply stopped by %s ends with %i, gives its lock back, and says what is next',
    async (signal, code) => {
      const apply = start(['apply', '--local', '--yes']);
      await apply.seen(' start ');
      apply.child.kill(signal);
      const { code: ended, stderr } = await apply.ended;
      expect([ended, stderr]).toEqual([
        code,
        expect.stringMatching(/INTERRUPTED[\s\S]*next {3}smartfhir apply --local --yes/),
      ]);
      expect(await locks()).toEqual([]);
    },
  );

  test('of two applies at once one is refused, and the other finishes what was stopped', async () => {
    const first = start(['apply', '--local', '--yes']);
    await first.seen(' start ');
    const second = await start(['apply', '--local', '--yes', '-o', 'json']).ended;
    expect([second.code, JSON.parse(second.stdout)]).toMatchObject([8, { error: { code: 'LOCKED' } }]);
    expect((await first.ended).code).toBe(0);
    const again = await runCli(['plan', '--local', '--detailed-exitcode', '-o', 'json'], { cwd: folder });
    expect([again.code, again.json()]).toMatchObject([0, { changes: [] }]);
  });

  test.each([
    ['apply', '--local', '--yes'],
    ['plan', '--local'],
    ['destroy', '--local', '--confirm', 'local'],
    ['outputs', '--local'],
    ['doctor', '--local'],
    ['launch', 'standalone', '--local', '--headless'],
    ['launch', 'ehr', '--local', '--headless'],
    ['launch', 'backend', '--local'],
    ['inferno', 'preset', '--local'],
  ])('%s %s ends with its time budget', async (...args) => {
    const { code, stdout } = await start([...args, '--timeout', '1ms', '-o', 'json']).ended;
    expect([code, JSON.parse(stdout)]).toMatchObject([124, { exitCode: 124, error: { code: 'TIMEOUT' } }]);
  });

  test('nothing was taken away meanwhile', async () => {
    const plan = await runCli(['plan', '--local', '-o', 'json'], { cwd: folder });
    expect(plan.json()).toMatchObject({ changes: [] });
    expect(await locks()).toEqual([]);
  });

  test('Ctrl-C during doctor against a server that says nothing', async () => {
    let asked: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = await hostileServer(() => asked());
    try {
      const doctor = start(['doctor', server.url]);
      await first;
      doctor.child.kill('SIGINT');
      expect((await doctor.ended).code).toBe(130);
    } finally {
      await server.close();
    }
  });

  test('without a terminal or with a closed stdin nobody is asked', async () => {
    for (const args of [
      ['destroy', '--local'],
      ['init', '-C', tmpdir()],
    ]) {
      for (const stdin of ['pipe', 'ignore'] as const) {
        const run = start(args, [stdin, 'pipe']);
        run.child.stdin?.destroy();
        const { code, stderr } = await run.ended;
        expect([code, stderr]).toEqual([2, expect.stringContaining('MISSING_INPUT')]);
      }
    }
  });

  test.skipIf(process.platform !== 'linux')('a full disk behind stdout', async () => {
    const { code, stderr } = await start(['checks', 'list'], ['ignore', openSync('/dev/full', 'w')]).ended;
    expect([code, stderr]).toEqual([5, expect.stringMatching(/^✗ FILE_UNUSABLE .*ENOSPC/)]);
  });
});
