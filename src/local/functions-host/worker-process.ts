import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../core/assets.ts';
import { SECOND } from '../../core/clock.ts';
import { type Done, invoke } from './invocation.ts';
import type { RouteMatch } from './route-table.ts';
import { type RegisteredFunction, type WorkerMessage, workerMessage } from './worker-messages.ts';

/** How long a package may take from spawn to registered functions. */
const START_BUDGET_MS = 30 * SECOND;
const STOP_BUDGET_MS = 2 * SECOND;
/** A line of the child's output that goes to the log at most, characters. */
const LINE_LIMIT = 2000;

export interface WorkerOptions {
  /** Entry file of the unpacked package. */
  readonly entry: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
}

/** A running Function package. */
export interface Worker {
  readonly functions: readonly RegisteredFunction[];
  readonly pid: number | undefined;
  alive(): boolean;
  invoke(match: RouteMatch, request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * Starts the package in a child process.
 *
 * @throws Error when it does not register within its budget, fails to load or ends
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const child = spawn(process.execPath, ['--enable-source-maps', workerPath(), options.entry], {
    cwd: options.folder,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  forwardLines(child.stdout, (line) => options.log('info', line));
  forwardLines(child.stderr, (line) => options.log('warn', line));
  const pending = new Map<string, (done: Done) => void>();
  listen(child, pending, options.log);
  const ready = await loaded(child);
  child.on('exit', (code, signal) => {
    options.log('error', `the Function process ended (${signal ?? `exit code ${code}`})`);
    for (const [invocationId, settle] of pending) {
      settle({ type: 'done', invocationId, error: 'the Function process ended', response: null });
    }
  });
  const alive = (): boolean => child.exitCode === null && child.signalCode === null && child.connected;
  return {
    functions: ready.functions,
    pid: child.pid,
    alive,
    invoke: (match, request) =>
      invoke({ child, pending, httpUri: ready.httpUri, alive, log: options.log }, match, request),
    stop: () => stop(child),
  };
}

/** Beside this file in the source tree, a file of its own in the built package. */
function workerPath(): string {
  const source = fileURLToPath(new URL('./worker.ts', import.meta.url));
  return existsSync(source) ? source : join(packageRoot(), 'dist', 'functions-worker.js');
}

function listen(
  child: ChildProcess,
  pending: Map<string, (done: Done) => void>,
  log: WorkerOptions['log'],
): void {
  child.on('message', (raw) => {
    const parsed = workerMessage.safeParse(raw);
    if (!parsed.success) return log('warn', 'the Function process sent a message that is not understood');
    const message = parsed.data;
    if (message.type === 'log') log(levelOf(message.level), message.message);
    if (message.type === 'done') pending.get(message.invocationId)?.(message);
  });
}

function levelOf(level: string): 'info' | 'warn' | 'error' {
  if (level === 'error' || level === 'critical') return 'error';
  return level === 'warning' ? 'warn' : 'info';
}

function loaded(child: ChildProcess): Promise<Extract<WorkerMessage, { type: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const fail = (text: string): void => {
      finish();
      child.kill('SIGKILL');
      reject(new Error(text));
    };
    const timer = setTimeout(
      () => fail(`the package did not start within ${START_BUDGET_MS / SECOND} s`),
      START_BUDGET_MS,
    );
    const onExit = (code: number | null): void =>
      fail(`the package ended while starting (exit code ${code})`);
    const onError = (error: Error): void => fail(error.message);
    const onMessage = (raw: unknown): void => {
      const message = workerMessage.safeParse(raw);
      if (message.data?.type === 'failed') fail(message.data.message);
      if (message.data?.type !== 'ready') return;
      finish();
      resolve(message.data);
    };
    const finish = (): void => {
      clearTimeout(timer);
      child.off('exit', onExit).off('error', onError).off('message', onMessage);
      child.on('error', () => undefined);
    };
    child.on('exit', onExit).on('error', onError).on('message', onMessage);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // An ordered end is no news for the log.
  child.removeAllListeners('exit');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_BUDGET_MS);
  await exited;
  clearTimeout(timer);
}

function forwardLines(stream: Readable | null, log: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = (lines.pop() ?? '').slice(-LINE_LIMIT);
    for (const line of lines) if (line.trim() !== '') log(line.slice(0, LINE_LIMIT));
  });
}
