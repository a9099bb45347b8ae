import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../core/assets.ts';
import { SECOND } from '../../core/clock.ts';
import { HOP_BY_HOP } from '../node-http.ts';
import type { RouteMatch } from './route-table.ts';
import {
  type Invoke,
  type RegisteredFunction,
  type WorkerMessage,
  workerMessage,
} from './worker-messages.ts';

/** How long a package may take from spawn to registered functions. */
const START_BUDGET_MS = 30 * SECOND;
/** Azure's front end gives up on a request after 230 s. */
const REQUEST_BUDGET_MS = 230 * SECOND;
/** The host's default limit of a request body (`maxRequestBodySize`), bytes. */
const BODY_LIMIT_BYTES = 104_857_600;
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

type Done = Extract<WorkerMessage, { type: 'done' }>;

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

interface Channel {
  readonly child: ChildProcess;
  readonly pending: Map<string, (done: Done) => void>;
  readonly httpUri: string | null;
  readonly alive: () => boolean;
  readonly log: WorkerOptions['log'];
}

async function invoke(channel: Channel, match: RouteMatch, request: Request): Promise<Response> {
  const invocationId = crypto.randomUUID();
  const body = channel.httpUri === null ? await readBody(request) : null;
  if (body === 'too large') return new Response(null, { status: 413 });
  const ended = new Promise<Done>((resolve) => channel.pending.set(invocationId, resolve));
  channel.child.send(invocation(invocationId, match, request, body), (error) => {
    if (error !== null) channel.pending.get(invocationId)?.(lost(invocationId));
  });
  const timeout = AbortSignal.timeout(REQUEST_BUDGET_MS);
  const answer =
    channel.httpUri === null ? never() : streamed(channel.httpUri, invocationId, request, timeout);
  try {
    const first = await Promise.race([answer, ended, aborted(timeout)]);
    if (first instanceof Response) return first;
    if (first === 'timeout') return new Response(null, { status: 504 });
    if (first.error === null) return first.response === null ? await answer : plain(first.response);
    channel.log('error', `${match.function.name} failed: ${first.error}`);
    return channel.alive() ? new Response(null, { status: 500 }) : new Response(null, { status: 502 });
  } finally {
    channel.pending.delete(invocationId);
  }
}

function lost(invocationId: string): Done {
  return { type: 'done', invocationId, error: 'the Function process is gone', response: null };
}

function never(): Promise<Response> {
  return new Promise(() => undefined);
}

function aborted(signal: AbortSignal): Promise<'timeout'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('timeout'), { once: true });
  });
}

function invocation(
  invocationId: string,
  match: RouteMatch,
  request: Request,
  body: Uint8Array | null,
): Invoke {
  return {
    type: 'invoke',
    invocationId,
    functionName: match.function.name,
    method: request.method,
    url: request.url,
    headers: seenHeaders(request),
    query: Object.fromEntries(new URL(request.url).searchParams),
    params: match.params,
    body,
  };
}

/** Azure's front end overwrites the scheme and adds the host the client asked for. */
function seenHeaders(request: Request): Record<string, string> {
  const url = new URL(request.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) if (!HOP_BY_HOP.has(name)) headers[name] = value;
  return { ...headers, host: url.host, 'x-forwarded-proto': url.protocol.slice(0, -1) };
}

async function readBody(request: Request): Promise<Uint8Array | 'too large'> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT_BYTES) return 'too large';
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function plain(response: NonNullable<Done['response']>): Response {
  const headers = new Headers();
  for (const [name, value] of response.headers) headers.append(name, value);
  const bodyless = response.status === 204 || response.status === 205 || response.status === 304;
  return new Response(bodyless ? null : new Uint8Array(response.body), { status: response.status, headers });
}

/** The request itself, streamed to the package's own loopback server, the answer streamed back. */
function streamed(
  httpUri: string,
  invocationId: string,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(request.url);
  const { promise, resolve } = Promise.withResolvers<Response>();
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port: Number(new URL(httpUri).port),
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: {
      ...seenHeaders(request),
      'x-forwarded-host': url.host,
      'x-ms-invocation-id': invocationId,
    },
    agent: false,
    signal: AbortSignal.any([signal, request.signal]),
  });
  // A broken connection shows as the end of the invocation, or as the end of the process.
  outgoing.on('error', () => undefined);
  outgoing.on('response', (incoming) => resolve(streamedResponse(incoming)));
  if (request.body === null) outgoing.end();
  else {
    const source = Readable.fromWeb(request.body as NodeReadableStream);
    source.on('error', () => outgoing.destroy());
    source.pipe(outgoing);
  }
  return promise;
}

function streamedResponse(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index]?.toLowerCase() ?? '';
    if (!HOP_BY_HOP.has(name) && name !== 'x-ms-invocation-id')
      headers.append(name, incoming.rawHeaders[index + 1] ?? '');
  }
  const status = incoming.statusCode ?? 502;
  const bodyless = status === 204 || status === 205 || status === 304;
  if (bodyless) incoming.resume();
  return new Response(bodyless ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
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
