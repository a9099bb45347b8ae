import { Client, type Context, type Middleware } from '@microsoft/microsoft-graph-client';
import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import { exchange } from '../core/http.ts';
import type { FetchLike } from '../core/target.ts';
import { type AuthorizedHttp, retryAfterMs } from './authorized-http.ts';
import { fromSdk, isFailure } from './failure.ts';

/** The directory has no replication promise; five minutes and more were seen in 2026. */
const REPLICATION_BUDGET_MS = 10 * MINUTE;
const THROTTLING_BUDGET_MS = 2 * MINUTE;
const FIRST_WAIT_MS = SECOND;
const LONGEST_WAIT_MS = 30 * SECOND;
const REPLICATION_TEXTS =
  /does not exist or one of its queried reference-property objects are not present|does not reference a valid application object|backing application/i;

export interface GraphOptions {
  readonly fetch: FetchLike;
  readonly http: AuthorizedHttp;
  readonly clock: Clock;
  /** `https://graph.microsoft.com` */
  readonly base: string;
  readonly signal: AbortSignal;
  /** Told when a change is waited for. */
  readonly waiting: (text: string) => void;
  /** Shared by all ports of a run: what one creates, another may not see yet. */
  readonly memory: GraphMemory;
}

/** Whether anything was created through Graph in this run. */
export interface GraphMemory {
  created: boolean;
}

export type GraphObject = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Microsoft Graph through Microsoft's client, with our token, transport and retries. Throttling is waited out; so is
 * replication, but only after something was created here: before that, "not found" means what it says.
 */
export class Graph {
  readonly #client: Client;
  readonly #options: GraphOptions;

  constructor(options: GraphOptions) {
    this.#options = options;
    const retries = new RetryMiddleware(options);
    retries.setNext(new TransportMiddleware(options));
    this.#client = Client.initWithMiddleware({
      baseUrl: `${options.base}/`,
      customHosts: new Set([new URL(options.base).hostname]),
      middleware: retries,
    });
  }

  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<GraphObject | undefined> {
    return this.#call(`GET ${path}`, async () => {
      try {
        return (await this.#client
          .api(path)
          .query({ ...query })
          .get()) as GraphObject;
      } catch (error) {
        const told = fromSdk(`GET ${path}`, error);
        if (isFailure(told, 404)) return undefined;
        throw told;
      }
    });
  }

  /** All pages of a collection; none when what it belongs to is not there, or not seen yet. */
  async list(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly GraphObject[]> {
    const items: GraphObject[] = [];
    let page = (await this.get(path, query)) as Page | undefined;
    while (page !== undefined) {
      items.push(...page.value);
      const next = page['@odata.nextLink'];
      page = next === undefined ? undefined : ((await this.get(next)) as Page | undefined);
    }
    return items;
  }

  post(path: string, body: unknown): Promise<GraphObject> {
    return this.#call(`POST ${path}`, async () => (await this.#client.api(path).post(body)) as GraphObject);
  }

  /** Adds a reference to an object, named by its URL, to a collection. */
  async add(path: string, objectUrl: string): Promise<void> {
    await this.#call(`POST ${path}/$ref`, () =>
      this.#client.api(`${path}/$ref`).post({ '@odata.id': objectUrl }),
    );
  }

  async patch(path: string, body: unknown): Promise<void> {
    await this.#call(`PATCH ${path}`, () => this.#client.api(path).patch(body));
  }

  /** Creates or changes the object that an alternate key names; the object is answered when it was created. */
  async upsert(path: string, body: unknown): Promise<GraphObject | undefined> {
    return this.#call(`PATCH ${path}`, async () => {
      const answer: unknown = await this.#client.api(path).header('Prefer', 'create-if-missing').patch(body);
      return typeof answer === 'object' && answer !== null && 'id' in answer
        ? (answer as GraphObject)
        : undefined;
    });
  }

  /** Repeats a read until a fresh object shows up. @throws what `get` throws; Error when it never does */
  async getFresh(path: string): Promise<GraphObject> {
    const { clock, signal, waiting } = this.#options;
    for (let wait = FIRST_WAIT_MS, waited = 0; ; waited += wait, wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const found = await this.get(path);
      if (found !== undefined) return found;
      if (waited > REPLICATION_BUDGET_MS) throw new Error(`${path} was created and never appeared`);
      waiting('until the directory has replicated');
      await clock.sleep(wait, signal);
    }
  }

  /** Deleting what is not there is fine. */
  async delete(path: string): Promise<void> {
    try {
      await this.#call(`DELETE ${path}`, () => this.#client.api(path).delete());
    } catch (error) {
      if (!isFailure(error, 404)) throw error;
    }
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.#options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw fromSdk(what, error);
    }
  }
}

interface Page extends GraphObject {
  readonly value: GraphObject[];
  readonly '@odata.nextLink'?: string;
}

/** The last link of the chain: token and transport. */
class TransportMiddleware implements Middleware {
  readonly #options: GraphOptions;

  constructor(options: GraphOptions) {
    this.#options = options;
  }

  async execute(context: Context): Promise<void> {
    const { base, fetch, http } = this.#options;
    const url = typeof context.request === 'string' ? context.request : context.request.url;
    if (new URL(url).origin !== new URL(base).origin) throw new Error('Graph led to another host');
    const headers = new Headers(context.options?.headers as Record<string, string> | undefined);
    headers.set('authorization', `Bearer ${await http.token(`${base}/.default`)}`);
    const { method = 'GET', body } = context.options ?? {};
    const request = new Request(url, {
      method,
      headers,
      redirect: 'manual',
      ...(typeof body === 'string' ? { body } : {}),
    });
    const answer = await exchange(fetch, request);
    const empty = answer.status === 204 || answer.body.byteLength === 0;
    context.response = new Response(empty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers,
    });
  }
}

class RetryMiddleware implements Middleware {
  readonly #options: GraphOptions;
  #next: Middleware | undefined;

  constructor(options: GraphOptions) {
    this.#options = options;
  }

  setNext(next: Middleware): void {
    this.#next = next;
  }

  async execute(context: Context): Promise<void> {
    let wait = FIRST_WAIT_MS;
    let waited = 0;
    for (;;) {
      await this.#next?.execute(context);
      const { response } = context;
      if (response === undefined) return;
      const method = context.options?.method ?? 'GET';
      if (response.ok) {
        if (method === 'POST' || response.status === 201) this.#options.memory.created = true;
        return;
      }
      const reason = await this.#reasonToRetry(method, response);
      const asked = retryAfterMs(response.headers) ?? wait;
      const budget = reason === 'throttled' ? THROTTLING_BUDGET_MS : REPLICATION_BUDGET_MS;
      if (reason === undefined || waited + asked > budget) return;
      this.#options.waiting(reason === 'throttled' ? 'Graph is busy' : 'until the directory has replicated');
      await this.#options.clock.sleep(asked, this.#options.signal);
      waited += asked;
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  async #reasonToRetry(method: string, response: Response): Promise<'throttled' | 'replication' | undefined> {
    const { status } = response;
    if ([429, 500, 502, 503, 504].includes(status)) return 'throttled';
    if (!this.#options.memory.created || method === 'GET' || method === 'DELETE') return undefined;
    if (![400, 403, 404, 409, 412].includes(status)) return undefined;
    const text = await response.clone().text();
    if (/Directory_ConcurrencyViolation/.test(text) || status === 412) return 'replication';
    return status === 404 || (status !== 409 && REPLICATION_TEXTS.test(text)) ? 'replication' : undefined;
  }
}
