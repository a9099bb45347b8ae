import { messageOf, SmartfhirError } from './errors.ts';
import type { FetchLike } from './target.ts';

/** Default bounds of one exchange with a host that may be hostile. */
const DEFAULT_BUDGET_MS = 30_000;
export const DEFAULT_BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** Characters of a URL that a message quotes. */
const SHOWN_CHARACTERS = 200;

export interface ExchangeLimits {
  /** Milliseconds for the whole exchange, last byte included. */
  readonly budgetMs?: number;
  /** Bytes of body that are read at most; more is an error. */
  readonly bodyLimitBytes?: number;
  readonly signal?: AbortSignal;
}

export interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly text: string;
}

/**
 * One request, answered whole within its limits.
 *
 * @throws SmartfhirError `UNREACHABLE` when no answer came, `TIMEOUT` when the budget was spent,
 *   `RESPONSE_INVALID` when the body exceeds the limit or the URL is not http(s)
 */
export async function exchange(
  fetch: FetchLike,
  request: Request,
  limits: ExchangeLimits = {},
): Promise<Exchange> {
  const budgetMs = limits.budgetMs ?? DEFAULT_BUDGET_MS;
  const timeout = AbortSignal.timeout(budgetMs);
  const signal = AbortSignal.any([timeout, request.signal, ...(limits.signal ? [limits.signal] : [])]);
  const where = `${request.method} ${withoutQuery(request.url)}`;
  if (!/^https?:/.test(request.url)) {
    throw new SmartfhirError(
      'RESPONSE_INVALID',
      `${where.slice(0, SHOWN_CHARACTERS)} is no http(s) request`,
      {
        why: 'the server named a URL that a client must not open',
      },
    );
  }
  try {
    const response = await unlessAborted(fetch(new Request(request, { signal })), signal);
    const body = await readLimited(
      response,
      limits.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
      where,
      signal,
    );
    return { status: response.status, headers: response.headers, body, text: new TextDecoder().decode(body) };
  } catch (error) {
    if (error instanceof SmartfhirError) throw error;
    limits.signal?.throwIfAborted();
    if (timeout.aborted) {
      throw new SmartfhirError('TIMEOUT', `${where} did not answer within ${budgetMs / 1000} s`, {
        cause: error,
      });
    }
    throw new SmartfhirError('UNREACHABLE', `${where}: ${reasonOf(error)}`, { cause: error });
  }
}

/** What comes first: the answer or the abort. A fetch that does not look at its signal must not hold up the run. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The deepest reason of a fetch failure: Node hides "ECONNREFUSED" below "fetch failed". */
export function reasonOf(error: unknown): string {
  let current: unknown = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (current instanceof AggregateError && current.errors.length > 0) return messageOf(current.errors[0]);
  const code = current instanceof Error && 'code' in current ? String(current.code ?? '') : '';
  // OpenSSL: `40FD…:error:0A00010B:SSL routines:…:wrong version number:../deps/…c:77:`; the code says it.
  const message = messageOf(current).replace(/^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]*):.*$/s, '$1');
  return code !== '' && !message.includes(code) ? `${code}: ${message}` : message;
}

/** A URL fit for messages: query and fragment may hold codes and tokens. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

async function readLimited(
  response: Response,
  limit: number,
  where: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  const stop = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      size += value.byteLength;
      if (size > limit) {
        await reader.cancel();
        throw new SmartfhirError('RESPONSE_INVALID', `${where} answered more than ${limit} bytes`);
      }
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}
