import { category, MEASURED_AT, observation } from './observation.ts';
import { patientRef, practitionerRef, type SeedPatient } from './people.ts';
import { loinc, quantity, reference, resource, type SeedResource, SYSTEM, snomed } from './resource.ts';

const LABORATORY = category('laboratory', 'Laboratory');

/** Laboratory results with their specimen, and clinical results. */
export function laboratory(patient: SeedPatient): SeedResource[] {
  const profile = 'us-core-observation-lab';
  const specimen = reference('Specimen', `specimen-${patient.key}`);
  const clinical = 'us-core-observation-clinical-result';
  const imaging = category('imaging', 'Imaging');
  return [
    observation(
      patient,
      'lab-hemoglobin',
      profile,
      [LABORATORY],
      loinc('718-7', 'Hemoglobin [Mass/volume] in Blood'),
      {
        valueQuantity: quantity(13.9, 'g/dL', 'g/dL'),
        specimen,
      },
    ),
    observation(
      patient,
      'lab-nitrite',
      profile,
      [LABORATORY],
      loinc('5802-4', 'Nitrite [Presence] in Urine by Test strip'),
      {
        valueCodeableConcept: snomed('260385009', 'Negative'),
        specimen,
      },
    ),
    observation(patient, 'lab-comment', profile, [LABORATORY], loinc('8251-1', 'Service comment'), {
      valueString: 'Sample slightly hemolysed; result not affected',
      specimen,
    }),
    observation(
      patient,
      'clinical-ejection',
      clinical,
      [imaging],
      loinc('10230-1', 'Left ventricular Ejection fraction'),
      {
        valueQuantity: quantity(58, '%', '%'),
      },
    ),
    observation(
      patient,
      'clinical-rhythm',
      clinical,
      [category('procedure', 'Procedure')],
      loinc('8884-9', 'Heart rate rhythm'),
      {
        valueCodeableConcept: snomed('64730000', 'Normal sinus rhythm'),
      },
    ),
    observation(
      patient,
      'clinical-impression',
      clinical,
      [imaging],
      loinc('19005-8', 'Radiology Imaging study [Impression] (narrative)'),
      {
        valueString: 'No acute findings',
      },
    ),
    resource('Specimen', `specimen-${patient.key}`, 'us-core-specimen', {
      identifier: [{ system: SYSTEM.local, value: `SPM-${patient.key}` }],
      status: 'available',
      type: snomed('122555007', 'Venous blood specimen'),
      subject: patientRef(patient),
      collection: { collector: practitionerRef(patient), collectedDateTime: MEASURED_AT },
    }),
  ];
}
