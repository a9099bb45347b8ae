import { describe, expect, test } from 'vitest';
import type { CompiledParameter } from '../../src/standards/compiled-parameter.ts';
import { PATIENT_COMPARTMENT } from '../../src/standards/generated/patient-compartment.ts';
import { PRACTITIONER_COMPARTMENT } from '../../src/standards/generated/practitioner-compartment.ts';
import { R4_REQUIRED_CODES } from '../../src/standards/generated/required-codes.ts';
import { R4_RESOURCE_TYPES } from '../../src/standards/generated/resource-types.ts';
import { R4_SEARCH_PARAMETERS } from '../../src/standards/generated/search-parameters.ts';
import { R4_STRUCTURES } from '../../src/standards/generated/structures.ts';
import { US_CORE_ELEMENTS } from '../../src/standards/generated/us-core-elements.ts';
import { US_CORE_SEARCH } from '../../src/standards/generated/us-core-search.ts';
import { US_CORE_SEARCH_PARAMETERS } from '../../src/standards/generated/us-core-search-parameters.ts';
import { R4_SMART_CAPABILITIES, SMART_CAPABILITIES } from '../../src/standards/smart-capabilities.ts';

const PRIMITIVES = new Set(
  'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time unsignedInt uri url uuid xhtml'.split(
    ' ',
  ),
);
const KINDS = new Set(['token', 'reference', 'string', 'date', 'uri', 'quantity', 'number']);
const TYPES = new Set(R4_RESOURCE_TYPES);

/** `11code@account-status+` taken apart. */
function specOf(text: string): { types: string[]; codes: string | undefined } {
  const [types = '', codes] = text.slice(2).replace('+', '').split('@');
  return { types: types.split('|'), codes };
}

describe('structures', () => {
  test('every element has a cardinality, and data types that are described', () => {
    for (const [type, elements] of Object.entries(R4_STRUCTURES)) {
      for (const [name, text] of Object.entries(elements)) {
        expect([type, name, text]).toEqual([type, name, expect.stringMatching(/^[01][1*][A-Za-z]/)]);
        for (const used of specOf(text).types) {
          const known = PRIMITIVES.has(used) || used === 'Resource' || R4_STRUCTURES[used] !== undefined;
          expect([type, name, used, known]).toEqual([type, name, used, true]);
        }
      }
    }
  });

  test('every required binding has its codes, and every list of codes a binding', () => {
    const used = new Set<string>();
    for (const elements of Object.values(R4_STRUCTURES)) {
      for (const text of Object.values(elements)) {
        const { codes } = specOf(text);
        if (codes !== undefined) used.add(codes);
      }
    }
    expect([...used].filter((name) => (R4_REQUIRED_CODES[name] ?? []).length === 0)).toEqual([]);
    expect(Object.keys(R4_REQUIRED_CODES).filter((name) => !used.has(name))).toEqual([]);
  });

  test('codes come once', () => {
    for (const [name, codes] of Object.entries(R4_REQUIRED_CODES)) {
      expect([name, new Set(codes).size]).toEqual([name, codes.length]);
    }
  });

  /** FHIR R4's own pages: which elements a resource must have. */
  test.each([
    ['Observation', ['status', 'code']],
    ['Patient', []],
    ['Encounter', ['status', 'class']],
    ['Condition', ['subject']],
    ['MedicationRequest', ['status', 'intent', 'medication[x]', 'subject']],
    ['AllergyIntolerance', ['patient']],
    ['DocumentReference', ['status', 'content']],
    ['Provenance', ['target', 'recorded', 'agent']],
    ['Group', ['type', 'actual']],
    ['Immunization', ['status', 'vaccineCode', 'patient', 'occurrence[x]']],
  ])('%s must have %j', (type, names) => {
    const required = Object.entries(R4_STRUCTURES[type] ?? {}).filter(([, text]) => text.startsWith('1'));
    expect(required.map(([name]) => name).sort()).toEqual([...names].sort());
  });
});

/** Elements of a type by the names JSON gives them. */
function elementNames(type: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, text] of Object.entries(R4_STRUCTURES[type] ?? {})) {
    for (const used of specOf(text).types) {
      const own = name.endsWith('[x]')
        ? name.slice(0, -3) + used.charAt(0).toUpperCase() + used.slice(1)
        : name;
      names.set(own, used);
    }
  }
  return names;
}

/** The data type at the end of a path, by the structures. */
function typeAt(type: string, path: string): string | undefined {
  let current: string | undefined = type;
  for (const step of path.match(/(?:[^.[]|\[[^\]]*\])+/g) ?? []) {
    if (current === undefined) return undefined;
    current = elementNames(current).get(step.replace(/\[.*\]$/, ''));
  }
  return current;
}

const ALL_PARAMETERS: readonly (readonly [string, string, CompiledParameter])[] = [
  R4_SEARCH_PARAMETERS,
  US_CORE_SEARCH_PARAMETERS,
].flatMap((table) =>
  Object.entries(table).flatMap(([type, codes]) =>
    Object.entries(codes).map(([code, row]) => [type, code, row] as const),
  ),
);

