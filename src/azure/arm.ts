import type { Clock } from '../core/clock.ts';
import type { Exchange } from '../core/http.ts';
import { apiVersionOf } from './api-versions.ts';
import { type AuthorizedHttp, jsonObject } from './authorized-http.ts';
import { isFailure } from './failure.ts';
import { awaitOperation, type OperationWatch, operationUrlOf, pollPause } from './operation.ts';

/** An ARM resource as it was answered. */
export interface ArmBody {
  readonly id: string;
  readonly name: string;
  readonly location?: string;
  readonly kind?: string;
  readonly etag?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: {
    readonly type?: string;
    readonly principalId?: string;
    readonly userAssignedIdentities?: Readonly<Record<string, unknown>>;
  };
  readonly sku?: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface WriteOptions {
  readonly ifMatch?: string;
  readonly budgetMs?: number;
}

/** Provisioning states that change no more. */
const SETTLED: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Canceled', 'Warned', 'Created']);

/** Azure Resource Manager: any resource by id. Writes return when the resource is settled. */
export class Arm {
  readonly #http: AuthorizedHttp;
  readonly #clock: Clock;
  readonly #base: string;
  readonly #scope: string;
  readonly #watch: OperationWatch;

  constructor(http: AuthorizedHttp, clock: Clock, base: string, watch: OperationWatch) {
    this.#http = http;
    this.#clock = clock;
    this.#base = base;
    this.#scope = `${base}/.default`;
    this.#watch = watch;
  }

  async get(id: string): Promise<ArmBody | undefined> {
    const answer = await this.#send('GET', id, { accept: [404] });
    if (answer.status === 404) return undefined;
    return withEtag(body(answer, id), answer);
  }

  /** The body of a document that is not a resource: provider, tenant list, deleted vault. */
  async getDocument(path: string, apiVersion?: string): Promise<Record<string, unknown> | undefined> {
    const answer = await this.#send('GET', path, {
      accept: [404],
      ...(apiVersion === undefined ? {} : { apiVersion }),
    });
    return answer.status === 404 ? undefined : jsonObject(answer, path);
  }

  async put(id: string, content: unknown, options: WriteOptions = {}): Promise<ArmBody> {
    return this.#write('PUT', id, content, options);
  }

  async patch(id: string, content: unknown, options: WriteOptions = {}): Promise<ArmBody> {
    return this.#write('PATCH', id, content, options);
  }

  /** Deleting what is not there is fine. */
  async delete(id: string, options: WriteOptions = {}): Promise<void> {
    const answer = await this.#send('DELETE', id, { accept: [404], ...ifMatch(options) });
    await this.#follow(answer, id, options);
  }

  /** `POST {id}/{action}` and its answer, `{}` when it has no body. */
  async action(id: string, action: string, apiVersion?: string): Promise<Record<string, unknown>> {
    const path = `${id}/${action}`;
    const answer = await this.#send('POST', path, apiVersion === undefined ? {} : { apiVersion });
    const ended = await this.#follow(answer, path, {});
    const last = ended ?? answer;
    return last.text === '' ? {} : jsonObject(last, path);
  }

  /** All pages of a list. */
  async list(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly ArmBody[]> {
    const items: ArmBody[] = [];
    let next: string | undefined = this.#url(path, query);
    while (next !== undefined) {
      const answer: Exchange = await this.#http.send({
        method: 'GET',
        url: next,
        scope: this.#scope,
        accept: [404],
        signal: this.#watch.signal,
      });
      if (answer.status === 404) return items;
      const page = jsonObject(answer, path);
      if (Array.isArray(page['value'])) items.push(...(page['value'] as ArmBody[]));
      next = typeof page['nextLink'] === 'string' ? page['nextLink'] : undefined;
    }
    return items;
  }

  /** Waits for an operation that an earlier run began; how it ended shows when the resource is read. */
  async settleOperation(url: string, what: string): Promise<void> {
    try {
      await awaitOperation(url, what, this.#wait());
    } catch (error) {
      if (!isFailure(error, 0) && !isFailure(error, 404)) throw error;
    }
  }

  async #write(
    method: 'PUT' | 'PATCH',
    id: string,
    content: unknown,
    options: WriteOptions,
  ): Promise<ArmBody> {
    const answer = await this.#send(method, id, { body: content, ...ifMatch(options) });
    const ended = await this.#follow(answer, id, options);
    if (ended === undefined && answer.text !== '') {
      const made = withEtag(body(answer, id), answer);
      if (isSettled(made)) return made;
    }
    return this.#settled(id, options);
  }

  async #follow(answer: Exchange, id: string, options: WriteOptions): Promise<Exchange | undefined> {
    const url = operationUrlOf(answer.headers, answer.status);
    if (url === undefined) return undefined;
    await this.#watch.operation(url);
    return awaitOperation(url, id, {
      ...this.#wait(),
      ...(options.budgetMs === undefined ? {} : { budgetMs: options.budgetMs }),
    });
  }

  /** The resource, as soon as its provisioningState is final. A missing state means Succeeded. */
  async #settled(id: string, options: WriteOptions): Promise<ArmBody> {
    const pause = pollPause({ ...this.#wait(), ...options }, id);
    for (;;) {
      const have = await this.get(id);
      if (have !== undefined && isSettled(have)) return have;
      this.#watch.waiting(String(have?.properties['provisioningState'] ?? 'Creating'));
      await pause();
    }
  }

  #wait() {
    return { http: this.#http, clock: this.#clock, scope: this.#scope, watch: this.#watch };
  }

  #send(
    method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
    id: string,
    more: {
      accept?: readonly number[];
      body?: unknown;
      headers?: Record<string, string>;
      apiVersion?: string;
    },
  ): Promise<Exchange> {
    // What is sent must be answered, so that nobody wonders whether it happened: only the polls stop at once.
    this.#watch.signal.throwIfAborted();
    const { apiVersion, ...rest } = more;
    const url = this.#url(id, apiVersion === undefined ? {} : { 'api-version': apiVersion });
    return this.#http.send({ method, url, scope: this.#scope, ...rest });
  }

  #url(path: string, query: Readonly<Record<string, string>> = {}): string {
    const url = new URL(`${this.#base}${path}`);
    url.searchParams.set('api-version', apiVersionOf(path));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }
}

function ifMatch(options: WriteOptions): { headers?: Record<string, string> } {
  return options.ifMatch === undefined ? {} : { headers: { 'if-match': options.ifMatch } };
}

function isSettled(have: ArmBody): boolean {
  const state = have.properties['provisioningState'];
  return typeof state !== 'string' || SETTLED.has(state);
}

function body(answer: Exchange, id: string): ArmBody {
  const value = jsonObject(answer, id);
  return { properties: {}, id, name: id.split('/').at(-1) ?? id, ...value } as ArmBody;
}

function withEtag(have: ArmBody, answer: Exchange): ArmBody {
  const etag = answer.headers.get('etag');
  return etag === null ? have : { ...have, etag };
}
