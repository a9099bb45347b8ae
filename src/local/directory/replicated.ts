import type { Fabric } from '../fabric.ts';
import type { Collection } from '../store.ts';

interface Versions<T> {
  /** The state written last; null when deleted. */
  readonly latest: T | null;
  /** What is still answered until `visibleAt`. */
  readonly before: T | null;
  /** Milliseconds since the epoch. */
  readonly visibleAt: number;
}

/**
 * Directory objects under eventual consistency: for `timing.graphReplicationMs` after a write, readers still get the
 * state before it (Graph promises no read after write). Writers decide on `latest`, as Azure's primary
 * replica does.
 */
export class Replicated<T extends { readonly id: string }> {
  readonly #fabric: Fabric;
  readonly #items: Collection<Versions<T>>;

  constructor(fabric: Fabric, name: string) {
    this.#fabric = fabric;
    this.#items = fabric.store.collection<Versions<T>>(`directory-${name}`);
  }

  /** What a reader sees now. */
  get(id: string): T | undefined {
    const versions = this.#items.get(id.toLowerCase());
    return versions === undefined ? undefined : (this.#visible(versions) ?? undefined);
  }

  /** What was written last, replicated or not. */
  latest(id: string): T | undefined {
    return this.#items.get(id.toLowerCase())?.latest ?? undefined;
  }

  /** Everything a reader sees now. */
  list(): T[] {
    return this.#items.values().flatMap((versions) => this.#visible(versions) ?? []);
  }

  /** Everything as written last: for uniqueness rules, which the directory enforces without delay. */
  all(): T[] {
    return this.#items.values().flatMap((versions) => versions.latest ?? []);
  }

  put(value: T): void {
    this.#write(value.id, value, this.#fabric.timing.graphReplicationMs);
  }

  /** A write that readers see immediately: for what exists since the tenant began. */
  putNow(value: T): void {
    this.#write(value.id, value, 0);
  }

  delete(id: string): boolean {
    if (this.latest(id) === undefined) return false;
    this.#write(id, null, this.#fabric.timing.graphReplicationMs);
    return true;
  }

  #visible(versions: Versions<T>): T | null {
    return versions.visibleAt <= this.#fabric.clock.now() ? versions.latest : versions.before;
  }

  #write(id: string, value: T | null, delayMs: number): void {
    const key = id.toLowerCase();
    if (delayMs <= 0) {
      if (value === null) this.#items.delete(key);
      else this.#items.put(key, { latest: value, before: null, visibleAt: 0 });
      return;
    }
    const before = this.get(id) ?? null;
    this.#items.put(key, { latest: value, before, visibleAt: this.#fabric.clock.now() + delayMs });
  }
}
