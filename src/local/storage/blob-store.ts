import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Fabric } from '../fabric.ts';

/** A block blob. Content headers and metadata as their writer gave them. */
export interface Blob {
  readonly name: string;
  readonly content: Uint8Array;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** `content-type`, `content-encoding`, `content-language`, `content-disposition`, `cache-control`, `content-md5`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A blob as lists show it: without its content. */
export type BlobEntry = Omit<Blob, 'content'> & { readonly size: number };

/** A committed or uncommitted block. */
export interface Block {
  readonly id: string;
  readonly content: Uint8Array;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS blobs (
  container TEXT NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, etag TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL, headers TEXT NOT NULL, metadata TEXT NOT NULL,
  PRIMARY KEY (container, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob_blocks (
  container TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, committed INTEGER NOT NULL, position INTEGER NOT NULL,
  content BLOB NOT NULL, PRIMARY KEY (container, name, committed, id)) WITHOUT ROWID;`;

/** Blobs of all containers; a container is named by its ARM id without regard to case. */
export class BlobStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(TABLES);
  }

  get(container: string, name: string): Blob | undefined {
    const row = this.#run('SELECT * FROM blobs WHERE container = ? AND name = ?').get(key(container), name);
    return row === undefined ? undefined : { ...entryOf(row), content: row['content'] as Uint8Array };
  }

  /** Writes a blob; its former blocks are forgotten, `blocks` are what it is made of now. */
  put(container: string, blob: Blob, blocks: readonly Block[] = []): void {
    this.#transaction(() => {
      this.forgetBlocks(container, blob.name);
      this.#run(
        'INSERT OR REPLACE INTO blobs (container, name, content, etag, created, changed, headers, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(
        key(container),
        blob.name,
        blob.content,
        blob.etag,
        blob.createdAt,
        blob.changedAt,
        JSON.stringify(blob.headers),
        JSON.stringify(blob.metadata),
      );
      for (const [at, block] of blocks.entries()) this.#putBlock(container, blob.name, block, true, at);
    });
  }

  delete(container: string, name: string): void {
    this.#transaction(() => {
      this.forgetBlocks(container, name);
      this.#run('DELETE FROM blobs WHERE container = ? AND name = ?').run(key(container), name);
    });
  }

  /** Entries in name order, from `marker` on, at most `limit`. */
  list(container: string, prefix: string, marker: string, limit: number): BlobEntry[] {
    const sql =
      'SELECT name, etag, created, changed, headers, metadata, length(content) AS size FROM blobs ' +
      'WHERE container = ? AND name >= ? AND substr(name, 1, ?) = ? ORDER BY name LIMIT ?';
    const from = marker > prefix ? marker : prefix;
    // `length` counts code points, as SQLite's substr does.
    const length = [...prefix].length;
    return this.#run(sql).all(key(container), from, length, prefix, limit).map(entryOf);
  }

  stage(container: string, name: string, block: Block): void {
    this.#putBlock(container, name, block, false, 0);
  }

  blocks(container: string, name: string, committed: boolean): Block[] {
    const sql =
      'SELECT id, content FROM blob_blocks WHERE container = ? AND name = ? AND committed = ? ORDER BY position, id';
    return this.#run(sql)
      .all(key(container), name, committed ? 1 : 0)
      .map((row) => ({ id: String(row['id']), content: row['content'] as Uint8Array }));
  }

  forgetBlocks(container: string, name: string): void {
    this.#run('DELETE FROM blob_blocks WHERE container = ? AND name = ?').run(key(container), name);
  }

  /** Everything in a container. */
  drop(container: string): void {
    this.#run('DELETE FROM blobs WHERE container = ?').run(key(container));
    this.#run('DELETE FROM blob_blocks WHERE container = ?').run(key(container));
  }

  #putBlock(container: string, name: string, block: Block, committed: boolean, position: number): void {
    this.#run(
      'INSERT OR REPLACE INTO blob_blocks (container, name, id, committed, position, content) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(key(container), name, block.id, committed ? 1 : 0, position, block.content);
  }

  #transaction(work: () => void): void {
    this.#db.exec('SAVEPOINT blobs');
    try {
      work();
      this.#db.exec('RELEASE blobs');
    } catch (error) {
      this.#db.exec('ROLLBACK TO blobs; RELEASE blobs');
      throw error;
    }
  }

  #run(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}

const stores = new WeakMap<DatabaseSync, BlobStore>();

export function blobStore(fabric: Fabric): BlobStore {
  const known = stores.get(fabric.store.db);
  if (known !== undefined) return known;
  const made = new BlobStore(fabric.store.db);
  stores.set(fabric.store.db, made);
  return made;
}

/** Called when a container is gone. */
export function dropBlobs(fabric: Fabric, container: string): void {
  blobStore(fabric).drop(container);
}

function key(container: string): string {
  return container.toLowerCase();
}

function entryOf(row: Record<string, SQLInputValue>): BlobEntry {
  return {
    name: String(row['name']),
    etag: String(row['etag']),
    createdAt: Number(row['created']),
    changedAt: Number(row['changed']),
    headers: JSON.parse(String(row['headers'])) as Record<string, string>,
    metadata: JSON.parse(String(row['metadata'])) as Record<string, string>,
    size: Number(row['size'] ?? (row['content'] as Uint8Array | undefined)?.byteLength ?? 0),
  };
}
