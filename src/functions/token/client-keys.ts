import type { JSONWebKeySet } from 'jose';
import { type Clock, HOUR, MINUTE } from '../../core/clock.ts';
import { exchange } from '../../core/http.ts';
import type { FetchLike } from '../../core/target.ts';
import { AssertionError } from '../../smart/assertion.ts';
import type { ClientRegistration } from '../../smart/registration.ts';

/** SMART 2.2.0 client-confidential-asymmetric: guards against a slow or endless JWKS. */
const FETCH_BUDGET_MS = 5_000;
const DOCUMENT_LIMIT_BYTES = 64 * 1024;
const FORCED_REFRESH_INTERVAL_MS = MINUTE;
const LONGEST_KEPT_MS = HOUR;

/** The public keys of a private_key_jwt client; `refresh` asks the URL again, at most once a minute. */
export type ClientKeys = (client: ClientRegistration, refresh: boolean) => Promise<JSONWebKeySet>;

interface KeptKeys {
  readonly set: JSONWebKeySet;
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

/** Keys by registered URL (kept no longer than its Cache-Control allows), else the registered inline set. */
export function createClientKeys(fetch: FetchLike, clock: Clock): ClientKeys {
  const kept = new Map<string, KeptKeys>();
  return async (client, refresh) => {
    const url = client.jwksUrl;
    if (url === undefined) return client.jwks ?? { keys: [] };
    const known = kept.get(url);
    const now = clock.now();
    const fresh = known !== undefined && now < known.freshUntil;
    if (fresh && (!refresh || now - known.fetchedAt < FORCED_REFRESH_INTERVAL_MS)) return known.set;
    const fetched = await fetchKeys(fetch, url, now);
    kept.set(url, fetched);
    return fetched.set;
  };
}

async function fetchKeys(fetch: FetchLike, url: string, now: number): Promise<KeptKeys> {
  try {
    const request = new Request(url, { headers: { accept: 'application/json' }, redirect: 'manual' });
    const answer = await exchange(fetch, request, {
      budgetMs: FETCH_BUDGET_MS,
      bodyLimitBytes: DOCUMENT_LIMIT_BYTES,
    });
    const set = JSON.parse(answer.text) as JSONWebKeySet;
    if (answer.status !== 200 || !Array.isArray(set.keys)) throw new Error(`status ${answer.status}`);
    return { set, fetchedAt: now, freshUntil: now + keptFor(answer.headers.get('cache-control')) };
  } catch (error) {
    throw new AssertionError(
      `the JWKS of the client could not be fetched: ${error instanceof Error ? error.name : ''}`,
    );
  }
}

function keptFor(cacheControl: string | null): number {
  if (cacheControl === null || /no-store|no-cache/i.test(cacheControl)) return 0;
  const seconds = Number(/max-age=(\d+)/i.exec(cacheControl)?.[1] ?? 0);
  return Math.min(seconds * 1000, LONGEST_KEPT_MS);
}
