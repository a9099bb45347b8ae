import type { Clock } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { type Exchange, type ExchangeLimits, exchange, withoutQuery } from '../core/http.ts';
import type { Redactor } from '../core/redact.ts';
import type { RecordedExchange } from '../core/result.ts';
import { recordableBody } from './recordable-body.ts';

/** A request as plain data, so that its body can be recorded. */
export interface HttpRequest {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer extends Exchange {
  /** Names the recorded exchange: `source#n`. */
  readonly at: string;
  /** Where the request went. */
  readonly url: string;
}

/** Sends requests, each recorded under one source. Never follows redirects. */
export interface Wire {
  readonly redactor: Redactor;
  send(request: HttpRequest, limits?: ExchangeLimits): Promise<Answer>;
}

/** A FetchLike that may also look at the source a request is recorded under. */
export type SourcedFetch = (request: Request, source: string) => Promise<Response>;

export interface RecorderOptions {
  readonly fetch: SourcedFetch;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly limits?: ExchangeLimits;
  /** Requests on their way at the same time. */
  readonly concurrency: number;
}

/** Every exchange of one run, redacted at the moment of capture; what is secret never leaves this class. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #bySource = new Map<string, Omit<RecordedExchange, 'n'>[]>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#free = options.concurrency;
  }

  wire(source: string): Wire {
    const list = this.#bySource.get(source) ?? [];
    this.#bySource.set(source, list);
    return {
      redactor: this.#options.redactor,
      send: async (request, limits) => await this.#send(source, list, request, limits ?? {}),
    };
  }

  /** All exchanges numbered from 1, sources in the given order; `numbers` leads from a reference to its number. */
  exchanges(order: readonly string[]): { list: RecordedExchange[]; numbers: ReadonlyMap<string, number> } {
    const list: RecordedExchange[] = [];
    const numbers = new Map<string, number>();
    const sources = new Set([...order, ...this.#bySource.keys()]);
    for (const source of sources) {
      for (const [index, item] of (this.#bySource.get(source) ?? []).entries()) {
        list.push({ n: list.length + 1, ...item });
        numbers.set(reference(source, index), list.length);
      }
    }
    return { list, numbers };
  }

  async #send(
    source: string,
    list: Omit<RecordedExchange, 'n'>[],
    request: HttpRequest,
    limits: ExchangeLimits,
  ): Promise<Answer> {
    await this.#enter();
    try {
      return await this.#record(source, list, request, { ...this.#options.limits, ...limits });
    } finally {
      this.#leave();
    }
  }

  async #record(
    source: string,
    list: Omit<RecordedExchange, 'n'>[],
    request: HttpRequest,
    limits: ExchangeLimits,
  ): Promise<Answer> {
    const { clock, redactor } = this.#options;
    const started = clock.now();
    const index = list.length;
    const sent = {
      method: request.method ?? 'GET',
      url: redactor.url(request.url),
      headers: redactor.headers(toRequest(request).headers),
      body: request.body === undefined ? null : recordedRequestBody(redactor, request),
    };
    const finish = (rest: Pick<RecordedExchange, 'response' | 'error'>): void => {
      list[index] = {
        at: new Date(started).toISOString(),
        ms: clock.now() - started,
        request: sent,
        ...rest,
      };
    };
    finish({ response: null, error: 'not finished' });
    try {
      const answer = await exchange((sent) => this.#options.fetch(sent, source), toRequest(request), limits);
      const { status, headers } = answer;
      const body =
        answer.text === '' ? null : recordableBody(redactor, headers.get('content-type') ?? '', answer.text);
      finish({ response: { status, headers: redactor.headers(headers), body }, error: null });
      return { ...answer, at: reference(source, index), url: request.url };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      finish({ response: null, error: redactor.text(text) });
      throw error;
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

export function formRequest(
  url: string,
  form: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  headers: Readonly<Record<string, string>> = {},
): HttpRequest {
  const pairs = Array.isArray(form) ? form : Object.entries(form);
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
    body: new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString(),
  };
}

function toRequest(request: HttpRequest): Request {
  try {
    return new Request(request.url, {
      method: request.method ?? 'GET',
      headers: { ...request.headers },
      body: request.body ?? null,
      redirect: 'manual',
    });
  } catch (error) {
    throw new SmartfhirError(
      'RESPONSE_INVALID',
      `"${withoutQuery(request.url).slice(0, 200)}" cannot be requested`,
      {
        why: 'its URL or a header that the server had a say in is not valid HTTP',
        cause: error,
      },
    );
  }
}

function recordedRequestBody(redactor: Redactor, request: HttpRequest): string {
  const type = request.headers?.['content-type'] ?? '';
  const body = request.body ?? '';
  return type.includes('x-www-form-urlencoded') ? redactor.form(body) : recordableBody(redactor, type, body);
}

function reference(source: string, index: number): string {
  return `${source}#${index}`;
}
