import type { DatabaseSync } from 'node:sqlite';

/**
 * One row per current resource in `fhir_res`, every version in `fhir_hist`, one row per searchable value in the value
 * tables. `k` is new on every write, so ascending `k` is ascending last update. `p` numbers (service, type, code) and
 * so keeps services apart. Times are milliseconds; `hi` is the last millisecond inside.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS fhir_service (s INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS fhir_param (p INTEGER PRIMARY KEY, s INTEGER NOT NULL, type TEXT NOT NULL, code TEXT NOT NULL, UNIQUE (s, type, code));
CREATE TABLE IF NOT EXISTS fhir_res (k INTEGER PRIMARY KEY AUTOINCREMENT, s INTEGER NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, ver INTEGER NOT NULL, upd INTEGER NOT NULL, deleted INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (s, type, id));
CREATE INDEX IF NOT EXISTS fhir_res_order ON fhir_res (s, type, deleted, k);
CREATE TABLE IF NOT EXISTS fhir_hist (s INTEGER NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, ver INTEGER NOT NULL, upd INTEGER NOT NULL, method TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (s, type, id, ver)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fhir_hist_time ON fhir_hist (s, upd);
CREATE TABLE IF NOT EXISTS fhir_tok (p INTEGER NOT NULL, v TEXT NOT NULL, sys TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, v, sys, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fhir_str (p INTEGER NOT NULL, n TEXT NOT NULL, v TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, n, v, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fhir_ref (p INTEGER NOT NULL, rid TEXT NOT NULL, rtype TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, rid, rtype, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fhir_dat (p INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, lo, hi, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fhir_num (p INTEGER NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL, sys TEXT NOT NULL, v TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, lo, hi, sys, v, k)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fhir_uri (p INTEGER NOT NULL, v TEXT NOT NULL, k INTEGER NOT NULL, PRIMARY KEY (p, v, k)) WITHOUT ROWID;
`;

export const VALUE_TABLES = ['fhir_tok', 'fhir_str', 'fhir_ref', 'fhir_dat', 'fhir_num', 'fhir_uri'] as const;

/** Makes the tables once per database; each value table is also found by resource. */
export function createSchema(db: DatabaseSync): void {
  db.exec(SCHEMA);
  for (const table of VALUE_TABLES) db.exec(`CREATE INDEX IF NOT EXISTS ${table}_k ON ${table} (k, p)`);
}
