import { isObject } from '../resource.ts';
import { allOf, allOfLed, anyOf, type Clause, clause, EVERYTHING, NOTHING } from '../search/clause.ts';
import { type FoundRow, foundRow, storedTypes } from '../search/includes.ts';
import { parameterClause, type SearchScope } from '../search/parameter-clause.ts';
import { compartmentClause, smartCompartment } from '../smart/visibility.ts';
import { dateRange } from '../store/date-range.ts';
import { splitReference } from '../store/reference.ts';
import type { ExportJob } from './export-job.ts';

/** A job that cannot be finished, with the status its poll answers. */
export class ExportFailure extends Error {
  override readonly name = 'ExportFailure';
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Groups may hold groups; deeper nesting than this is not followed. */
const DEEPEST_GROUP = 10;

/**
 * The rows of a job, page by page and type by type. Nothing written after the kick-off is among them. Exports of
 * patients search one compartment after the other, so what belongs to several of them comes several times.
 *
 * @throws ExportFailure 400 when the group does not exist
 */
export function* exportPages(
  scope: SearchScope,
  job: ExportJob,
): Generator<{ type: string; rows: FoundRow[] }> {
  const patients = job.level === 'system' ? [] : exportedPatients(scope, job);
  for (const type of storedTypes(scope)) {
    if (job.types !== undefined && !job.types.includes(type)) continue;
    for (const members of memberClauses(scope, job, type, patients)) {
      const where = [members, filterClause(scope, job, type), ...timeClauses(job)];
      for (const rows of pages(scope, type, where, job.pageSize)) yield { type, rows };
    }
  }
}

function* pages(
  scope: SearchScope,
  type: string,
  conditions: readonly Clause[],
  size: number,
): Generator<FoundRow[]> {
  const where = allOfLed(conditions);
  for (let after = 0; ; ) {
    const sql = `SELECT r.k, r.type, r.id, r.json FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND r.k > ? AND ${where.sql} ORDER BY r.k LIMIT ?`;
    const rows = scope.store
      .all(sql, [scope.store.service, type, after, ...where.parameters, size])
      .map(foundRow);
    if (rows.length > 0) yield rows;
    if (rows.length < size) return;
    after = rows.at(-1)?.k ?? 0;
  }
}

/** Ids of the patients whose compartments are searched: the group's or all, those that `_since` and filters find. */
function exportedPatients(scope: SearchScope, job: ExportJob): string[] {
  const ids = job.level === 'group' ? groupPatients(scope, job) : undefined;
  const members =
    ids === undefined ? EVERYTHING : clause('r.id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  const where = [members, filterClause(scope, job, 'Patient'), ...timeClauses(job)];
  return [...pages(scope, 'Patient', where, job.pageSize)].flatMap((rows) => rows.map((row) => row.id));
}

/** The searches that find the resources of a type that belong. SMART callers' compartments are the wider ones. */
function memberClauses(
  scope: SearchScope,
  job: ExportJob,
  type: string,
  patients: readonly string[],
): Clause[] {
  if (job.level === 'system') return [EVERYTHING];
  const { store } = scope;
  const compartments = patients.map((id) =>
    job.smart ? smartCompartment(store, 'Patient', id, type) : compartmentClause(store, 'Patient', id, type),
  );
  const themselves =
    type === 'Patient' ? [clause('r.id IN (SELECT value FROM json_each(?))', JSON.stringify(patients))] : [];
  return [...compartments.filter((members) => members !== NOTHING), ...themselves];
}

function filterClause(scope: SearchScope, job: ExportJob, type: string): Clause {
  const filters = job.filters.filter((filter) => filter.type === type);
  if (filters.length === 0) return EVERYTHING;
  return anyOf(
    filters.map(({ criteria }) =>
      allOf(criteria.map(([name, value]) => parameterClause(scope, type, name, value))),
    ),
  );
}

function timeClauses(job: ExportJob): Clause[] {
  const till = clause('r.upd <= ?', Math.min(job.till, job.queuedAt));
  return job.since === undefined ? [till] : [till, clause('r.upd >= ?', job.since)];
}

function groupPatients(scope: SearchScope, job: ExportJob): string[] {
  const patients = new Set<string>();
  const seen = new Set<string>();
  const visit = (id: string, depth: number): void => {
    if (seen.has(id) || depth > DEEPEST_GROUP) return;
    seen.add(id);
    const stored = scope.store.read('Group', id);
    if (stored === undefined || stored.deleted) {
      if (depth === 0)
        throw new ExportFailure(400, `Resource type 'Group' with id '${id}' couldn't be found.`);
      return;
    }
    const group: unknown = JSON.parse(stored.json);
    const members = isObject(group) && Array.isArray(group['member']) ? group['member'].filter(isObject) : [];
    for (const member of members) {
      const entity = member['entity'];
      const literal = isObject(entity) ? entity['reference'] : undefined;
      if (member['inactive'] === true || typeof literal !== 'string') continue;
      if (!covers(member['period'], job.queuedAt)) continue;
      const target = splitReference(literal, scope.store.base);
      if (target.type === 'Patient') patients.add(target.id);
      if (target.type === 'Group') visit(target.id, depth + 1);
    }
  };
  visit(job.groupId ?? '', 0);
  return [...patients];
}

/** Is a membership period, which may be open at either end, under way at this time? */
function covers(period: unknown, at: number): boolean {
  if (!isObject(period)) return true;
  const bound = (name: string): ReturnType<typeof dateRange> =>
    typeof period[name] === 'string' ? dateRange(period[name]) : undefined;
  return (bound('start')?.lo ?? at) <= at && (bound('end')?.hi ?? at) >= at;
}
