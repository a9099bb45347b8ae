import { type JsonObject, matchesConstraints } from '../../smart/granular.ts';
import { parseScopeList, type ResourceScope, resourceScopes } from '../../smart/scopes.ts';
import type { TokenRecord } from '../state/state.ts';
import { inPatientContext } from './patient-context.ts';

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/** What one token may do. */
export interface Permissions {
  /** The patient of the launch context, the only one `patient/` scopes reach. */
  readonly patient: string | undefined;
  /** The scopes that allow this letter on this type, whatever they restrict further. */
  scopesFor(type: string, letter: Letter): readonly ResourceScope[];
  /** May this very resource be seen by this kind of access? */
  permits(resource: JsonObject, letter: Letter): boolean;
}

/** `bases`: under which base URLs references to our own resources may be written. */
export function createPermissions(record: TokenRecord, bases: readonly string[]): Permissions {
  const scopes = resourceScopes(parseScopeList(record.scope).scopes);
  const { patient } = record.context;
  const scopesFor = (type: string, letter: Letter): readonly ResourceScope[] =>
    scopes.filter((scope) => (scope.type === '*' || scope.type === type) && scope.letters.includes(letter));
  return {
    patient,
    scopesFor,
    permits: (resource, letter) => {
      const type = String(resource['resourceType']);
      return scopesFor(type, letter).some((scope) => {
        if (!matchesConstraints(resource, type, scope.constraints)) return false;
        if (scope.context !== 'patient') return true;
        return patient !== undefined && inPatientContext(resource, patient, bases);
      });
    },
  };
}
