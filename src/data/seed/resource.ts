/** A FHIR R4 resource as the generator makes it. */
export interface SeedResource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta?: { readonly profile: readonly string[] };
  readonly [element: string]: unknown;
}

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

export interface CodeableConcept {
  readonly coding: readonly Coding[];
  readonly text: string;
}

const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/';

/** Code systems by the short names used in this folder. No CPT: its licence forbids shipping it. */
export const SYSTEM = {
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  ucum: 'http://unitsofmeasure.org',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  omb: 'urn:oid:2.16.840.1.113883.6.238',
  usCoreCategory: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category',
  usCoreDocument: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
  local: 'https://smartfhir.example/identifiers',
} as const;

/** Codes of terminology.hl7.org: `hl7('condition-clinical', 'active', 'Active')`. */
export function hl7(codeSystem: string, code: string, display: string): CodeableConcept {
  return concept(`http://terminology.hl7.org/CodeSystem/${codeSystem}`, code, display);
}

export function concept(system: string, code: string, display: string): CodeableConcept {
  return { coding: [{ system, code, display }], text: display };
}

export const snomed = (code: string, display: string): CodeableConcept =>
  concept(SYSTEM.snomed, code, display);
export const loinc = (code: string, display: string): CodeableConcept => concept(SYSTEM.loinc, code, display);

export function reference(
  type: string,
  id: string,
  display?: string,
): { reference: string; display?: string } {
  return display === undefined ? { reference: `${type}/${id}` } : { reference: `${type}/${id}`, display };
}

export function quantity(value: number, unit: string, code = unit): Record<string, unknown> {
  return { value, unit, system: SYSTEM.ucum, code };
}

/** Makes a resource that claims US Core profiles, named without their common prefix. */
export function resource(
  resourceType: string,
  id: string,
  profiles: string | readonly string[],
  elements: Readonly<Record<string, unknown>>,
): SeedResource {
  const names = typeof profiles === 'string' ? [profiles] : profiles;
  return { resourceType, id, meta: { profile: names.map((name) => `${US_CORE}${name}`) }, ...elements };
}

/** A resource of a type that US Core does not profile. */
export function plainResource(
  resourceType: string,
  id: string,
  elements: Readonly<Record<string, unknown>>,
): SeedResource {
  return { resourceType, id, ...elements };
}

export function usCoreExtension(
  name: string,
  content: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { url: `${US_CORE}${name}`, ...content };
}
