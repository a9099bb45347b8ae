import type { ResourceScope } from '../../smart/scopes.ts';
import { R4_SEARCH_PARAMETERS } from '../../standards/generated/search-parameters.ts';
import { FhirError, insufficientScope } from '../fhir-error.ts';
import { localReference, patientParameter } from './patient-context.ts';
import type { Permissions } from './permissions.ts';

/** Parameters whose reach cannot be judged from the query. */
const OPAQUE: ReadonlySet<string> = new Set([
  '_filter',
  '_query',
  '_list',
  '_text',
  '_content',
  '_contained',
]);
/** References that name a patient even as a bare id. */
const PATIENT_REFERENCES: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary']);

export interface GuardedSearch {
  /** The client's query, narrowed to what the scopes permit. */
  readonly query: URLSearchParams;
  /** False when the narrowing is only possible on the results: counts would tell too much. */
  readonly exact: boolean;
}

/**
 * A search within the scopes: refuses what would reach beyond them, adds the parameters that keep the FHIR service
 * inside.
 *
 * @throws FhirError
 */
export function guardSearch(
  type: string,
  query: URLSearchParams,
  permissions: Permissions,
  bases: readonly string[],
): GuardedSearch {
  const scopes = permissions.scopesFor(type, 's');
  if (scopes.length === 0) throw insufficientScope(`searching ${type} is not in the scope of this token`);
  for (const name of new Set(query.keys())) checkParameter(type, name, permissions);
  const narrowed = new URLSearchParams();
  for (const [name, value] of query) narrowed.append(name, relative(value, bases));
  const free = scopes.some((scope) => scope.context !== 'patient' && scope.constraints.length === 0);
  if (free) return { query: narrowed, exact: true };
  dropTrimming(narrowed);
  if (scopes.every((scope) => scope.context === 'patient')) limitToPatient(type, narrowed, permissions);
  const exact = limitToConstraints(narrowed, scopes);
  if (!exact && narrowed.get('_summary') === 'count') {
    throw insufficientScope('counting is not possible with these scopes');
  }
  return { query: narrowed, exact };
}

/**
 * `_elements` and `_summary` are hints (FHIR R4 search); with them the service could leave out what tells whose a
 * resource is. Counting stays.
 */
export function dropTrimming(query: URLSearchParams): void {
  query.delete('_elements');
  if (query.get('_summary') !== 'count') query.delete('_summary');
}

/** Chains and `_has` ask about other resources: those must be in scope as a whole. */
function checkParameter(type: string, name: string, permissions: Permissions): void {
  const base = name.split(':')[0] ?? '';
  if (OPAQUE.has(base)) throw new FhirError(400, 'not-supported', `the parameter ${base} is not supported`);
  const reached = base === '_has' ? typesOfHas(name) : typesOfChain(type, name);
  for (const target of reached) {
    if (!permissions.scopesFor(target, 's').some((scope) => scope.constraints.length === 0)) {
      throw insufficientScope('the search reaches types that are not in the scope of this token');
    }
  }
}

/** `_has:Observation:patient:_has:Provenance:target:agent` names every second and third. */
function typesOfHas(name: string): readonly string[] {
  if (name.includes('.')) throw new FhirError(400, 'not-supported', 'chains within _has are not supported');
  return name
    .split('_has:')
    .slice(1)
    .map((part) => part.split(':')[0] ?? '');
}

function typesOfChain(type: string, name: string): readonly string[] {
  const [head = '', ...rest] = name.split('.');
  if (rest.length === 0) return [];
  const [parameter = '', explicit] = head.split(':');
  const known = R4_SEARCH_PARAMETERS[type]?.[parameter]?.[3] ?? [];
  const targets = explicit === undefined ? known : [explicit];
  if (targets.length === 0)
    throw new FhirError(400, 'invalid', `write ${parameter}:Type to chain through it`);
  return [...targets, ...targets.flatMap((target) => typesOfChain(target, rest.join('.')))];
}

function limitToPatient(type: string, query: URLSearchParams, { patient }: Permissions): void {
  const parameter = patientParameter(type);
  if (parameter === undefined || patient === undefined) {
    throw insufficientScope(`${type} is not part of the record of one patient`);
  }
  if (parameter === null) {
    // Who treated whom: a shared record found through the records of others would tell of them.
    if ([...query.keys()].some((name) => name.startsWith('_has'))) {
      throw insufficientScope('_has on shared records reaches beyond one patient');
    }
    return;
  }
  let named = false;
  for (const [name, value] of query) {
    const mentioned = patientsIn(type, name, value);
    if (mentioned.some((id) => id !== patient)) {
      throw insufficientScope('this token is for another patient');
    }
    if (name === parameter && mentioned.length > 0) named = true;
  }
  if (!named) query.append(parameter, parameter === '_id' ? patient : `Patient/${patient}`);
}

/** Ids of patients that a parameter names: `patient=a`, `subject=Patient/a`, `subject:Patient=a`, and `Patient?_id=a`. */
function patientsIn(type: string, name: string, value: string): readonly string[] {
  if (name === '_id') return type === 'Patient' ? value.split(',') : [];
  if (name.includes('.')) return [];
  const [base = '', modifier] = name.split(':');
  if (R4_SEARCH_PARAMETERS[type]?.[base]?.[0] !== 'reference') return [];
  if (modifier !== undefined && modifier !== 'Patient') return [];
  const bare = modifier === 'Patient' || PATIENT_REFERENCES.has(base);
  return value.split(',').flatMap((item) => {
    const match = /^(?:Patient\/)?([^/]+)$/.exec(item);
    return match?.[1] === undefined || (!bare && !item.startsWith('Patient/')) ? [] : [match[1]];
  });
}

/** `category=a|b` or several of one parameter become one OR-list; anything else is left to the filter of results. */
function limitToConstraints(query: URLSearchParams, scopes: readonly ResourceScope[]): boolean {
  if (scopes.some((scope) => scope.constraints.length === 0)) {
    return scopes.every((scope) => scope.context === 'patient') || scopes.length === 1;
  }
  const [first] = scopes;
  if (scopes.length === 1 && first !== undefined) {
    for (const { name, value } of first.constraints) query.append(name, value);
    return true;
  }
  const names = new Set(scopes.flatMap((scope) => scope.constraints.map(({ name }) => name)));
  const [name] = names;
  if (names.size !== 1 || name === undefined || scopes.some((scope) => scope.constraints.length !== 1))
    return false;
  query.append(name, scopes.map((scope) => scope.constraints[0]?.value).join(','));
  return true;
}

/** References that name our own public base are what the FHIR service knows as relative ones. */
function relative(value: string, bases: readonly string[]): string {
  return value
    .split(',')
    .map((item) => (/^https?:/.test(item) ? localReference(item, bases) : item))
    .join(',');
}
