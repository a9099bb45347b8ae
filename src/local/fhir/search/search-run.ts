import type { SQLInputValue } from 'node:sqlite';
import { badRequest, type Issue } from '../fhir-error.ts';
import { information, warning } from '../interaction.ts';
import { type SmartAccess, scopedTypes } from '../smart/smart-access.ts';
import { visibleClause } from '../smart/visibility.ts';
import { allOf, allOfLed, type Clause, clause, EVERYTHING, unionOf } from './clause.ts';
import { type ContinuationToken, writeContinuation } from './continuation.ts';
import { type FoundRow, foundRow, includedRows, storedTypes } from './includes.ts';
import { parameterClause, parameterOf, type SearchScope, UnknownParameter } from './parameter-clause.ts';
import type { SearchRequest } from './search-request.ts';
import { tableOf } from './value-clause.ts';

export interface SearchQuery {
  readonly scope: SearchScope;
  readonly access: SmartAccess | undefined;
  /** Undefined on the system level. */
  readonly type: string | undefined;
  readonly request: SearchRequest;
  readonly strict: boolean;
  /** A further condition per type: membership in a compartment. */
  readonly within?: (type: string) => Clause;
}

export interface SearchResult {
  readonly matches: readonly FoundRow[];
  readonly included: readonly FoundRow[];
  readonly total: number | undefined;
  readonly next: string | undefined;
  readonly issues: readonly Issue[];
  readonly unsupported: readonly (readonly [string, string])[];
}

/**
 * @throws FhirError 400 when handling is strict and something had to be ignored, or for malformed values
 */
export function runSearch(query: SearchQuery): SearchResult {
  const { request, scope } = query;
  const issues = [...request.issues];
  const unsupported = [...request.unsupported];
  const where = condition(query, unsupported);
  const { sort, errors } = sortOrder(query);
  const includes = request.includes.filter((include) =>
    knownInclude(scope, include.source, include.code, unsupported),
  );
  reportIgnored(query, unsupported, [...request.errors, ...errors], issues);
  const total = request.countOnly || request.total ? countRows(scope, where) : undefined;
  if (request.countOnly) return { matches: [], included: [], total, next: undefined, issues, unsupported };
  const page = pageOf(scope, where, sort, request);
  const matches = page.slice(0, request.count);
  const last = matches.at(-1);
  const more = page.length > request.count && last !== undefined;
  const included = includedRows(scope, query.access, includes, matches);
  if (included.truncated) issues.push(information('Include result was truncated'));
  return {
    matches,
    included: included.rows,
    total,
    next: more ? writeContinuation({ k: last.k, sortValue: last.sortValue }) : undefined,
    issues,
    unsupported,
  };
}

function condition(query: SearchQuery, unsupported: (readonly [string, string])[]): Clause {
  const { scope, request, access } = query;
  const types = query.type === undefined ? systemTypes(query) : [query.type];
  const names = new Set<string>();
  const legs = types.map((type) => {
    const criteria = request.criteria.map(([name, value]) => {
      try {
        return parameterClause(scope, type, name, value);
      } catch (error) {
        if (!(error instanceof UnknownParameter)) throw error;
        if (!names.has(`${name}=${value}`)) unsupported.push([name, value]);
        names.add(`${name}=${value}`);
        return EVERYTHING;
      }
    });
    const visible = visibleClause(scope, access, type, ['read', 'search']);
    return allOfLed([clause('r.type = ?', type), ...criteria, visible, query.within?.(type) ?? EVERYTHING]);
  });
  return allOf([
    clause('r.s = ?', scope.store.service),
    unionOf(scope.store.service, legs),
    clause('r.deleted = 0'),
  ]);
}

function systemTypes(query: SearchQuery): readonly string[] {
  const stored = storedTypes(query.scope);
  const scoped = query.access === undefined ? undefined : scopedTypes(query.access);
  const asked = query.request.types;
  return stored.filter(
    (type) => (asked === undefined || asked.includes(type)) && (scoped === undefined || scoped.has(type)),
  );
}

function knownInclude(
  scope: SearchScope,
  source: string,
  code: string,
  unsupported: (readonly [string, string])[],
): boolean {
  if (source === '*' || code === '*') return true;
  try {
    return parameterOf(scope.store, source, code).type === 'reference';
  } catch (error) {
    if (!(error instanceof UnknownParameter)) throw error;
    unsupported.push(['_include', `${source}:${code}`]);
    return false;
  }
}

