import type { Fabric } from '../fabric.ts';
import { OpenIdKeys } from './openid-keys.ts';

/** What one gateway unit keeps in memory: signing keys it fetched, call counters. Lost when it restarts, as in Azure. */
export class GatewayMemory {
  readonly openIdKeys: OpenIdKeys;
  readonly #calls = new Map<string, number[]>();

  constructor(fabric: Fabric) {
    this.openIdKeys = new OpenIdKeys(fabric);
  }

  /** Counts a call at `now` in a sliding window unless it is full; gives when the oldest call leaves it. */
  count(key: string, now: number, windowMs: number, limit: number): { full: boolean; freeAt: number } {
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - windowMs);
    const oldest = recent[0] ?? now;
    const full = recent.length >= limit;
    this.#calls.set(key, full ? recent : [...recent, now]);
    return { full, freeAt: oldest + windowMs };
  }
}
