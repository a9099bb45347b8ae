import type { Collection, Store } from './store.ts';

/** An ARM resource as it is stored: the whole body, secrets included (hidden when presented). */
export interface StoredResource {
  /** The id as its creator spelled it. */
  readonly id: string;
  readonly name: string;
  /** `Microsoft.KeyVault/vaults`, spelled as registered. */
  readonly type: string;
  readonly etag: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** ISO instants. */
  readonly createdAt: string;
  readonly changedAt: string;
}

/** All ARM resources, by id without regard to case. */
export class Resources {
  readonly #items: Collection<StoredResource>;

  constructor(store: Store) {
    this.#items = store.collection<StoredResource>('arm-resources');
  }

  get(id: string): StoredResource | undefined {
    return this.#items.get(id.toLowerCase());
  }

  put(resource: StoredResource): void {
    this.#items.put(resource.id.toLowerCase(), resource);
  }

  delete(id: string): boolean {
    return this.#items.delete(id.toLowerCase());
  }

  /** Resources of a type anywhere (`Microsoft.ApiManagement/service/apis`). */
  ofType(type: string): StoredResource[] {
    const wanted = type.toLowerCase();
    return this.#items.values().filter((item) => item.type.toLowerCase() === wanted);
  }

  /** Resources whose id lies below `id` (not itself). */
  below(id: string): StoredResource[] {
    const prefix = `${id.toLowerCase()}/`;
    return this.#items.values().filter((item) => item.id.toLowerCase().startsWith(prefix));
  }
}
