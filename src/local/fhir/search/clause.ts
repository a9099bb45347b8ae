import type { SQLInputValue } from 'node:sqlite';

/** A condition on the row `r` of `fhir_res`, with its parameters in order. */
export interface Clause {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
  /** The same condition as a list of keys that can lead a query, and how few rows such a list usually has. */
  readonly lead?: {
    readonly sql: string;
    readonly parameters: readonly SQLInputValue[];
    readonly rank: number;
  };
}

/** Rows of a value table, by a condition on its columns. */
export interface ValueRows {
  readonly table: 'tok' | 'str' | 'ref' | 'dat' | 'num' | 'uri';
  readonly where: Clause;
}

export const NOTHING: Clause = { sql: '0', parameters: [] };
export const EVERYTHING: Clause = { sql: '1', parameters: [] };

/** The more specific a kind of value, the better it leads. */
const RANKS: Readonly<Record<ValueRows['table'], number>> = {
  ref: 5,
  uri: 4,
  str: 3,
  tok: 2,
  num: 2,
  dat: 1,
};

export function clause(sql: string, ...parameters: readonly SQLInputValue[]): Clause {
  return { sql, parameters };
}

export function allOf(clauses: readonly Clause[]): Clause {
  const real = clauses.filter((item) => item !== EVERYTHING);
  const [first] = real;
  if (first === undefined) return EVERYTHING;
  if (real.length === 1) return first;
  return {
    sql: real.map((item) => item.sql).join(' AND '),
    parameters: real.flatMap((item) => item.parameters),
  };
}

/**
 * All of them, the best one leading: SQLite walks its keys and probes the others. Two leading lists would be walked
 * as a product, so there is at most one, and only in conditions nobody joins with OR.
 */
export function allOfLed(clauses: readonly Clause[]): Clause {
  const best = clauses.reduce<Clause | undefined>(
    (found, item) => ((item.lead?.rank ?? 0) > (found?.lead?.rank ?? 0) ? item : found),
    undefined,
  );
  return allOf(
    clauses.map((item) =>
      item === best && item.lead !== undefined ? clause(item.lead.sql, ...item.lead.parameters) : item,
    ),
  );
}

export function anyOf(clauses: readonly Clause[]): Clause {
  if (clauses.length === 0) return NOTHING;
  if (clauses.length === 1 && clauses[0] !== undefined) return clauses[0];
  return {
    sql: `(${clauses.map((item) => `(${item.sql})`).join(' OR ')})`,
    parameters: clauses.flatMap((item) => item.parameters),
  };
}

/** Resources of a service for which any of the conditions holds, each found by its own leading list. */
export function unionOf(service: number, legs: readonly Clause[]): Clause {
  const [first] = legs;
  if (first === undefined) return NOTHING;
  if (legs.length === 1) return first;
  const selects = legs.map(
    (leg) => `SELECT r.k FROM fhir_res r WHERE r.s = ? AND r.deleted = 0 AND ${leg.sql}`,
  );
  return {
    sql: `r.k IN (${selects.join(' UNION ALL ')})`,
    parameters: legs.flatMap((leg) => [service, ...leg.parameters]),
  };
}

/** Resources that have any of these values. */
export function having(values: readonly ValueRows[]): Clause {
  if (values.length === 0) return NOTHING;
  const probes = values.map(
    ({ table, where }) =>
      `EXISTS (SELECT 1 FROM fhir_${table} x INDEXED BY fhir_${table}_k WHERE x.k = r.k AND ${where.sql})`,
  );
  const lists = values.map(({ table, where }) => `SELECT k FROM fhir_${table} WHERE ${where.sql}`);
  const parameters = values.flatMap(({ where }) => where.parameters);
  return {
    sql: probes.length === 1 ? (probes[0] ?? '') : `(${probes.join(' OR ')})`,
    parameters,
    lead: {
      sql: `r.k IN (${lists.join(' UNION ALL ')})`,
      parameters,
      rank: Math.min(...values.map(({ table }) => RANKS[table])),
    },
  };
}

export function not(condition: Clause): Clause {
  return { sql: `NOT ${condition.sql}`, parameters: condition.parameters };
}

export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