describe('search parameters', () => {
  test('every one has a known kind, a type, and leads somewhere', () => {
    for (const [type, code, [kind, paths, url, targets = []]] of ALL_PARAMETERS) {
      expect([type, code, TYPES.has(type), KINDS.has(kind), paths.length > 0, url !== '']).toEqual([
        type,
        code,
        true,
        true,
        true,
        true,
      ]);
      expect([type, code, targets.filter((target) => !TYPES.has(target))]).toEqual([type, code, []]);
      expect([type, code, new Set(paths).size]).toEqual([type, code, paths.length]);
    }
  });

  test('every path exists in the structures, and ends in the data type it says', () => {
    for (const [type, code, [, paths]] of ALL_PARAMETERS) {
      for (const path of paths) {
        const [steps = '', leaf] = [
          path.slice(0, path.lastIndexOf(':')),
          path.slice(path.lastIndexOf(':') + 1),
        ];
        if (leaf === 'deceased') continue;
        expect([type, code, path, typeAt(type, steps)]).toEqual([type, code, path, leaf]);
      }
    }
  });

  test('targets only belong to references', () => {
    const odd = ALL_PARAMETERS.filter(
      ([, , [kind, , , targets]]) => kind !== 'reference' && targets !== undefined,
    );
    expect(odd).toEqual([]);
  });
});

test.each([
  ['Patient', PATIENT_COMPARTMENT],
  ['Practitioner', PRACTITIONER_COMPARTMENT],
])('the compartment of %s holds resource types, by parameters that may lead to it', (owner, table) => {
  for (const [type, codes] of Object.entries(table)) {
    expect([type, TYPES.has(type), codes.length > 0]).toEqual([type, true, true]);
    for (const code of codes.filter((item) => item !== '{def}')) {
      const targets = R4_SEARCH_PARAMETERS[type]?.[code]?.[3] ?? [];
      expect([type, code, targets.length === 0 || targets.includes(owner)]).toEqual([type, code, true]);
    }
  }
});

describe('US Core', () => {
  test('combinations are of its own parameters, expectations of the three words', () => {
    for (const [type, expected] of Object.entries(US_CORE_SEARCH)) {
      expect(TYPES.has(type)).toBe(true);
      const known = Object.keys(expected.params);
      for (const combo of Object.keys(expected.combos)) {
        expect([type, combo, combo.split('+').filter((code) => !known.includes(code))]).toEqual([
          type,
          combo,
          [],
        ]);
      }
      for (const group of [
        expected.interactions,
        expected.params,
        expected.combos,
        expected.includes,
        expected.revincludes,
        expected.comparators,
        expected.multipleOr,
      ]) {
        for (const word of Object.values(group))
          expect(['SHALL', 'SHOULD', 'MAY', 'SHOULD NOT']).toContain(word);
      }
    }
  });

  test('every profile named has its elements, below its own resource', () => {
    for (const [type, { profiles }] of Object.entries(US_CORE_SEARCH)) {
      for (const profile of profiles) {
        const elements = US_CORE_ELEMENTS[profile];
        if (elements === undefined) continue;
        expect([profile, elements.resource]).toEqual([profile, type]);
      }
    }
    for (const [profile, { resource, mandatory, mustSupport }] of Object.entries(US_CORE_ELEMENTS)) {
      const strays = [...mandatory, ...mustSupport].filter(
        (path) => !path.startsWith(`${resource}.`) && !path.startsWith(`${resource}:`),
      );
      expect([profile, strays]).toEqual([profile, []]);
    }
  });

  /** US Core 6.1.0, CapabilityStatement us-core-server. */
  test.each([
    ['Patient', '_id', 'SHALL'],
    ['Patient', 'identifier', 'SHALL'],
    ['Patient', 'name', 'SHALL'],
    ['AllergyIntolerance', 'patient', 'SHALL'],
    ['Immunization', 'patient', 'SHALL'],
  ])('%s by %s: %s', (type, code, word) => {
    expect(US_CORE_SEARCH[type]?.params[code]).toBe(word);
  });
});

describe('SMART capabilities', () => {
  /** SMART App Launch 2.2.0: what each set of capabilities is made of. */
  test.each([
    [
      'patient access for standalone apps',
      [
        'launch-standalone',
        'client-public',
        'client-confidential-symmetric',
        'context-standalone-patient',
        'permission-patient',
      ],
    ],
    [
      'patient access for EHR launch',
      [
        'launch-ehr',
        'client-public',
        'client-confidential-symmetric',
        'context-ehr-patient',
        'permission-patient',
      ],
    ],
    [
      'clinician access for standalone',
      ['launch-standalone', 'client-public', 'permission-user', 'permission-patient'],
    ],
    [
      'clinician access for EHR launch',
      ['launch-ehr', 'context-ehr-patient', 'context-ehr-encounter', 'permission-user', 'permission-patient'],
    ],
  ])('%s', (_name, codes) => {
    expect(codes.filter((code) => !SMART_CAPABILITIES.has(code))).toEqual([]);
    expect(codes.filter((code) => !R4_SMART_CAPABILITIES.has(code))).toEqual([]);
  });

  test('what came after R4 is not in its value set', () => {
    for (const code of [
      'permission-v1',
      'permission-v2',
      'permission-online',
      'authorize-post',
      'client-confidential-asymmetric',
      'smart-app-state',
    ]) {
      expect([code, SMART_CAPABILITIES.has(code), R4_SMART_CAPABILITIES.has(code)]).toEqual([
        code,
        true,
        false,
      ]);
    }
  });

  test('only the passthrough codes of R4 were renamed since', () => {
    expect([...R4_SMART_CAPABILITIES].filter((code) => !SMART_CAPABILITIES.has(code))).toEqual([
      'context-passthrough-banner',
      'context-passthrough-style',
    ]);
  });
});