function reportIgnored(
  query: SearchQuery,
  unsupported: readonly (readonly [string, string])[],
  errors: readonly string[],
  issues: Issue[],
): void {
  const type = query.type ?? 'DomainResource';
  const texts = [
    ...unsupported.map(
      ([name]) => `The search parameter '${name}' is not supported for resource type '${type}'.`,
    ),
    ...errors,
  ];
  if (texts.length > 0 && query.strict) throw badRequest(texts.join(' '));
  issues.push(...texts.map((text) => warning('not-supported', text)));
}

/** How rows are ordered: by key (that is, by last update), or by a parameter's value. */
type Order = { readonly by: 'key'; readonly descending: boolean } | ByValue;

interface ByValue {
  readonly by: 'value';
  readonly expression: Clause;
  readonly descending: boolean;
}

function sortOrder(query: SearchQuery): { sort: Order; errors: string[] } {
  const { sort } = query.request;
  const byKey: Order = { by: 'key', descending: false };
  if (sort === undefined || query.request.countOnly) return { sort: byKey, errors: [] };
  if (sort.code === '_lastUpdated') return { sort: { by: 'key', descending: sort.descending }, errors: [] };
  const type = query.type ?? query.request.types?.[0] ?? '';
  try {
    const parameter = parameterOf(query.scope.store, type, sort.code);
    if (parameter.type !== 'date' && parameter.type !== 'string') {
      return { sort: byKey, errors: [`Sorting by the '${sort.code}' parameter is not supported.`] };
    }
    const column = parameter.type === 'string' ? 'n' : sort.descending ? 'hi' : 'lo';
    const table = `fhir_${tableOf(parameter)}`;
    // Without the hint SQLite walks the value index from its end instead of looking the resource up.
    const sql = `(SELECT ${sort.descending ? 'MAX' : 'MIN'}(x.${column}) FROM ${table} x INDEXED BY ${table}_k WHERE x.k = r.k AND x.p = ?)`;
    const expression = clause(sql, query.scope.store.paramId(type, sort.code));
    return { sort: { by: 'value', expression, descending: sort.descending }, errors: [] };
  } catch (error) {
    if (!(error instanceof UnknownParameter)) throw error;
    const text = `Sort parameter value '${sort.code}' is invalid, must be a subset of valid search parameters for resource type '${type || 'DomainResource'}'.`;
    return { sort: byKey, errors: [text] };
  }
}

interface PageRow extends FoundRow {
  readonly sortValue: string | number | null;
}

function pageOf(scope: SearchScope, where: Clause, order: Order, request: SearchRequest): PageRow[] {
  const direction = order.descending ? 'DESC' : 'ASC';
  const after = request.continuation === undefined ? EVERYTHING : afterToken(order, request.continuation);
  const value = order.by === 'value' ? order.expression : clause('NULL');
  const columns = `r.k AS k, r.type AS type, r.id AS id, r.json AS json, ${value.sql} AS sv`;
  const inner = `SELECT ${columns} FROM fhir_res r WHERE ${where.sql}`;
  const sql =
    order.by === 'key'
      ? `${inner} AND ${after.sql} ORDER BY r.k ${direction} LIMIT ?`
      : `SELECT * FROM (${inner}) WHERE ${after.sql} ORDER BY sv ${direction}, k ASC LIMIT ?`;
  const parameters: SQLInputValue[] = [
    ...value.parameters,
    ...where.parameters,
    ...after.parameters,
    request.count + 1,
  ];
  return scope.store.all(sql, parameters).map((row) => {
    const sv = row['sv'];
    return { ...foundRow(row), sortValue: typeof sv === 'string' || typeof sv === 'number' ? sv : null };
  });
}

/** Rows without a sort value come first ascending and last descending. */
function afterToken(order: Order, { k, sortValue }: ContinuationToken): Clause {
  if (order.by === 'key') return clause(order.descending ? 'r.k < ?' : 'r.k > ?', k);
  if (order.descending) {
    if (sortValue === null) return clause('(sv IS NULL AND k > ?)', k);
    return clause('(sv < ? OR sv IS NULL OR (sv = ? AND k > ?))', sortValue, sortValue, k);
  }
  if (sortValue === null) return clause('(sv IS NOT NULL OR k > ?)', k);
  return clause('(sv > ? OR (sv = ? AND k > ?))', sortValue, sortValue, k);
}

function countRows(scope: SearchScope, where: Clause): number {
  const row = scope.store.all(`SELECT COUNT(*) AS n FROM fhir_res r WHERE ${where.sql}`, where.parameters)[0];
  return Number(row?.['n'] ?? 0);
}
