import { DatabaseSync } from 'node:sqlite';
import { messageOf, SmartfhirError } from '../core/errors.ts';

/** Named JSON documents, held in memory and written through to SQLite. Values are never mutated in place. */
export interface Collection<T> {
  get(key: string): Readonly<T> | undefined;
  put(key: string, value: T): void;
  delete(key: string): boolean;
  entries(): IterableIterator<[string, Readonly<T>]>;
  values(): Readonly<T>[];
}

/** All state of one laptop cloud in one SQLite database: collections, and tables that stand-ins make themselves. */
export class Store {
  readonly db: DatabaseSync;
  readonly #collections = new Map<string, Collection<unknown>>();

  /**
   * @param path file of the database, or `:memory:`
   * @throws SmartfhirError `LOCAL_STATE_BROKEN` when the file is no sound database
   */
  constructor(path: string) {
    this.db = opened(path);
  }

  collection<T>(name: string): Collection<T> {
    const known = this.#collections.get(name);
    if (known !== undefined) return known as Collection<T>;
    const made = this.#open<T>(name);
    this.#collections.set(name, made as Collection<unknown>);
    return made;
  }

  /** Writes a consistent copy of everything to a new file. */
  snapshot(path: string): void {
    this.db.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`);
  }

  close(): void {
    this.db.close();
  }

  #open<T>(name: string): Collection<T> {
    const rows = this.db.prepare('SELECT k, v FROM docs WHERE c = ?').all(name);
    const cache = new Map(rows.map((row) => [String(row['k']), JSON.parse(String(row['v'])) as T]));
    const write = this.db.prepare('INSERT OR REPLACE INTO docs (c, k, v) VALUES (?, ?, ?)');
    const remove = this.db.prepare('DELETE FROM docs WHERE c = ? AND k = ?');
    return {
      get: (key) => cache.get(key),
      put: (key, value) => {
        const text = JSON.stringify(value);
        write.run(name, key, text);
        cache.set(key, JSON.parse(text) as T);
      },
      delete: (key) => {
        remove.run(name, key);
        return cache.delete(key);
      },
      entries: () => cache.entries(),
      values: () => [...cache.values()],
    };
  }
}

/** Damage is found now, whole, and not by some request in an hour. */
function opened(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=2000;');
    db.exec(
      'CREATE TABLE IF NOT EXISTS docs (c TEXT NOT NULL, k TEXT NOT NULL, v TEXT NOT NULL, PRIMARY KEY (c, k)) WITHOUT ROWID;',
    );
    const [verdict] = db.prepare('PRAGMA quick_check(1)').all();
    if (verdict?.['quick_check'] !== 'ok') throw new Error(String(verdict?.['quick_check']));
    return db;
  } catch (cause) {
    db?.close();
    throw new SmartfhirError('LOCAL_STATE_BROKEN', `${path} cannot be used: ${messageOf(cause)}`, { cause });
  }
}
