import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Resource } from '../resource.ts';
import { datesOf, normalized, numbersOf, referencesOf, stringsOf, tokensOf } from './index-values.ts';
import { type Parameter, parametersOf } from './parameter-table.ts';
import { valuesAt } from './path.ts';
import { VALUE_TABLES } from './schema.ts';

/** Longest text that is indexed; the rest of a string does not decide a search. */
const LONGEST_STRING = 512;

type Table = 'tok' | 'str' | 'ref' | 'dat' | 'num' | 'uri';

const COLUMNS: Record<Table, string> = {
  tok: '(p, v, sys, k) VALUES (?, ?, ?, ?)',
  str: '(p, n, v, k) VALUES (?, ?, ?, ?)',
  ref: '(p, rid, rtype, k) VALUES (?, ?, ?, ?)',
  dat: '(p, lo, hi, k) VALUES (?, ?, ?, ?)',
  num: '(p, lo, hi, sys, v, k) VALUES (?, ?, ?, ?, ?, ?)',
  uri: '(p, v, k) VALUES (?, ?, ?)',
};

/** Writes and removes the searchable values of resources. */
export class IndexWriter {
  readonly #paramId: (type: string, code: string) => number;
  readonly #base: string;
  readonly #insert: Record<Table, StatementSync>;
  readonly #remove: readonly StatementSync[];

  /** @param base the service's base URL: absolute references below it are its own */
  constructor(db: DatabaseSync, paramId: (type: string, code: string) => number, base: string) {
    this.#paramId = paramId;
    this.#base = base;
    const prepare = (table: Table): StatementSync =>
      db.prepare(`INSERT OR IGNORE INTO fhir_${table} ${COLUMNS[table]}`);
    this.#insert = {
      tok: prepare('tok'),
      str: prepare('str'),
      ref: prepare('ref'),
      dat: prepare('dat'),
      num: prepare('num'),
      uri: prepare('uri'),
    };
    this.#remove = VALUE_TABLES.map((table) => db.prepare(`DELETE FROM ${table} WHERE k = ?`));
  }

  remove(k: number): void {
    for (const statement of this.#remove) statement.run(k);
  }

  write(k: number, resource: Resource): void {
    for (const parameter of parametersOf(resource.resourceType).values()) {
      for (const path of parameter.paths) {
        for (const value of valuesAt(resource, path)) {
          this.#value(k, this.#paramId(resource.resourceType, parameter.code), parameter, value, path.leaf);
        }
      }
    }
  }

  #value(k: number, p: number, parameter: Parameter, value: unknown, leaf: string): void {
    switch (parameter.type) {
      case 'token':
        for (const { code, system } of tokensOf(value, leaf)) this.#insert.tok.run(p, code, system, k);
        return;
      case 'string':
        for (const text of stringsOf(value)) {
          const kept = text.slice(0, LONGEST_STRING);
          this.#insert.str.run(p, normalized(kept), kept, k);
        }
        return;
      case 'date':
        for (const { lo, hi } of datesOf(value, leaf)) this.#insert.dat.run(p, lo, hi, k);
        return;
      case 'number':
      case 'quantity':
        for (const { lo, hi, system, code } of numbersOf(value, leaf))
          this.#insert.num.run(p, lo, hi, system, code, k);
        return;
      case 'reference':
        for (const { type, id } of referencesOf(value, leaf, this.#base, parameter.targets)) {
          this.#insert.ref.run(p, id, type, k);
        }
        return;
      case 'uri':
        if (typeof value === 'string') this.#insert.uri.run(p, value, k);
    }
  }
}
