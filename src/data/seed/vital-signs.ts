import { category, observation } from './observation.ts';
import type { SeedPatient } from './people.ts';
import { type CodeableConcept, hl7, loinc, quantity, type SeedResource, SYSTEM } from './resource.ts';

const VITAL_SIGNS = category('vital-signs', 'Vital Signs');

/** Vital signs that are one quantity: [id, profile, LOINC code, display, value, unit, UCUM code]. */
const VITALS: readonly (readonly [string, string, string, string, number, string, string])[] = [
  [
    'respiratory-rate',
    'us-core-respiratory-rate',
    '9279-1',
    'Respiratory rate',
    16,
    'breaths/minute',
    '/min',
  ],
  ['heart-rate', 'us-core-heart-rate', '8867-4', 'Heart rate', 72, 'beats/minute', '/min'],
  ['body-temperature', 'us-core-body-temperature', '8310-5', 'Body temperature', 36.8, 'degrees C', 'Cel'],
  ['body-height', 'us-core-body-height', '8302-2', 'Body height', 168, 'cm', 'cm'],
  ['body-weight', 'us-core-body-weight', '29463-7', 'Body weight', 71.5, 'kg', 'kg'],
  ['bmi', 'us-core-bmi', '39156-5', 'Body mass index (BMI) [Ratio]', 25.3, 'kg/m2', 'kg/m2'],
  [
    'head-circumference',
    'us-core-head-circumference',
    '9843-4',
    'Head Occipital-frontal circumference',
    48.2,
    'cm',
    'cm',
  ],
  [
    'weight-for-height',
    'pediatric-weight-for-height',
    '77606-2',
    'Weight-for-length Per age and sex',
    61,
    '%',
    '%',
  ],
  [
    'bmi-for-age',
    'pediatric-bmi-for-age',
    '59576-9',
    'Body mass index (BMI) [Percentile] Per age and sex',
    58,
    '%',
    '%',
  ],
  [
    'head-percentile',
    'head-occipital-frontal-circumference-percentile',
    '8289-1',
    'Head Occipital-frontal circumference Percentile',
    47,
    '%',
    '%',
  ],
];

export function vitalSigns(patient: SeedPatient): SeedResource[] {
  const simple = VITALS.map(([id, profile, code, display, value, unit, ucum]) =>
    observation(patient, id, profile, [VITAL_SIGNS], loinc(code, display), {
      valueQuantity: quantity(value, unit, ucum),
    }),
  );
  return [
    ...simple,
    bloodPressure(patient, 'blood-pressure', { valueQuantity: quantity(82, 'mmHg', 'mm[Hg]') }),
    bloodPressure(patient, 'blood-pressure-partial', { dataAbsentReason: notPerformed() }),
    pulseOximetry(patient),
  ];
}

function notPerformed(): CodeableConcept {
  return hl7('data-absent-reason', 'not-performed', 'Not Performed');
}

/** @param half value of the diastolic component; in the partial reading both components lack one */
function bloodPressure(
  patient: SeedPatient,
  id: string,
  half: Readonly<Record<string, unknown>>,
): SeedResource {
  const systolic = 'dataAbsentReason' in half ? half : { valueQuantity: quantity(128, 'mmHg', 'mm[Hg]') };
  return observation(
    patient,
    id,
    'us-core-blood-pressure',
    [VITAL_SIGNS],
    loinc('85354-9', 'Blood pressure panel with all children optional'),
    {
      component: [
        { code: loinc('8480-6', 'Systolic blood pressure'), ...systolic },
        { code: loinc('8462-4', 'Diastolic blood pressure'), ...half },
      ],
    },
  );
}

function pulseOximetry(patient: SeedPatient): SeedResource {
  const code = {
    coding: [
      {
        system: SYSTEM.loinc,
        code: '59408-5',
        display: 'Oxygen saturation in Arterial blood by Pulse oximetry',
      },
      { system: SYSTEM.loinc, code: '2708-6', display: 'Oxygen saturation in Arterial blood' },
    ],
    text: 'Oxygen saturation by pulse oximetry',
  };
  return observation(patient, 'pulse-oximetry', 'us-core-pulse-oximetry', [VITAL_SIGNS], code, {
    valueQuantity: quantity(97, '%', '%'),
    component: [
      { code: loinc('3151-8', 'Inhaled oxygen flow rate'), valueQuantity: quantity(2, 'L/min', 'L/min') },
      { code: loinc('3150-0', 'Inhaled oxygen concentration'), valueQuantity: quantity(28, '%', '%') },
    ],
  });
}
