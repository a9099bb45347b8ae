import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { localDown } from '../../src/commands/local-down.ts';
import { localExec } from '../../src/commands/local-exec.ts';
import { localLogs } from '../../src/commands/local-logs.ts';
import { localReset } from '../../src/commands/local-reset.ts';
import { localStatus } from '../../src/commands/local-status.ts';
import { localUp } from '../../src/commands/local-up.ts';
import { createContext } from '../../src/context.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CommandDefinition, CommandInput } from '../../src/core/command.ts';
import { Stop } from '../../src/core/io.ts';
import { stackStatus, startStack } from '../../src/local/stack.ts';
import { stateFolder } from '../../src/local/state-folder.ts';

const PROVISIONED = {
  fhir: 'http://localhost:1/fhir',
  users: [
    { username: 'patient@example', password: 'planted', fhirUser: 'http://localhost:1/fhir/Patient/a' },
  ],
};

vi.mock('../../src/environment/describe.ts', () => ({ describe: async () => PROVISIONED }));

let project: string;
const stop = new AbortController();

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-commands-'));
});

afterEach(() => rm(project, { recursive: true, force: true }));

async function run(
  command: CommandDefinition,
  input: Partial<CommandInput> = {},
  interrupted?: AbortSignal,
): Promise<{ code: number; stdout: string; document: () => Record<string, unknown> }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let text = '';
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const env = { PATH: process.env['PATH'] };
  const io = {
    env,
    cwd: project,
    stdin,
    stdout,
    stderr,
    clock: systemClock,
    ...(interrupted && { interrupted }),
  };
  const context = createContext(io, { output: 'json' }, '0.0.0');
  const code = await command.run({ args: [], options: {}, ...input }, context);
  return { code, stdout: text, document: () => JSON.parse(text) };
}

describe('local up --foreground', () => {
  test('says where everything is, stays until it is stopped, and cleans up', async () => {
    const folder = stateFolder(project);
    const running = run(localUp, { options: { foreground: true } }, stop.signal);
    await expect.poll(() => stackStatus(folder), { timeout: 30_000 }).toMatchObject({ running: true });
    expect((await run(localUp)).document()).toMatchObject({ running: true, pid: process.pid });
    stop.abort(new Stop('interrupt'));
    expect((await running).document()).toMatchObject({
      running: true,
      endpoints: { fhir: PROVISIONED.fhir, arm: 'https://management.azure.com' },
      users: PROVISIONED.users,
    });
    expect(await stackStatus(folder)).toEqual({ running: false });
  });

  test.each(['0', 'x', '65536'])('--port-base %s is refused', async (portBase) => {
    await expect(run(localUp, { options: { portBase } })).rejects.toMatchObject({
      code: 'USAGE',
      exitCode: 2,
    });
  });
});

describe('beside a running stack', () => {
  test('status, exec and logs answer', async () => {
    const stack = await startStack({ folder: stateFolder(project) });
    try {
      const status = (await run(localStatus)).document();
      expect(Object.keys(status)).toEqual(['running', 'pid', 'endpoints', 'users']);
      const file = join(project, 'seen');
      const program = `require('fs').writeFileSync('${file}', process.env.HTTPS_PROXY); process.exit(5)`;
      const exec = await run(localExec, { args: [[process.execPath, '-e', program]] as never });
      expect(exec.code).toBe(5);
      expect(await readFile(file, 'utf8')).toBe(stack.access.proxyUrl);
      await stack.cloud.fetch(new Request('https://login.microsoftonline.com/somewhere?code=planted-code'));
      await expect
        .poll(async () => (await run(localLogs, { options: { tail: '5' } })).stdout)
        .toContain('/somewhere');
      expect((await run(localLogs)).stdout).not.toContain('planted-code');
    } finally {
      await stack.close();
    }
  });
});

describe('without a running stack', () => {
  test('status and down are answers, exec is not', async () => {
    expect((await run(localStatus)).document()).toEqual({ running: false });
    expect((await run(localDown)).document()).toEqual({ running: false, stopped: false });
    expect((await run(localReset)).code).toBe(0);
    expect((await run(localLogs)).document()).toEqual({ lines: [] });
    await expect(run(localExec, { args: ['true'] })).rejects.toMatchObject({ code: 'LOCAL_NOT_RUNNING' });
    await expect(run(localExec)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run(localLogs, { options: { tail: '-1' } })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
