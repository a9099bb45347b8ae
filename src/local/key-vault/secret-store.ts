import { DAY } from '../../core/clock.ts';
import type { Fabric } from '../fabric.ts';
import type { Collection } from '../store.ts';

export interface SecretAttributes {
  readonly enabled: boolean;
  /** Seconds since the epoch. */
  readonly nbf?: number;
  readonly exp?: number;
}

export interface SecretVersion {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly value: string;
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes: SecretAttributes;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly updated: number;
}

/** A secret with all its versions, oldest first. */
export interface Secret {
  /** As its creator spelled it. */
  readonly name: string;
  readonly versions: readonly SecretVersion[];
}

export interface DeletedSecret extends Secret {
  /** Milliseconds since the epoch. */
  readonly deletedAt: number;
  readonly purgeAt: number;
}

/** The secrets of one vault; names are compared without regard to case. */
export class SecretStore {
  readonly #prefix: string;
  readonly #live: Collection<Secret>;
  readonly #deleted: Collection<DeletedSecret>;
  readonly #fabric: Fabric;

  constructor(fabric: Fabric, vault: string) {
    this.#fabric = fabric;
    this.#prefix = `${vault.toLowerCase()}/`;
    this.#live = fabric.store.collection<Secret>('key-vault-secrets');
    this.#deleted = fabric.store.collection<DeletedSecret>('key-vault-deleted-secrets');
  }

  get(name: string): Secret | undefined {
    return this.#live.get(this.#key(name));
  }

  put(secret: Secret): void {
    this.#live.put(this.#key(secret.name), secret);
  }

  list(): Secret[] {
    return this.#all(this.#live);
  }

  /** Soft delete: the name stays taken until purge, recovery or the end of the retention. */
  delete(secret: Secret, retentionDays: number): DeletedSecret {
    const deletedAt = this.#fabric.clock.now();
    const deleted = { ...secret, deletedAt, purgeAt: deletedAt + retentionDays * DAY };
    this.#live.delete(this.#key(secret.name));
    this.#deleted.put(this.#key(secret.name), deleted);
    return deleted;
  }

  getDeleted(name: string): DeletedSecret | undefined {
    const found = this.#deleted.get(this.#key(name));
    if (found === undefined) return undefined;
    if (found.purgeAt > this.#fabric.clock.now()) return found;
    this.purge(found);
    return undefined;
  }

  listDeleted(): DeletedSecret[] {
    const now = this.#fabric.clock.now();
    return this.#all(this.#deleted).filter((secret) => secret.purgeAt > now);
  }

  recover(deleted: DeletedSecret): void {
    this.#deleted.delete(this.#key(deleted.name));
    this.put({ name: deleted.name, versions: deleted.versions });
  }

  purge(deleted: DeletedSecret): void {
    this.#deleted.delete(this.#key(deleted.name));
  }

  #all<T extends Secret>(collection: Collection<T>): T[] {
    return [...collection.entries()]
      .filter(([key]) => key.startsWith(this.#prefix))
      .map(([, secret]) => secret as T)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #key(name: string): string {
    return this.#prefix + name.toLowerCase();
  }
}
