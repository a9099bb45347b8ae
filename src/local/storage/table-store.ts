import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Fabric } from '../fabric.ts';

/** A typed property: the JSON value and the EDM type where JSON alone does not tell it. */
export interface Property {
  readonly value: string | number | boolean;
  readonly edm: string;
}

export interface Entity {
  readonly partitionKey: string;
  readonly rowKey: string;
  /** ISO instant with seven decimals, as the service writes it. */
  readonly timestamp: string;
  readonly etag: string;
  readonly properties: Readonly<Record<string, Property>>;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS table_entities (
  tab TEXT NOT NULL, pk TEXT NOT NULL, rk TEXT NOT NULL, timestamp TEXT NOT NULL, etag TEXT NOT NULL,
  properties TEXT NOT NULL, PRIMARY KEY (tab, pk, rk)) WITHOUT ROWID;`;

/** Entities of all tables; a table is named by its ARM id without regard to case. */
class TableStore {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #drop: StatementSync;
  readonly #scan: StatementSync;
  readonly #scanPartition: StatementSync;
  #lastTick = 0n;

  constructor(db: DatabaseSync) {
    db.exec(TABLES);
    this.#get = db.prepare('SELECT * FROM table_entities WHERE tab = ? AND pk = ? AND rk = ?');
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO table_entities (tab, pk, rk, timestamp, etag, properties) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#delete = db.prepare('DELETE FROM table_entities WHERE tab = ? AND pk = ? AND rk = ?');
    this.#drop = db.prepare('DELETE FROM table_entities WHERE tab = ?');
    this.#scan = db.prepare(
      'SELECT * FROM table_entities WHERE tab = ? AND (pk, rk) >= (?, ?) ORDER BY pk, rk',
    );
    this.#scanPartition = db.prepare(
      'SELECT * FROM table_entities WHERE tab = ? AND pk = ? AND rk >= ? ORDER BY rk',
    );
  }

  get(table: string, partitionKey: string, rowKey: string): Entity | undefined {
    const row = this.#get.get(table.toLowerCase(), partitionKey, rowKey);
    return row === undefined ? undefined : entityOf(row);
  }

  put(table: string, entity: Entity): void {
    const { partitionKey, rowKey, timestamp, etag, properties } = entity;
    this.#put.run(table.toLowerCase(), partitionKey, rowKey, timestamp, etag, JSON.stringify(properties));
  }

  delete(table: string, partitionKey: string, rowKey: string): void {
    this.#delete.run(table.toLowerCase(), partitionKey, rowKey);
  }

  /** In key order from the given keys on; only one partition when `partition` is given. */
  *scan(table: string, from: { pk: string; rk: string }, partition: string | undefined): Generator<Entity> {
    if (partition === undefined) {
      for (const row of this.#scan.iterate(table.toLowerCase(), from.pk, from.rk)) yield entityOf(row);
      return;
    }
    const rowKey = from.pk === partition ? from.rk : '';
    for (const row of this.#scanPartition.iterate(table.toLowerCase(), partition, rowKey))
      yield entityOf(row);
  }

  /** Now, in ticks of 100 ns that never repeat: entity tags are made of them. */
  nextTimestamp(nowMs: number): string {
    const now = BigInt(nowMs) * 10_000n;
    this.#lastTick = now > this.#lastTick ? now : this.#lastTick + 1n;
    const seconds = new Date(Number(this.#lastTick / 10_000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(this.#lastTick % 10_000_000n).padStart(7, '0')}Z`;
  }

  drop(table: string): void {
    this.#drop.run(table.toLowerCase());
  }
}

const stores = new WeakMap<DatabaseSync, TableStore>();

export function tableStore(fabric: Fabric): TableStore {
  const known = stores.get(fabric.store.db);
  if (known !== undefined) return known;
  const made = new TableStore(fabric.store.db);
  stores.set(fabric.store.db, made);
  return made;
}

/** Called when a table is gone. */
export function dropEntities(fabric: Fabric, table: string): void {
  tableStore(fabric).drop(table);
}

function entityOf(row: Record<string, unknown>): Entity {
  return {
    partitionKey: String(row['pk']),
    rowKey: String(row['rk']),
    timestamp: String(row['timestamp']),
    etag: String(row['etag']),
    properties: JSON.parse(String(row['properties'])) as Record<string, Property>,
  };
}
