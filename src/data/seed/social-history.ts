import { observation, SOCIAL_HISTORY } from './observation.ts';
import type { SeedPatient } from './people.ts';
import { concept, loinc, type SeedResource, snomed } from './resource.ts';

export function socialHistory(patient: SeedPatient): SeedResource[] {
  const social = [SOCIAL_HISTORY];
  return [
    observation(
      patient,
      'smoking-status',
      'us-core-smokingstatus',
      social,
      loinc('72166-2', 'Tobacco smoking status'),
      {
        valueCodeableConcept: snomed('8517006', 'Ex-smoker'),
      },
    ),
    observation(
      patient,
      'pregnancy-status',
      'us-core-observation-pregnancystatus',
      social,
      loinc('82810-3', 'Pregnancy status'),
      {
        valueCodeableConcept: snomed('60001007', 'Not pregnant'),
      },
    ),
    observation(
      patient,
      'pregnancy-intent',
      'us-core-observation-pregnancyintent',
      social,
      loinc('86645-9', 'Pregnancy intention in the next year - Reported'),
      { valueCodeableConcept: snomed('454381000124105', 'Not seeking pregnancy') },
    ),
    observation(
      patient,
      'occupation',
      'us-core-observation-occupation',
      social,
      loinc('11341-5', 'History of Occupation'),
      {
        effectiveDateTime: undefined,
        effectivePeriod: { start: '2015-05-01', end: '2025-12-31' },
        valueCodeableConcept: concept(
          'urn:oid:2.16.840.1.114222.4.5.327',
          '29-1141.00.007065',
          'Nurse [Registered Nurses]',
        ),
        component: [
          {
            code: loinc('86188-0', 'History of Occupation industry'),
            valueCodeableConcept: concept(
              'urn:oid:2.16.840.1.114222.4.5.315',
              '622110.008069',
              'Hospital [General Medical and Surgical Hospitals]',
            ),
          },
        ],
      },
    ),
    observation(
      patient,
      'sexual-orientation',
      'us-core-observation-sexual-orientation',
      social,
      loinc('76690-7', 'Sexual orientation'),
      { valueCodeableConcept: snomed('20430005', 'Heterosexual') },
    ),
  ];
}
