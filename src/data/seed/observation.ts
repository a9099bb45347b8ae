import { encounterRef, patientRef, practitionerRef, type SeedPatient } from './people.ts';
import { type CodeableConcept, hl7, resource, type SeedResource } from './resource.ts';

export const category = (code: string, display: string): CodeableConcept =>
  hl7('observation-category', code, display);
export const SOCIAL_HISTORY = category('social-history', 'Social History');
/** When everything was measured that says nothing else. */
export const MEASURED_AT = '2026-03-02T09:15:00Z';

/** An observation of the patient's one encounter, made by its practitioner. */
export function observation(
  patient: SeedPatient,
  id: string,
  profile: string,
  categories: readonly CodeableConcept[],
  code: CodeableConcept,
  elements: Readonly<Record<string, unknown>>,
): SeedResource {
  return resource('Observation', `${id}-${patient.key}`, profile, {
    status: 'final',
    category: categories,
    code,
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    effectiveDateTime: MEASURED_AT,
    performer: [practitionerRef(patient)],
    ...elements,
  });
}
