import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { instant, type Resource } from '../resource.ts';
import { IndexWriter } from './index-writer.ts';
import { createSchema } from './schema.ts';

/** A stored version. `deleted` versions have no body. */
export interface StoredVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Milliseconds. */
  readonly updatedAt: number;
  readonly deleted: boolean;
  readonly json: string;
  /** What made it: POST, PUT, PATCH or DELETE. */
  readonly method: string;
}

/** The resources of one FHIR service in the cloud's database. All methods are synchronous, so nothing interleaves. */
export class FhirStore {
  readonly db: DatabaseSync;
  readonly base: string;
  /** Number of the service in this database. */
  readonly service: number;
  readonly #index: IndexWriter;
  readonly #params = new Map<string, number>();
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param name one service's life: its ARM id and creation instant, so that a service made anew starts empty
   * @param base `https://{workspace}-{name}.fhir.azurehealthcareapis.com`
   */
  constructor(db: DatabaseSync, name: string, base: string) {
    createSchema(db);
    this.db = db;
    this.base = base;
    db.prepare('INSERT OR IGNORE INTO fhir_service (name) VALUES (?)').run(name);
    this.service = Number(db.prepare('SELECT s FROM fhir_service WHERE name = ?').get(name)?.['s']);
    for (const row of db.prepare('SELECT p, type, code FROM fhir_param WHERE s = ?').all(this.service)) {
      this.#params.set(`${row['type']}.${row['code']}`, Number(row['p']));
    }
    this.#index = new IndexWriter(db, (type, code) => this.paramId(type, code), base);
  }

  /** Number of a search parameter of a type, in the value tables. */
  paramId(type: string, code: string): number {
    const key = `${type}.${code}`;
    const known = this.#params.get(key);
    if (known !== undefined) return known;
    const row = this.prepare('INSERT INTO fhir_param (s, type, code) VALUES (?, ?, ?) RETURNING p').get(
      this.service,
      type,
      code,
    );
    const made = Number(row?.['p']);
    this.#params.set(key, made);
    return made;
  }

  /** A prepared statement, kept. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.db.prepare(sql);
    if (this.#statements.size > 500) this.#statements.clear();
    this.#statements.set(sql, made);
    return made;
  }

  all(sql: string, parameters: readonly SQLInputValue[]): Record<string, unknown>[] {
    return this.prepare(sql).all(...parameters);
  }

  /** All or nothing; may be nested. */
  atomically<T>(work: () => T): T {
    this.db.exec('SAVEPOINT fhir');
    try {
      const result = work();
      this.db.exec('RELEASE fhir');
      return result;
    } catch (error) {
      this.db.exec('ROLLBACK TO fhir');
      this.db.exec('RELEASE fhir');
      this.#reloadParams();
      throw error;
    }
  }

  read(type: string, id: string): StoredVersion | undefined {
    const sql = 'SELECT type, id, ver, upd, deleted, json FROM fhir_res WHERE s = ? AND type = ? AND id = ?';
    const row = this.prepare(sql).get(this.service, type, id);
    return row === undefined ? undefined : versionOf(row);
  }

  readVersion(type: string, id: string, version: number): StoredVersion | undefined {
    const sql =
      'SELECT type, id, ver, upd, method, json FROM fhir_hist WHERE s = ? AND type = ? AND id = ? AND ver = ?';
    const row = this.prepare(sql).get(this.service, type, id, version);
    return row === undefined ? undefined : versionOf(row);
  }

  /** Stores a new version, sets `id` and `meta`, and returns it. */
  write(resource: Resource, id: string, method: string, now: number): StoredVersion {
    const type = resource.resourceType;
    return this.atomically(() => {
      const version = (this.read(type, id)?.version ?? 0) + 1;
      const meta = { ...resource.meta, versionId: String(version), lastUpdated: instant(now) };
      const { resourceType, id: _id, meta: _meta, ...rest } = resource;
      const stored: Resource = { resourceType, id, meta, ...rest };
      const json = JSON.stringify(stored);
      const k = this.#replace({ type, id, version, updatedAt: now, deleted: false, json, method });
      this.#index.write(k, stored);
      return { type, id, version, updatedAt: now, deleted: false, json, method };
    });
  }

  /** Marks it deleted; a later write continues the version numbers. */
  softDelete(type: string, id: string, now: number): StoredVersion | undefined {
    const current = this.read(type, id);
    if (current === undefined || current.deleted) return current;
    const gone = {
      type,
      id,
      version: current.version + 1,
      updatedAt: now,
      deleted: true,
      json: '',
      method: 'DELETE',
    };
    this.atomically(() => this.#replace(gone));
    return gone;
  }

  /** Removes every trace, history included. */
  hardDelete(type: string, id: string): void {
    this.atomically(() => {
      this.#unindex(type, id);
      this.prepare('DELETE FROM fhir_res WHERE s = ? AND type = ? AND id = ?').run(this.service, type, id);
      this.prepare('DELETE FROM fhir_hist WHERE s = ? AND type = ? AND id = ?').run(this.service, type, id);
    });
  }

  /** Removes older versions only. */
  purgeHistory(type: string, id: string): void {
    const current = this.read(type, id);
    const sql = 'DELETE FROM fhir_hist WHERE s = ? AND type = ? AND id = ? AND ver <> ?';
    this.prepare(sql).run(this.service, type, id, current?.version ?? 0);
  }

  #replace(row: StoredVersion): number {
    this.#unindex(row.type, row.id);
    this.prepare('DELETE FROM fhir_res WHERE s = ? AND type = ? AND id = ?').run(
      this.service,
      row.type,
      row.id,
    );
    const made = this.prepare(
      'INSERT INTO fhir_res (s, type, id, ver, upd, deleted, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(this.service, row.type, row.id, row.version, row.updatedAt, row.deleted ? 1 : 0, row.json);
    this.prepare(
      'INSERT INTO fhir_hist (s, type, id, ver, upd, method, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(this.service, row.type, row.id, row.version, row.updatedAt, row.method, row.json);
    return Number(made.lastInsertRowid);
  }

  #unindex(type: string, id: string): void {
    const row = this.prepare('SELECT k FROM fhir_res WHERE s = ? AND type = ? AND id = ?').get(
      this.service,
      type,
      id,
    );
    if (row !== undefined) this.#index.remove(Number(row['k']));
  }

  /** After a rollback the numbers given out inside are gone. */
  #reloadParams(): void {
    this.#params.clear();
    for (const row of this.prepare('SELECT p, type, code FROM fhir_param WHERE s = ?').all(this.service)) {
      this.#params.set(`${row['type']}.${row['code']}`, Number(row['p']));
    }
  }
}

export function versionOf(row: Record<string, unknown>): StoredVersion {
  const json = String(row['json']);
  return {
    type: String(row['type']),
    id: String(row['id']),
    version: Number(row['ver']),
    updatedAt: Number(row['upd']),
    deleted: json === '',
    json,
    method: String(row['method'] ?? 'PUT'),
  };
}
