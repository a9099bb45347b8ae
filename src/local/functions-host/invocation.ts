import type { ChildProcess } from 'node:child_process';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { SECOND } from '../../core/clock.ts';
import { HOP_BY_HOP } from '../node-http.ts';
import type { RouteMatch } from './route-table.ts';
import type { Invoke, WorkerMessage } from './worker-messages.ts';

/** Azure's front end gives up on a request after 230 s. */
const REQUEST_BUDGET_MS = 230 * SECOND;
/** What servers log when the client closed the connection; nobody receives it. */
const CLIENT_GONE = 499;
/** The host's default limit of a request body (`maxRequestBodySize`), bytes. */
const BODY_LIMIT_BYTES = 104_857_600;

export type Done = Extract<WorkerMessage, { type: 'done' }>;

/** The way to a running process. */
export interface Channel {
  readonly child: ChildProcess;
  readonly pending: Map<string, (done: Done) => void>;
  readonly httpUri: string | null;
  readonly alive: () => boolean;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
}

/** Runs one function on one request; what goes wrong becomes the status Azure would answer. */
export async function invoke(channel: Channel, match: RouteMatch, request: Request): Promise<Response> {
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
  // A connection broken by the package shows as the end of the invocation, or as the end of the process; one broken
  // by the client as neither, and nobody waits for the answer.
  const gone = (): void => {
    outgoing.destroy();
    resolve(new Response(null, { status: CLIENT_GONE }));
  };
  outgoing.on('error', () => {
    if (request.signal.aborted) gone();
  });
  outgoing.on('response', (incoming) => resolve(streamedResponse(incoming)));
  if (request.body === null) outgoing.end();
  else {
    const source = Readable.fromWeb(request.body as NodeReadableStream);
    source.on('error', gone);
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
