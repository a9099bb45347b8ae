import { PATIENT_COMPARTMENT } from '../../../standards/generated/patient-compartment.ts';
import { PRACTITIONER_COMPARTMENT } from '../../../standards/generated/practitioner-compartment.ts';
import { allOf, anyOf, type Clause, clause, EVERYTHING, having, NOTHING } from '../search/clause.ts';
import { parameterClause, type SearchScope, UnknownParameter } from '../search/parameter-clause.ts';
import type { FhirStore } from '../store/fhir-store.ts';
import type { ScopeAction, ScopeRestriction } from './clinical-scopes.ts';
import type { SmartAccess } from './smart-access.ts';

/** Shared by every compartment. Device is not among them: it has its own rule. */
const UNIVERSAL_TYPES = new Set(['Location', 'Organization', 'Practitioner', 'Medication']);

/** What a SMART caller may see of one type: inside the user's compartment and covered by a scope. */
export function visibleClause(
  scope: SearchScope,
  access: SmartAccess | undefined,
  type: string,
  actions: readonly ScopeAction[],
): Clause {
  if (access === undefined) return EVERYTHING;
  const user = access.user;
  const compartment =
    user === undefined ? EVERYTHING : smartCompartment(scope.store, user.type, user.id, type);
  return allOf([compartment, scopeClause(scope, access.restrictions, type, actions)]);
}

/** Members of the formal FHIR compartment of `owner`, as a compartment search finds them. */
export function compartmentClause(
  store: FhirStore,
  ownerType: string,
  ownerId: string,
  type: string,
): Clause {
  const table = ownerType === 'Patient' ? PATIENT_COMPARTMENT : PRACTITIONER_COMPARTMENT;
  const codes = (table[type] ?? []).filter((code) => code !== '{def}');
  if (codes.length === 0) return NOTHING;
  return having(
    codes.map((code) => ({
      table: 'ref',
      where: clause('p = ? AND rid = ? AND rtype = ?', store.paramId(type, code), ownerId, ownerType),
    })),
  );
}

/** A compartment as SMART widens it: also its owner, the universal types, and devices that are nobody else's. */
export function smartCompartment(
  store: FhirStore,
  userType: 'Patient' | 'Practitioner',
  userId: string,
  type: string,
): Clause {
  if (UNIVERSAL_TYPES.has(type)) return EVERYTHING;
  const legs = [compartmentClause(store, userType, userId, type)];
  if (type === userType) legs.push(clause('r.id = ?', userId));
  if (type === 'Device') {
    const p = store.paramId('Device', 'patient');
    legs.push(clause('NOT EXISTS (SELECT 1 FROM fhir_ref x WHERE x.k = r.k AND x.p = ?)', p));
    if (userType === 'Patient') {
      legs.push(
        having([{ table: 'ref', where: clause('p = ? AND rid = ? AND rtype = ?', p, userId, userType) }]),
      );
    }
  }
  return anyOf(legs.filter((leg) => leg !== NOTHING));
}

/** A scope for all types decides alone, as on the service; else any scope of this type with one of the actions. */
function scopeClause(
  scope: SearchScope,
  restrictions: readonly ScopeRestriction[],
  type: string,
  actions: readonly ScopeAction[],
): Clause {
  const fitting = restrictions.filter((item) => actions.some((action) => item.actions.has(action)));
  const all = fitting.find((item) => item.resource === 'all');
  if (all !== undefined) return constraintClause(scope, all, type);
  return anyOf(
    fitting.filter((item) => item.resource === type).map((item) => constraintClause(scope, item, type)),
  );
}

/** A constraint that cannot be enforced lets nothing through. */
function constraintClause(scope: SearchScope, restriction: ScopeRestriction, type: string): Clause {
  try {
    return allOf(restriction.constraints.map(([name, value]) => parameterClause(scope, type, name, value)));
  } catch (error) {
    if (error instanceof UnknownParameter) return NOTHING;
    throw error;
  }
}
