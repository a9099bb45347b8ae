import { forbidden } from '../fhir-error.ts';
import type { ScopeRestriction } from '../smart/clinical-scopes.ts';
import type { SmartAccess } from '../smart/smart-access.ts';
import type { ExportJob, ExportLevel } from './export-job.ts';

/**
 * The types a SMART caller's export may hold: what was asked when scopes cover it, else what they cover. Only `system`
 * scopes without constraints count; reading needs v1 `read` or both `r` and `s`.
 *
 * @throws FhirError 403
 */
export function authorizedTypes(
  access: SmartAccess,
  level: ExportLevel,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  const scopes = countingScopes(access);
  requireAll(scopes, levelTypes(level));
  if (asked !== undefined) {
    requireAll(scopes, asked);
    return asked;
  }
  if (covers(scopes, 'all')) return undefined;
  const inferred = [...new Set(scopes.map((scope) => scope.resource))].filter(
    (type) => type !== 'all' && covers(scopes, type),
  );
  if (inferred.length === 0) throw forbidden();
  return inferred.sort();
}

/** May this SMART caller see and cancel the job? One who may not is told that there is none. */
export function mayAccessJob(access: SmartAccess, job: ExportJob): boolean {
  const scopes = countingScopes(access);
  const needed = [
    ...(job.types ?? ['all']),
    ...job.output.map((file) => file.type),
    ...levelTypes(job.level),
  ];
  return needed.every((type) => covers(scopes, type));
}

function countingScopes(access: SmartAccess): ScopeRestriction[] {
  return access.restrictions.filter((scope) => scope.context === 'system' && scope.constraints.length === 0);
}

function levelTypes(level: ExportLevel): string[] {
  if (level === 'group') return ['Group', 'Patient'];
  return level === 'patient' ? ['Patient'] : [];
}

function requireAll(scopes: readonly ScopeRestriction[], types: readonly string[]): void {
  if (types.some((type) => !covers(scopes, type))) throw forbidden();
}

function covers(scopes: readonly ScopeRestriction[], type: string): boolean {
  const actions = new Set(
    scopes
      .filter((scope) => scope.resource === 'all' || scope.resource === type)
      .flatMap((scope) => [...scope.actions]),
  );
  return (actions.has('read') || (actions.has('readById') && actions.has('search'))) && actions.has('export');
}
