import type { SmartAccess } from '../smart/smart-access.ts';
import { scopedTypes } from '../smart/smart-access.ts';
import { visibleClause } from '../smart/visibility.ts';
import { parametersOf } from '../store/parameter-table.ts';
import { clause, marks } from './clause.ts';
import type { Include } from './include-parameter.ts';
import { parameterOf, type SearchScope } from './parameter-clause.ts';

/** A resource of a result. */
export interface FoundRow {
  readonly k: number;
  readonly type: string;
  readonly id: string;
  readonly json: string;
}

const MAXIMUM_INCLUDES = 1000;
/** Circular includes end here at the latest. */
const DEEPEST = 10;

export interface IncludeResult {
  readonly rows: readonly FoundRow[];
  readonly truncated: boolean;
}

/**
 * The resources that includes add to a page. Every one has to be in the caller's compartment and covered by a scope
 * before it counts against the limit.
 *
 * @throws UnknownParameter
 */
export function includedRows(
  scope: SearchScope,
  access: SmartAccess | undefined,
  includes: readonly Include[],
  page: readonly FoundRow[],
): IncludeResult {
  const found = new Map<number, FoundRow>();
  const onPage = new Set(page.map((row) => row.k));
  let sources = page;
  for (let depth = 0; depth < DEEPEST && sources.length > 0; depth++) {
    const fresh: FoundRow[] = [];
    for (const include of includes) {
      if (depth > 0 && !include.iterate) continue;
      for (const row of follow(scope, access, include, sources)) {
        if (onPage.has(row.k) || found.has(row.k)) continue;
        if (found.size === MAXIMUM_INCLUDES) return { rows: [...found.values()], truncated: true };
        found.set(row.k, row);
        fresh.push(row);
      }
    }
    sources = depth === 0 ? [...page, ...fresh] : fresh;
    if (depth > 0 && fresh.length === 0) break;
  }
  return { rows: [...found.values()], truncated: false };
}

function follow(
  scope: SearchScope,
  access: SmartAccess | undefined,
  include: Include,
  sources: readonly FoundRow[],
): FoundRow[] {
  return include.reverse
    ? followBack(scope, access, include, sources)
    : followOn(scope, access, include, sources);
}

function followOn(
  scope: SearchScope,
  access: SmartAccess | undefined,
  include: Include,
  sources: readonly FoundRow[],
): FoundRow[] {
  const allowed = access === undefined ? undefined : scopedTypes(access);
  const wanted = new Map<string, Set<string>>();
  for (const [type, keys] of byType(sources)) {
    if (include.source !== '*' && include.source !== type) continue;
    for (const p of referenceParameters(scope, type, include.code)) {
      const sql = `SELECT DISTINCT rtype, rid FROM fhir_ref WHERE p = ? AND k IN (${marks(keys.length)})`;
      for (const row of scope.store.all(sql, [p, ...keys])) {
        const target = String(row['rtype']);
        if (target === '' || (include.target !== undefined && include.target !== target)) continue;
        if (allowed !== undefined && !allowed.has(target)) continue;
        const ids = wanted.get(target) ?? new Set<string>();
        wanted.set(target, ids.add(String(row['rid'])));
      }
    }
  }
  return [...wanted].flatMap(([type, ids]) => {
    const visible = visibleClause(scope, access, type, ['read', 'search']);
    const sql = `SELECT r.k, r.type, r.id, r.json FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND r.id IN (SELECT value FROM json_each(?)) AND ${visible.sql} ORDER BY r.k`;
    return rows(scope, sql, [scope.store.service, type, JSON.stringify([...ids]), ...visible.parameters]);
  });
}

function followBack(
  scope: SearchScope,
  access: SmartAccess | undefined,
  include: Include,
  sources: readonly FoundRow[],
): FoundRow[] {
  const allowed = access === undefined ? undefined : scopedTypes(access);
  const types = include.source === '*' ? storedTypes(scope) : [include.source];
  const targets = [...byTypeIds(sources)].filter(
    ([type]) => include.target === undefined || include.target === type,
  );
  return types
    .filter((type) => allowed === undefined || allowed.has(type))
    .flatMap((type) => {
      const visible = visibleClause(scope, access, type, ['read', 'search']);
      return referenceParameters(scope, type, include.code).flatMap((p) =>
        targets.flatMap(([target, ids]) => {
          const inner = clause(
            'SELECT k FROM fhir_ref WHERE p = ? AND rtype = ? AND rid IN (SELECT value FROM json_each(?))',
            p,
            target,
            JSON.stringify(ids),
          );
          const sql = `SELECT r.k, r.type, r.id, r.json FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND r.k IN (${inner.sql}) AND ${visible.sql} ORDER BY r.k LIMIT ?`;
          const parameters = [
            scope.store.service,
            type,
            ...inner.parameters,
            ...visible.parameters,
            MAXIMUM_INCLUDES + 1,
          ];
          return rows(scope, sql, parameters);
        }),
      );
    });
}

function rows(
  scope: SearchScope,
  sql: string,
  parameters: Parameters<typeof scope.store.all>[1],
): FoundRow[] {
  return scope.store.all(sql, parameters).map(foundRow);
}

export function foundRow(row: Record<string, unknown>): FoundRow {
  return { k: Number(row['k']), type: String(row['type']), id: String(row['id']), json: String(row['json']) };
}

/** Types that have resources here. */
export function storedTypes(scope: SearchScope): string[] {
  const sql = 'SELECT DISTINCT type FROM fhir_res WHERE s = ? AND deleted = 0 ORDER BY type';
  return scope.store.all(sql, [scope.store.service]).map((row) => String(row['type']));
}

function referenceParameters(scope: SearchScope, type: string, code: string): number[] {
  if (code !== '*') {
    const parameter = parameterOf(scope.store, type, code);
    return parameter.type === 'reference' ? [scope.store.paramId(type, code)] : [];
  }
  const parameters = [...parametersOf(type).values()].filter(
    (item) => item.type === 'reference' && !item.custom,
  );
  return parameters.map((item) => scope.store.paramId(type, item.code));
}

function byType(sources: readonly FoundRow[]): Map<string, number[]> {
  const map = new Map<string, number[]>();
  for (const row of sources) map.set(row.type, [...(map.get(row.type) ?? []), row.k]);
  return map;
}

function byTypeIds(sources: readonly FoundRow[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const row of sources) map.set(row.type, [...(map.get(row.type) ?? []), row.id]);
  return map;
}
