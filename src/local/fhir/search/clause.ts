import type { SQLInputValue } from 'node:sqlite';

/** A condition on the row `r` of `fhir_res`, or a SELECT of `k`, with its parameters in order. */
export interface Clause {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

export const NOTHING: Clause = { sql: '0', parameters: [] };
export const EVERYTHING: Clause = { sql: '1', parameters: [] };

export function clause(sql: string, ...parameters: readonly SQLInputValue[]): Clause {
  return { sql, parameters };
}

export function allOf(clauses: readonly Clause[]): Clause {
  if (clauses.length === 0) return EVERYTHING;
  return {
    sql: clauses.map((item) => item.sql).join(' AND '),
    parameters: clauses.flatMap((item) => item.parameters),
  };
}

export function anyOf(clauses: readonly Clause[]): Clause {
  if (clauses.length === 0) return NOTHING;
  if (clauses.length === 1 && clauses[0] !== undefined) return clauses[0];
  return {
    sql: `(${clauses.map((item) => `(${item.sql})`).join(' OR ')})`,
    parameters: clauses.flatMap((item) => item.parameters),
  };
}

/** Rows found by any of the SELECTs of `k`. */
export function foundIn(selects: readonly Clause[], not = false): Clause {
  return {
    sql: `r.k ${not ? 'NOT ' : ''}IN (${selects.map((item) => item.sql).join(' UNION ALL ')})`,
    parameters: selects.flatMap((item) => item.parameters),
  };
}

export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
