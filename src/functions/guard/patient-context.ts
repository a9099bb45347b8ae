import type { JsonObject } from '../../smart/granular.ts';
import { PATIENT_COMPARTMENT } from '../../standards/generated/patient-compartment.ts';
import { R4_SEARCH_PARAMETERS } from '../../standards/generated/search-parameters.ts';

/**
 * Types that belong to no patient and that a `patient/` scope may nevertheless read (SMART 2.2.0
 * scopes-and-launch-context: documented by the server; README, limits).
 */
const SHARED_TYPES: ReadonlySet<string> = new Set([
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);

/** In the formal compartment, but a Group tells who else is in it. */
const NOT_FOR_PATIENTS: ReadonlySet<string> = new Set(['Group']);

/** The parameter that limits a search to one patient: `_id`, `patient`, …; null when the type is shared. */
export type PatientParameter = string | null;

/** Undefined when resources of the type can belong to no patient context at all. */
export function patientParameter(type: string): PatientParameter | undefined {
  if (type === 'Patient') return '_id';
  if (SHARED_TYPES.has(type)) return null;
  if (NOT_FOR_PATIENTS.has(type)) return undefined;
  const members = type === 'Device' ? ['patient'] : PATIENT_COMPARTMENT[type];
  if (members === undefined) return undefined;
  const known = R4_SEARCH_PARAMETERS[type] ?? {};
  return ['patient', 'subject', ...members].find((name) => known[name] !== undefined);
}

/** Is the resource about this patient, or of a shared type? The formal R4 patient compartment decides. */
export function inPatientContext(resource: JsonObject, patient: string, bases: readonly string[]): boolean {
  const type = String(resource['resourceType']);
  if (type === 'Patient') return resource['id'] === patient;
  if (SHARED_TYPES.has(type)) return true;
  if (NOT_FOR_PATIENTS.has(type)) return false;
  if (type === 'Device') {
    const references = referencesAt(resource, 'patient');
    return references.every((reference) => isPatient(reference, patient, bases));
  }
  const members = PATIENT_COMPARTMENT[type] ?? [];
  return members.some((name) =>
    pathsOf(type, name).some((path) =>
      referencesAt(resource, path).some((reference) => isPatient(reference, patient, bases)),
    ),
  );
}

function pathsOf(type: string, parameter: string): readonly string[] {
  const paths = R4_SEARCH_PARAMETERS[type]?.[parameter]?.[1] ?? [];
  return paths.map((path) => path.replace(/:[^:]*$/, ''));
}

/** The `reference` texts below a path; steps through arrays, ignores filters (a filter never names a patient path). */
export function referencesAt(resource: unknown, path: string): readonly string[] {
  let values: unknown[] = [resource];
  for (const step of path.split('.')) {
    const name = step.replace(/\[.*$/, '');
    values = values.flatMap((value) => {
      const member = typeof value === 'object' && value !== null ? (value as JsonObject)[name] : undefined;
      return Array.isArray(member) ? member : member === undefined ? [] : [member];
    });
  }
  return values.flatMap((value) => {
    const reference =
      typeof value === 'object' && value !== null ? (value as JsonObject)['reference'] : undefined;
    return typeof reference === 'string' ? [reference] : [];
  });
}

/** `Patient/{id}`, with or without version, relative or on one of our bases. */
function isPatient(reference: string, patient: string, bases: readonly string[]): boolean {
  return localReference(reference, bases) === `Patient/${patient}`;
}

/** `Type/id` of a reference to this server; other references stay as they are. */
export function localReference(reference: string, bases: readonly string[]): string {
  const base = bases.find((one) => reference.startsWith(`${one}/`));
  const relative = base === undefined ? reference : reference.slice(base.length + 1);
  return relative.replace(/\/_history\/[^/]*$/, '');
}
