import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startStack } from '../../src/local/stack.ts';
import { type StateFolder, stateFolder } from '../../src/local/state-folder.ts';
import { runCli } from '../support/run-cli.ts';

let project: string;
let state: StateFolder;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-broken-'));
  state = stateFolder(project);
  await runCli(['init', '--local', '--no-input'], { cwd: project });
});

afterEach(() => rm(project, { recursive: true, force: true }));

async function stopped(): Promise<void> {
  await (await startStack({ folder: state })).close();
}

async function up(): Promise<{ code: number; error: { code: string; message: string } | undefined }> {
  const stop = AbortSignal.abort();
  const args = ['local', 'up', '--foreground', '-o', 'json'];
  const run = await runCli(args, { cwd: project, interrupted: stop });
  return { code: run.code, error: run.json<{ error?: { code: string; message: string } }>().error };
}

describe('a laptop stack whose files were damaged', () => {
  test.each([
    ['a database of noise', () => writeFile(state.database, Buffer.alloc(8192, 0x5a))],
    ['half a database', async () => truncate(state.database, (await readFile(state.database)).length >> 1)],
    [
      'a folder as database',
      async () => {
        await rm(state.database);
        await mkdir(state.database);
      },
    ],
    ['ports that are no JSON', () => writeFile(state.ports, '{')],
    ['ports that are none', () => writeFile(state.ports, '{"proxy":99999999}')],
  ])('%s', async (_, damage) => {
    await stopped();
    for (const part of ['-wal', '-shm']) await rm(`${state.database}${part}`, { force: true });
    await damage();
    expect(await up()).toMatchObject({ code: 5, error: { code: 'LOCAL_STATE_BROKEN' } });
    expect((await runCli(['local', 'reset'], { cwd: project })).code).toBe(0);
    await stopped();
  });

  test('a damaged CA is made anew', async () => {
    await stopped();
    await writeFile(join(state.path, 'ca.pem'), 'x');
    await stopped();
    expect(await readFile(join(state.path, 'ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  });

  test.each(['{', 'null', '{"clientSecret":"planted-secret"}'])(
    'an access file that says %s',
    async (text) => {
      const stack = await startStack({ folder: state });
      try {
        await writeFile(state.access, text);
        for (const args of [
          ['local', 'status'],
          ['plan', '--local'],
          ['apply', '--local', '--yes', '-v'],
        ]) {
          const run = await runCli(args, { cwd: project });
          expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('LOCAL_STATE_BROKEN')]);
          expect(run.stdout + run.stderr).not.toContain('planted');
        }
      } finally {
        await stack.close();
      }
    },
  );

  test('a deployer with a wrong secret is refused, and changes nothing', async () => {
    const stack = await startStack({ folder: state });
    try {
      await writeFile(
        state.access,
        JSON.stringify({ ...stack.access, clientSecret: 'planted-wrong-secret' }),
      );
      const run = await runCli(['apply', '--local', '--yes', '-v'], { cwd: project });
      expect([run.code, run.stderr]).toEqual([4, expect.stringContaining('AADSTS7000215')]);
      expect(run.stdout + run.stderr).not.toContain('planted');
    } finally {
      await stack.close();
    }
  });

  test('a port that somebody else took', async () => {
    await stopped();
    const { gateway } = JSON.parse(await readFile(state.ports, 'utf8')) as { gateway: number };
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(gateway, '127.0.0.1', resolve));
    try {
      expect(await up()).toMatchObject({
        code: 5,
        error: { code: 'PORT_IN_USE', message: `port ${gateway} is in use` },
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    await stopped();
  });

  test('journal and lock of a killed run do not stand in the way', async () => {
    const stack = await startStack({ folder: state });
    const home = join(project, '.smartfhir');
    try {
      await mkdir(join(home, 'journal', 'local'), { recursive: true });
      await writeFile(
        join(home, 'journal', 'local', '2026-01-01T00-00-00-000Z-1.ndjson'),
        '{"kind":"intent"\n{bad',
      );
      await mkdir(join(home, 'locks'), { recursive: true });
      for (const lock of ['null', '', '{', '{"pid":0}']) {
        await writeFile(join(home, 'locks', 'local.lock'), lock);
        const run = await runCli(['apply', '--local', '--yes', '--timeout', '50s'], { cwd: project });
        expect([lock, run.code, run.stderr.includes('✗')]).toEqual([lock, 0, false]);
      }
      expect((await runCli(['plan', '--local', '--detailed-exitcode'], { cwd: project })).code).toBe(0);
    } finally {
      await stack.close();
    }
  });
});
