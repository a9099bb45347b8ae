import { describe, expect, test } from 'vitest';
import { INFERNO_TEST_IDS } from '../../src/standards/generated/inferno-test-ids.ts';
import { PATIENT_COMPARTMENT } from '../../src/standards/generated/patient-compartment.ts';
import { PRACTITIONER_COMPARTMENT } from '../../src/standards/generated/practitioner-compartment.ts';
import { R4_REQUIRED_CODES } from '../../src/standards/generated/required-codes.ts';
import { REQUIREMENT_IDS } from '../../src/standards/generated/requirement-ids.ts';
import { R4_RESOURCE_TYPES } from '../../src/standards/generated/resource-types.ts';
import { R4_SEARCH_PARAMETERS } from '../../src/standards/generated/search-parameters.ts';
import { R4_STRUCTURES } from '../../src/standards/generated/structures.ts';
import { US_CORE_ELEMENTS } from '../../src/standards/generated/us-core-elements.ts';
import { US_CORE_SEARCH } from '../../src/standards/generated/us-core-search.ts';
import { US_CORE_SEARCH_PARAMETERS } from '../../src/standards/generated/us-core-search-parameters.ts';

/** Every table with keys, to be found sorted. */
const TABLES = {
  INFERNO_TEST_IDS,
  PATIENT_COMPARTMENT,
  PRACTITIONER_COMPARTMENT,
  R4_REQUIRED_CODES,
  REQUIREMENT_IDS,
  R4_SEARCH_PARAMETERS,
  R4_STRUCTURES,
  US_CORE_ELEMENTS,
  US_CORE_SEARCH,
  US_CORE_SEARCH_PARAMETERS,
};

test.each(Object.entries(TABLES))('%s is sorted', (_name, table) => {
  const keys = Object.keys(table);
  expect(keys.length).toBeGreaterThan(4);
  expect(keys).toEqual([...keys].sort());
});

test('R4 has 148 resource types, each with a structure', () => {
  const concrete = R4_RESOURCE_TYPES.filter((type) => R4_STRUCTURES[type] !== undefined);
  expect(R4_RESOURCE_TYPES).toContain('Observation');
  expect(R4_RESOURCE_TYPES).not.toContain('Resource');
  expect(concrete).toEqual(R4_RESOURCE_TYPES);
});

describe('compartments', () => {
  test.each([
    [PATIENT_COMPARTMENT, 'Observation', ['subject', 'performer']],
    [PATIENT_COMPARTMENT, 'Patient', ['link']],
    [PRACTITIONER_COMPARTMENT, 'Patient', ['general-practitioner']],
    [PRACTITIONER_COMPARTMENT, 'Practitioner', ['{def}']],
  ])('membership %#', (table, type, codes) => {
    expect(table[type]).toEqual(codes);
  });

  test('every membership parameter is a reference that can be searched', () => {
    for (const table of [PATIENT_COMPARTMENT, PRACTITIONER_COMPARTMENT]) {
      for (const [type, codes] of Object.entries(table)) {
        for (const code of codes.filter((item) => item !== '{def}')) {
          expect([type, code, R4_SEARCH_PARAMETERS[type]?.[code]?.[0]]).toEqual([type, code, 'reference']);
        }
      }
    }
  });
});

describe('search parameters', () => {
  test.each([
    [
      'Observation',
      'date',
      [
        'effectiveDateTime:dateTime',
        'effectivePeriod:Period',
        'effectiveTiming:Timing',
        'effectiveInstant:instant',
      ],
    ],
    [
      'Observation',
      'combo-value-quantity',
      [
        'valueQuantity:Quantity',
        'valueSampledData:SampledData',
        'component.valueQuantity:Quantity',
        'component.valueSampledData:SampledData',
      ],
    ],
    ['Patient', 'phone', ['telecom[system=phone]:ContactPoint']],
    ['Patient', 'name', ['name:HumanName']],
    ['MedicationRequest', 'medication', ['medicationReference:Reference']],
    ['Encounter', 'date', ['period:Period']],
    ['Provenance', 'target', ['target:Reference']],
  ])('%s.%s', (type, code, paths) => {
    expect([...(R4_SEARCH_PARAMETERS[type]?.[code]?.[1] ?? [])].sort()).toEqual([...paths].sort());
  });

  test('patient leads to patients only', () => {
    expect(R4_SEARCH_PARAMETERS['Observation']?.['patient']?.[3]).toEqual(['Patient']);
    expect(R4_SEARCH_PARAMETERS['AllergyIntolerance']?.['patient']?.[3]).toEqual(['Patient']);
  });

  test('what US Core adds to R4', () => {
    const added = Object.entries(US_CORE_SEARCH_PARAMETERS).flatMap(([type, codes]) =>
      Object.keys(codes).map((code) => `${type}.${code}`),
    );
    expect(added).toEqual([
      'CareTeam.role',
      'Condition.asserted-date',
      'Encounter.discharge-disposition',
      'Goal.description',
      'Patient.ethnicity',
      'Patient.gender-identity',
      'Patient.race',
    ]);
  });

  test('all that US Core expects can be compiled', () => {
    for (const [type, { params }] of Object.entries(US_CORE_SEARCH)) {
      for (const code of Object.keys(params).filter((item) => !item.startsWith('_'))) {
        const known = R4_SEARCH_PARAMETERS[type]?.[code] ?? US_CORE_SEARCH_PARAMETERS[type]?.[code];
        expect([type, code, known !== undefined]).toEqual([type, code, true]);
      }
    }
  });
});

test('US Core: combinations, includes and elements', () => {
  expect(US_CORE_SEARCH['Observation']?.combos['patient+category+date']).toBe('SHALL');
  expect(US_CORE_SEARCH['Observation']?.revincludes['Provenance:target']).toBe('SHALL');
  expect(US_CORE_ELEMENTS['us-core-patient']?.mandatory).toContain('Patient.gender');
  expect(US_CORE_ELEMENTS['us-core-blood-pressure']?.slices).toContain('Observation.component:systolic');
});

test('required codes', () => {
  expect(R4_REQUIRED_CODES['administrative-gender']).toEqual(['female', 'male', 'other', 'unknown']);
});

test('ids of requirements and Inferno tests have short titles', () => {
  expect(REQUIREMENT_IDS['SMART-WK-001']).toMatch(/SMART configuration/);
  for (const title of [...Object.values(REQUIREMENT_IDS), ...Object.values(INFERNO_TEST_IDS)]) {
    expect(title.length).toBeGreaterThan(5);
    expect(title.length).toBeLessThanOrEqual(102);
  }
  expect(INFERNO_TEST_IDS['3.8.07']).toBe('Code is exchanged for tokens');
});

test('structures hold R4 and nothing that others add to it', () => {
  expect(Object.keys(R4_STRUCTURES['Meta'] ?? {})).toEqual([
    'id',
    'extension',
    'versionId',
    'lastUpdated',
    'source',
    'profile',
    'security',
    'tag',
  ]);
  expect(R4_STRUCTURES['Binary']).not.toHaveProperty('url');
  expect(R4_STRUCTURES['ResearchStudy']).not.toHaveProperty('name');
});
