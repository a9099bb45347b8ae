import type { Caller, DataAction } from './caller.ts';
import { forbidden, notFound } from './fhir-error.ts';
import type { Interaction } from './interaction.ts';
import type { SearchScope } from './search/parameter-clause.ts';
import type { ScopeAction } from './smart/clinical-scopes.ts';
import { scopedTypes, scopesAllow } from './smart/smart-access.ts';
import { visibleClause } from './smart/visibility.ts';
import type { StoredVersion } from './store/fhir-store.ts';

/**
 * Both gates: the role's data action, and for SMART callers a scope with one of the actions.
 *
 * @throws FhirError 403
 */
export function requireAccess(
  caller: Caller,
  action: DataAction,
  scopeActions: readonly ScopeAction[],
  type: string | undefined,
): void {
  if (!caller.may(action)) throw forbidden();
  if (caller.smart !== undefined && !scopesAllow(caller.smart, scopeActions, type)) throw forbidden();
}

export function searchScope({
  store,
  fabric,
  caller,
}: Pick<Interaction, 'store' | 'fabric' | 'caller'>): SearchScope {
  const chainTypes = caller.smart === undefined ? undefined : scopedTypes(caller.smart);
  return { store, now: fabric.clock.now(), chainTypes };
}

/**
 * The current version of a resource this caller may see. A SMART caller's read is a search, so what lies outside the
 * compartment and what was deleted is simply not found.
 *
 * @throws FhirError 404
 */
export function visibleResource(interaction: Interaction, type: string, id: string): StoredVersion {
  const { store, caller } = interaction;
  const current = store.read(type, id);
  if (current === undefined) throw resourceNotFound(type, id);
  if (caller.smart === undefined) return current;
  const visible = visibleClause(searchScope(interaction), caller.smart, type, ['read', 'readById']);
  const sql = `SELECT 1 FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.id = ? AND r.deleted = 0 AND ${visible.sql}`;
  const row = store.prepare(sql).get(store.service, type, id, ...visible.parameters);
  if (row === undefined) throw resourceNotFound(type, id);
  return current;
}

export function resourceNotFound(type: string, id: string): Error {
  return notFound(`Resource type '${type}' with id '${id}' couldn't be found.`);
}
