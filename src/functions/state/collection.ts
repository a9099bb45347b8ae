import { quoted, type Tables } from '../../azure/storage/tables.ts';
import { type Clock, MINUTE } from '../../core/clock.ts';
import { sha256 } from '../../core/ids.ts';

/** A record with the ETag under which it was read. */
export interface Kept<T> {
  readonly value: T;
  readonly etag: string;
}

/**
 * Records of one kind in one table, under secret or public keys. Keys are stored as hashes only, so that reading
 * the table gives away no code and no launch id. What is past its expiry is not found, swept or not.
 */
export interface Collection<T> {
  get(key: string): Promise<Kept<T> | undefined>;
  /** False when the key is taken already, by a live record or an expired one not yet swept. */
  insert(key: string, value: T, expiresAtMs: number): Promise<boolean>;
  upsert(key: string, value: T, expiresAtMs: number): Promise<void>;
  /** Only when unchanged since it was read; false otherwise. */
  replace(key: string, value: T, expiresAtMs: number, etag: string): Promise<boolean>;
  /** One-time use: the value, for exactly one caller however many instances ask. */
  take(key: string): Promise<T | undefined>;
  remove(key: string): Promise<void>;
}

const ROW = 'v1';
const SWEEP_INTERVAL_MS = MINUTE;
const SWEEP_ROWS = 50;
/** Table storage holds 32 Ki characters in one string property; longer records are split. */
const CHUNK = 30_000;
const CHUNKS = 8;

export function createCollection<T>(tables: Tables, clock: Clock, table: string): Collection<T> {
  let sweptAt = 0;
  const row = (key: string, value: T, expiresAtMs: number) => ({
    PartitionKey: sha256(key),
    RowKey: ROW,
    expires: new Date(expiresAtMs).toISOString(),
    ...split(JSON.stringify(value)),
  });

  async function read(key: string): Promise<Kept<T> | undefined> {
    const found = await tables.get(table, sha256(key), ROW);
    if (found === undefined || String(found.entity['expires']) <= new Date(clock.now()).toISOString())
      return undefined;
    return { value: JSON.parse(join(found.entity)) as T, etag: found.etag };
  }

  /** Sweeping on write: every minute of use, some rows that nobody can find any more. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    if (now - sweptAt < SWEEP_INTERVAL_MS) return;
    sweptAt = now;
    const expired = await tables.query(
      table,
      `expires lt ${quoted(new Date(now).toISOString())}`,
      SWEEP_ROWS,
    );
    await Promise.all(expired.map((entity) => tables.remove(table, entity.PartitionKey, entity.RowKey, '*')));
  }

  return {
    get: read,
    insert: async (key, value, expiresAtMs) => {
      const inserted = await tables.insert(table, row(key, value, expiresAtMs));
      // A failed sweep must not fail the request: expired rows are invisible anyway.
      await sweep().catch(() => undefined);
      return inserted;
    },
    upsert: (key, value, expiresAtMs) => tables.upsert(table, row(key, value, expiresAtMs)),
    replace: (key, value, expiresAtMs, etag) => tables.replace(table, row(key, value, expiresAtMs), etag),
    take: async (key) => {
      const found = await read(key);
      if (found === undefined) return undefined;
      return (await tables.remove(table, sha256(key), ROW, found.etag)) ? found.value : undefined;
    },
    remove: async (key) => {
      await tables.remove(table, sha256(key), ROW, '*');
    },
  };
}

function split(text: string): Record<string, string> {
  if (text.length > CHUNK * CHUNKS) throw new Error('a record is too large for table storage');
  const parts: Record<string, string> = {};
  for (let at = 0; at * CHUNK < text.length; at++) parts[`d${at}`] = text.slice(at * CHUNK, (at + 1) * CHUNK);
  return parts;
}

function join(entity: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (let at = 0; at < CHUNKS && entity[`d${at}`] !== undefined; at++) text += String(entity[`d${at}`]);
  return text;
}
