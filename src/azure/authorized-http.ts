import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { type Exchange, exchange } from '../core/http.ts';
import type { Credential, FetchLike } from '../core/target.ts';
import { refusal } from './failure.ts';

const REFRESH_BEFORE_EXPIRY_MS = 5 * MINUTE;
const RETRY_BUDGET_MS = 2 * MINUTE;
const FIRST_RETRY_MS = SECOND;
const LONGEST_RETRY_MS = 30 * SECOND;
const TRANSIENT: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export interface AuthorizedRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  readonly url: string;
  /** OAuth scope of the token that is sent; none is sent when absent. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is when bytes. */
  readonly body?: unknown;
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  /** Statuses that are answers, beside 2xx. */
  readonly accept?: readonly number[];
}

/**
 * JSON over HTTP to an Azure service, with the target's credential and transport. Throttling and outages are waited
 * out within two minutes; the service's `Retry-After` is honoured.
 */
export class AuthorizedHttp {
  readonly #fetch: FetchLike;
  readonly #credential: Credential;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, { readonly token: string; readonly expiresAt: number }>();

  constructor(fetch: FetchLike, credential: Credential, clock: Clock) {
    this.#fetch = fetch;
    this.#credential = credential;
    this.#clock = clock;
  }

  /** @throws SmartfhirError `AUTH_FAILED`, `FORBIDDEN` or `AZURE_REFUSED` with an AzureFailure as cause; `UNREACHABLE`, `TIMEOUT` */
  async send(request: AuthorizedRequest): Promise<Exchange> {
    let wait = FIRST_RETRY_MS;
    let waited = 0;
    for (;;) {
      request.signal?.throwIfAborted();
      const answer = await this.#once(request);
      if (!TRANSIENT.has(answer.status)) return this.#accepted(request, answer);
      const asked = retryAfterMs(answer.headers) ?? wait;
      if (waited + asked > RETRY_BUDGET_MS) return this.#accepted(request, answer);
      await this.#clock.sleep(asked, request.signal);
      waited += asked;
      wait = Math.min(wait * 2, LONGEST_RETRY_MS);
    }
  }

  async token(scope: string): Promise<string> {
    const known = this.#tokens.get(scope);
    if (known !== undefined && known.expiresAt - this.#clock.now() > REFRESH_BEFORE_EXPIRY_MS)
      return known.token;
    const got = await this.#credential.getToken(scope);
    if (got === null) throw new SmartfhirError('AUTH_FAILED', `no token for ${scope}`);
    this.#tokens.set(scope, { token: got.token, expiresAt: got.expiresOnTimestamp });
    return got.token;
  }

  /** Forgets all tokens: what a new role or grant permits shows only in a new one. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  async #once(request: AuthorizedRequest): Promise<Exchange> {
    const headers = new Headers(request.headers);
    headers.set('authorization', `Bearer ${await this.token(request.scope)}`);
    const body = encode(request.body, headers);
    const made = new Request(request.url, {
      method: request.method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    return exchange(this.#fetch, made, request.budgetMs === undefined ? {} : { budgetMs: request.budgetMs });
  }

  #accepted(request: AuthorizedRequest, answer: Exchange): Exchange {
    const fine =
      (answer.status >= 200 && answer.status < 300) || request.accept?.includes(answer.status) === true;
    if (fine) return answer;
    const { pathname, host } = new URL(request.url);
    throw refusal(`${request.method} ${host}${pathname}`, answer.status, answer.text);
  }
}

function encode(body: unknown, headers: Headers): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** `Retry-After` in milliseconds: delta seconds only, as Azure sends it. */
export function retryAfterMs(headers: { get(name: string): string | null | undefined }): number | undefined {
  const text = headers.get('retry-after');
  return text !== null && text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * SECOND : undefined;
}

/** The JSON object in an answer. @throws SmartfhirError `RESPONSE_INVALID` */
export function jsonObject(answer: Exchange, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(answer.text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal below.
  }
  throw new SmartfhirError('RESPONSE_INVALID', `${where} answered no JSON object`);
}
