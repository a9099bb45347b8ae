import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/assets.ts';

const BIN = join(packageRoot(), 'bin', 'smartfhir.js');
/** Another seed, another sample: SMARTFHIR_KILL_SEED. */
const SEED = Number(process.env['SMARTFHIR_KILL_SEED'] ?? 20_261_124);
const KILLS = 10;
/** As a part of an undisturbed run's journal: later, the run may be over before the kill arrives. */
const LATEST = 0.9;
/** How often the journal is looked at, milliseconds. */
const LOOK_MS = 2;

let project: string;

interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Run> } {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: project },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Run>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs to its end and expects exit code 0. */
async function done(...args: string[]): Promise<Run> {
  const run = await start(...args).ended;
  expect([args.join(' '), run.code, run.code === 0 ? '' : run.stderr]).toEqual([args.join(' '), 0, '']);
  return run;
}

/** Lines of the newest journal that appeared after `before`; 0 while there is none. */
async function journalLines(before: ReadonlySet<string>): Promise<number> {
  const folder = join(project, '.smartfhir', 'journal', 'local');
  const names = await readdir(folder).catch(() => [] as string[]);
  const name = names.find((one) => !before.has(one));
  if (name === undefined) return 0;
  return (await readFile(join(folder, name), 'utf8')).split('\n').length - 1;
}

/** Kills the command the moment its journal has `position` lines. @returns the lines it had when it was dead */
async function killAt(position: number, ...args: string[]): Promise<number> {
  const folder = join(project, '.smartfhir', 'journal', 'local');
  const before = new Set(await readdir(folder).catch(() => [] as string[]));
  const { child, ended } = start(...args);
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && (await journalLines(before)) < position) await delay(LOOK_MS);
  child.kill('SIGKILL');
  const run = await ended;
  expect([args.join(' '), run.signal, run.stderr.slice(-300)]).toEqual([
    args.join(' '),
    'SIGKILL',
    expect.any(String),
  ]);
  return journalLines(before);
}

/** Numbers in [0, 1) that a seed decides (mulberry32). */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-kill-'));
  await done('init', '--local', '--no-input');
  await done('local', 'up');
});

afterAll(async () => {
  await start('local', 'reset').ended;
  await rm(project, { recursive: true, force: true });
});

const APPLY = ['apply', '--local', '--yes'];
const DESTROY = ['destroy', '--local', '--confirm', 'local'];

test('apply and destroy killed by SIGKILL anywhere are completed by the next run', async () => {
  // How long the journals of undisturbed runs are.
  await done(...APPLY);
  const applied = await journalLines(new Set());
  const known = new Set(await readdir(join(project, '.smartfhir', 'journal', 'local')));
  await done(...DESTROY);
  const destroyed = await journalLines(known);
  expect(Math.min(applied, destroyed)).toBeGreaterThan(50);

  const numbers = random(SEED);
  for (let round = 1; round <= KILLS; round++) {
    const [first, second] = [numbers.next().value, numbers.next().value];
    const died = await killAt(1 + Math.floor(first * LATEST * applied), ...APPLY);
    await done(...APPLY);
    await done('plan', '--local', '--detailed-exitcode');
    const fell = await killAt(1 + Math.floor(second * LATEST * destroyed), ...DESTROY);
    await done(...DESTROY);
    const again = await done(...DESTROY, '-o', 'json');
    expect(JSON.parse(again.stdout)).toMatchObject({ changes: [] });
    console.log(
      `round ${round}: apply died after ${died} of ${applied} lines, destroy after ${fell} of ${destroyed}`,
    );
  }
});
