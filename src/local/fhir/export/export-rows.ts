import { PATIENT_COMPARTMENT } from '../../../standards/generated/patient-compartment.ts';
import { isObject } from '../resource.ts';
import { allOf, allOfLed, anyOf, type Clause, clause, EVERYTHING, having } from '../search/clause.ts';
import { type FoundRow, foundRow, storedTypes } from '../search/includes.ts';
import { parameterClause, type SearchScope } from '../search/parameter-clause.ts';
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
 * The rows of a job, page by page and type by type. Nothing written after the kick-off is among them.
 *
 * @throws ExportFailure 400 when the group does not exist
 */
export function* exportPages(
  scope: SearchScope,
  job: ExportJob,
): Generator<{ type: string; rows: FoundRow[] }> {
  const patients = job.level === 'group' ? groupPatients(scope, job.groupId ?? '') : undefined;
  for (const type of storedTypes(scope)) {
    if (job.types !== undefined && !job.types.includes(type)) continue;
    const members = memberClause(scope, job, type, patients);
    if (members === undefined) continue;
    const where = allOfLed([members, filterClause(scope, job, type), ...timeClauses(job)]);
    for (let after = 0; ; ) {
      const sql = `SELECT r.k, r.type, r.id, r.json FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND r.k > ? AND ${where.sql} ORDER BY r.k LIMIT ?`;
      const rows = scope.store
        .all(sql, [scope.store.service, type, after, ...where.parameters, job.pageSize])
        .map(foundRow);
      if (rows.length > 0) yield { type, rows };
      if (rows.length < job.pageSize) break;
      after = rows.at(-1)?.k ?? 0;
    }
  }
}

/** Which resources of a type belong: all, the patient compartments, or those of a group's patients. */
function memberClause(
  scope: SearchScope,
  job: ExportJob,
  type: string,
  patients: readonly string[] | undefined,
): Clause | undefined {
  if (job.level === 'system') return EVERYTHING;
  const ids = patients === undefined ? undefined : JSON.stringify(patients);
  if (type === 'Patient')
    return ids === undefined ? EVERYTHING : clause('r.id IN (SELECT value FROM json_each(?))', ids);
  const codes = PATIENT_COMPARTMENT[type];
  if (codes === undefined) return undefined;
  return having(
    codes.map((code) => {
      const p = scope.store.paramId(type, code);
      const anyone = clause("p = ? AND rtype = 'Patient'", p);
      const where =
        ids === undefined
          ? anyone
          : clause(`${anyone.sql} AND rid IN (SELECT value FROM json_each(?))`, p, ids);
      return { table: 'ref', where };
    }),
  );
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

function groupPatients(scope: SearchScope, groupId: string): string[] {
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
      const target = splitReference(literal, scope.store.base);
      if (target.type === 'Patient') patients.add(target.id);
      if (target.type === 'Group') visit(target.id, depth + 1);
    }
  };
  visit(groupId, 0);
  return [...patients];
}
