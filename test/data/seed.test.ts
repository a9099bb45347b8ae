import { describe, expect, test } from 'vitest';
import type { SeedResource } from '../../src/data/seed/resource.ts';
import { generateSeed } from '../../src/data/seed/seed.ts';
import { PATIENT_COMPARTMENT } from '../../src/standards/generated/patient-compartment.ts';
import { US_CORE_ELEMENTS } from '../../src/standards/generated/us-core-elements.ts';

const seed = generateSeed();
const ids = new Set(seed.map(({ resourceType, id }) => `${resourceType}/${id}`));

/** Every relative reference below a value. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'reference' && typeof item === 'string' ? [item] : references(item),
  );
}

/** Does the path of a must-support element lead somewhere? Slices and fixed values are looked through. */
function has(resource: SeedResource, path: string): boolean {
  const steps = path
    .replace(/=.*$/, '')
    .split('.')
    .slice(1)
    .map((step) => step.replace(/:.*$/, ''));
  return found(resource, steps);
}

function found(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return value !== undefined;
  if (Array.isArray(value)) return value.some((item) => found(item, [step, ...rest]));
  if (typeof value !== 'object' || value === null) return false;
  const prefix = step.endsWith('[x]') ? step.slice(0, -3) : undefined;
  return Object.entries(value).some(([key, item]) => {
    const matches = key === step || key === `_${step}` || (prefix !== undefined && key.startsWith(prefix));
    return matches && found(item, rest);
  });
}

describe('the seed generator', () => {
  test('makes the same resources in every run', () => {
    expect(JSON.stringify(generateSeed())).toBe(JSON.stringify(seed));
  });

  test('gives every resource its own id', () => {
    expect(ids.size).toBe(seed.length);
  });

  test('refers only to what it makes', () => {
    const dangling = seed.flatMap((item) => references(item).filter((target) => !ids.has(target)));
    expect(dangling).toEqual([]);
  });

  test('puts what is referred to before what refers to it, so that it can be loaded in order', () => {
    const position = new Map(seed.map(({ resourceType, id }, at) => [`${resourceType}/${id}`, at]));
    const patients = seed.filter((item) => 'subject' in item || 'patient' in item);
    const early = patients.filter((item) => {
      const patient = references(item).find((target) => target.startsWith('Patient/'));
      return (
        patient !== undefined && position.get(patient)! > position.get(`${item.resourceType}/${item.id}`)!
      );
    });
    expect(early).toEqual([]);
  });

  test('has three patients, two practitioners, an encounter each and one group of all three', () => {
    const count = (type: string): number => seed.filter((item) => item.resourceType === type).length;
    expect([count('Patient'), count('Practitioner'), count('Encounter'), count('Group')]).toEqual([
      3, 2, 3, 1,
    ]);
    const group = seed.find((item) => item.resourceType === 'Group');
    expect(references(group).filter((target) => target.startsWith('Patient/'))).toHaveLength(3);
  });

  test.each(Object.entries(US_CORE_ELEMENTS))(
    '%s: the profile is claimed and its must-support elements are there',
    (profile, table) => {
      const claimed = seed.filter((item) => item.meta?.profile.some((url) => url.endsWith(`/${profile}`)));
      expect(claimed.length).toBeGreaterThan(0);
      const missing = table.mustSupport.filter((path) => !claimed.some((item) => has(item, path)));
      expect(missing).toEqual([]);
    },
  );

  // A patient's own token sees one patient: certification with it needs everything there.
  test('puts every must-support element into what patient-a alone can see', () => {
    const mine = seed.filter((item) => {
      const patients = references(item).filter((target) => target.startsWith('Patient/'));
      const own = item.resourceType === 'Patient' ? [`Patient/${item.id}`] : patients;
      return own.length === 0 || own.includes('Patient/patient-a');
    });
    const missing = Object.entries(US_CORE_ELEMENTS).flatMap(([profile, table]) => {
      const claimed = mine.filter((item) => item.meta?.profile.some((url) => url.endsWith(`/${profile}`)));
      return table.mustSupport.filter((path) => !claimed.some((item) => has(item, path)));
    });
    expect(missing).toEqual([]);
  });

  test('refers from encounters to conditions of both profiles', () => {
    const [encounter] = seed.filter((item) => item.resourceType === 'Encounter');
    const conditions = references(encounter).filter((target) => target.startsWith('Condition/'));
    const profiles = seed
      .filter((item) => conditions.includes(`Condition/${item.id}`))
      .flatMap((item) => item.meta?.profile.map((url) => url.split('/').at(-1)) ?? []);
    expect(profiles.sort()).toEqual([
      'us-core-condition-encounter-diagnosis',
      'us-core-condition-problems-health-concerns',
    ]);
  });

  test('tells missing mandatory data by extension and by code', () => {
    const text = JSON.stringify(seed);
    expect(text).toContain('"http://hl7.org/fhir/StructureDefinition/data-absent-reason"');
    expect(text).toContain(
      '{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"unknown"',
    );
  });

  test('links what belongs to a patient to the practitioner in charge wherever R4 has a compartment for it', () => {
    const linkable = new Set([
      'AllergyIntolerance',
      'CarePlan',
      'CareTeam',
      'Condition',
      'DiagnosticReport',
      'DocumentReference',
      'Encounter',
      'Immunization',
      'MedicationDispense',
      'MedicationRequest',
      'Observation',
      'Procedure',
      'Provenance',
      'QuestionnaireResponse',
      'ServiceRequest',
      'Specimen',
    ]);
    const unlinked = seed
      .filter((item) => linkable.has(item.resourceType) && item.resourceType in PATIENT_COMPARTMENT)
      .filter((item) => !references(item).some((target) => target.startsWith('Practitioner/')));
    expect(unlinked.map((item) => item.id)).toEqual([]);
  });

  test('holds no CPT code, whose licence forbids shipping it', () => {
    expect(JSON.stringify(seed)).not.toMatch(/ama-assn\.org\/go\/cpt/);
  });
});
