import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { FetchLike } from '../core/target.ts';

/** Headers that belong to one connection (RFC 9110 section 7.6.1) and are never passed on. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Answers one Node request through a fetch-shaped handler. `origin` is what the URL starts with. */
export async function serveNode(
  fetch: FetchLike,
  origin: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) gone.abort(new Error('the client closed the connection'));
  });
  const request = asRequest(incoming, origin, gone.signal);
  const response =
    request === undefined ? new Response('Bad Request', { status: 400 }) : await answer(fetch, request);
  await send(response, incoming.method === 'HEAD', outgoing);
}

async function answer(fetch: FetchLike, request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    // The reason is in the log; the client learns what a broken upstream tells.
    return new Response('Bad Gateway', { status: 502 });
  }
}

/** Undefined for what is no request to a resource: `OPTIONS *`, a target that is no URL, TRACE. */
function asRequest(incoming: IncomingMessage, origin: string, signal: AbortSignal): Request | undefined {
  try {
    return toRequest(incoming, origin, signal);
  } catch {
    return undefined;
  }
}

function toRequest(incoming: IncomingMessage, origin: string, signal: AbortSignal): Request {
  const method = incoming.method ?? 'GET';
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index]?.toLowerCase() ?? '';
    if (!HOP_BY_HOP.has(name)) headers.append(name, incoming.rawHeaders[index + 1] ?? '');
  }
  const bodyless = method === 'GET' || method === 'HEAD';
  return new Request(absoluteUrl(incoming.url ?? '/', origin), {
    method,
    headers,
    signal,
    ...(bodyless ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const }),
  });
}

/** Only the path of a request target counts; `//host/x` must not turn into another host. */
function absoluteUrl(target: string, origin: string): string {
  const path = target.startsWith('/') ? target : new URL(target).href.slice(new URL(target).origin.length);
  return `${origin}${path}`;
}

async function send(response: Response, head: boolean, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie' && !HOP_BY_HOP.has(name)) outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  if (response.body === null || head) {
    await response.body?.cancel().catch(() => undefined);
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(response.body as NodeReadableStream), outgoing);
  } catch {
    outgoing.destroy();
  }
}
