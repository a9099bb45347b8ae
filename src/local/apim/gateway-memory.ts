import type { Fabric } from '../fabric.ts';
import { OpenIdKeys } from './openid-keys.ts';

/** What one gateway unit keeps in memory: signing keys it fetched, call counters. Lost when it restarts, as in Azure. */
export class GatewayMemory {
  readonly openIdKeys: OpenIdKeys;
  readonly #calls = new Map<string, number[]>();

  constructor(fabric: Fabric) {
    this.openIdKeys = new OpenIdKeys(fabric);
  }

  /** Counts a call at `now` in a sliding window; gives how many there were before it and when the oldest leaves. */
  count(key: string, now: number, windowMs: number, weight: number): { before: number; freeAt: number } {
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - windowMs);
    const oldest = recent[0] ?? now;
    const before = recent.length;
    for (let i = 0; i < weight; i += 1) recent.push(now);
    this.#calls.set(key, recent);
    return { before, freeAt: oldest + windowMs };
  }
}
