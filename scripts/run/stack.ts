import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;
const BIN = join(ROOT, 'bin', 'smartfhir.js');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly cwd: string;
  /** Show what it prints as it comes. */
  readonly show?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Aborted: the child is told to end (SIGTERM), and is waited for. */
  readonly signal?: AbortSignal;
}

/** Runs the real command line as a child process. */
export function smartfhir(args: readonly string[], options: RunOptions): Promise<Finished> {
  return finished(process.execPath, [BIN, ...args], options);
}

export async function finished(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Finished> {
  const started = performance.now();
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (options.show === true) process.stdout.write(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (options.show === true) process.stderr.write(chunk);
  });
  const end = (): boolean => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', end);
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  }).finally(() => options.signal?.removeEventListener('abort', end));
  return { code, stdout, stderr, ms: performance.now() - started };
}

/** A command that must succeed; otherwise the script ends with what it said. */
export async function must(args: readonly string[], options: RunOptions): Promise<Finished> {
  const result = await smartfhir(args, options);
  if (result.code !== 0) {
    const said = options.show === true ? '' : `\n${result.stdout}${result.stderr}`;
    throw new Error(`smartfhir ${args.join(' ')} ended with ${result.code}${said}`);
  }
  return result;
}

/** An empty folder for a laptop stack of its own; the stack is stopped and the folder removed afterwards. */
export async function withStackFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-'));
  try {
    return await work(folder);
  } finally {
    await smartfhir(['local', 'down'], { cwd: folder });
    await rm(folder, { recursive: true, force: true });
  }
}
