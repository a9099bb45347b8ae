import { encounterRef, patientRef, practitionerRef, type SeedPatient } from './people.ts';
import {
  type CodeableConcept,
  concept,
  hl7,
  loinc,
  quantity,
  reference,
  resource,
  type SeedResource,
  SYSTEM,
  snomed,
} from './resource.ts';

const category = (code: string, display: string): CodeableConcept =>
  hl7('observation-category', code, display);
const VITAL_SIGNS = category('vital-signs', 'Vital Signs');
const LABORATORY = category('laboratory', 'Laboratory');
const SOCIAL_HISTORY = category('social-history', 'Social History');
const SURVEY = category('survey', 'Survey');
const SDOH = concept(SYSTEM.usCoreCategory, 'sdoh', 'SDOH');
const MEASURED_AT = '2026-03-02T09:15:00Z';

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

export function observations(patient: SeedPatient): SeedResource[] {
  return [...vitalSigns(patient), ...laboratory(patient), ...socialHistory(patient), ...assessments(patient)];
}

function observation(
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

function vitalSigns(patient: SeedPatient): SeedResource[] {
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

function laboratory(patient: SeedPatient): SeedResource[] {
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

function socialHistory(patient: SeedPatient): SeedResource[] {
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

function assessments(patient: SeedPatient): SeedResource[] {
  const profile = 'us-core-observation-screening-assessment';
  const answers = reference('QuestionnaireResponse', `questionnaire-response-${patient.key}`);
  const member = (id: string): { reference: string } => reference('Observation', `${id}-${patient.key}`);
  const screening = [SURVEY, SDOH];
  return [
    observation(patient, 'screening-panel', profile, screening, loinc('88121-9', 'Hunger Vital Sign [HVS]'), {
      hasMember: [member('screening-worried'), member('screening-ran-out'), member('screening-count')],
      derivedFrom: [answers],
    }),
    observation(
      patient,
      'screening-worried',
      profile,
      screening,
      loinc(
        '88122-7',
        'Within the past 12 months we worried whether our food would run out before we got money to buy more',
      ),
      { valueCodeableConcept: concept(SYSTEM.loinc, 'LA28397-0', 'Often true'), derivedFrom: [answers] },
    ),
    observation(
      patient,
      'screening-ran-out',
      profile,
      screening,
      loinc(
        '88123-5',
        "Within the past 12 months the food we bought just didn't last and we didn't have money to get more",
      ),
      { valueString: 'Sometimes true', derivedFrom: [member('screening-worried')] },
    ),
    observation(
      patient,
      'screening-count',
      profile,
      screening,
      loinc('96842-0', 'How often did this happen'),
      {
        valueQuantity: quantity(3, 'times', '{times}'),
        derivedFrom: [answers],
      },
    ),
    ...statusObservations(patient),
    ...simpleObservations(patient, answers),
  ];
}

/** US Core "Screening and Assessments": functional, disability and cognitive status beside the social determinants. */
function statusObservations(patient: SeedPatient): SeedResource[] {
  const make = (
    kind: string,
    display: string,
    code: CodeableConcept,
    value: Readonly<Record<string, unknown>>,
  ): SeedResource => {
    const categories = [SURVEY, concept(SYSTEM.usCoreCategory, kind, display)];
    return observation(patient, kind, 'us-core-observation-screening-assessment', categories, code, value);
  };
  return [
    make(
      'functional-status',
      'Functional Status',
      loinc('10158-8', 'History of Functional status Narrative'),
      {
        valueString: 'Independent in all activities of daily living',
      },
    ),
    make(
      'disability-status',
      'Disability Status',
      loinc('69859-7', 'Do you have serious difficulty walking or climbing stairs'),
      { valueCodeableConcept: concept(SYSTEM.loinc, 'LA32-8', 'No') },
    ),
    make(
      'cognitive-status',
      'Cognitive Status',
      loinc('11332-4', 'History of Cognitive Function Narrative'),
      {
        valueString: 'Oriented to person, place and time',
      },
    ),
  ];
}

function simpleObservations(patient: SeedPatient, answers: { reference: string }): SeedResource[] {
  const make = (id: string, code: CodeableConcept, value: Readonly<Record<string, unknown>>): SeedResource =>
    observation(patient, id, 'us-core-simple-observation', [SOCIAL_HISTORY], code, {
      ...value,
      derivedFrom: [answers],
    });
  return [
    make('simple-housing', loinc('71802-3', 'Housing status'), {
      valueCodeableConcept: concept(
        SYSTEM.loinc,
        'LA30189-7',
        'I have a place to live today, but I am worried about losing it in the future',
      ),
    }),
    make(
      'simple-exercise',
      loinc(
        '68516-4',
        'On those days that you engage in moderate to strenuous exercise, how many minutes, on average, do you exercise',
      ),
      {
        valueQuantity: quantity(30, 'min', 'min'),
      },
    ),
    make(
      'simple-wish',
      loinc('75773-2', 'Goals, preferences, and priorities for medical treatment [Reported]'),
      {
        valueString: 'Prefers treatment at home',
      },
    ),
    make('simple-lives-alone', snomed('105529008', 'Lives alone'), { valueBoolean: false }),
  ];
}
