import type { ScopeContext } from './scopes.ts';

/**
 * The one table of what can be granted. It generates Entra's permissions and app roles, client permissions,
 * `scopes_supported` and presets; nothing that is not here is registered anywhere.
 */

/** Resource types that get scopes of their own: those US Core 6.1.0 and (g)(10) read. */
export const SCOPED_TYPES = [
  'AllergyIntolerance',
  'CarePlan',
  'CareTeam',
  'Condition',
  'Coverage',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Goal',
  'Immunization',
  'Location',
  'Media',
  'Medication',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'QuestionnaireResponse',
  'RelatedPerson',
  'ServiceRequest',
  'Specimen',
] as const;

/** Read-only ways of access: the FHIR SMART role cannot write, so no write scope exists. */
const ACCESS_WORDS = ['rs', 'read'] as const;

const CONDITION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category';
const US_CORE_CONDITION_CATEGORY = 'http://hl7.org/fhir/us/core/CodeSystem/condition-category';
const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const US_CORE_CATEGORY = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';

/** The granular categories that US Core 6.1.0 and the (g)(10) test procedure name. */
export const GRANULAR_CATEGORIES = [
  { type: 'Condition', system: CONDITION_CATEGORY, code: 'encounter-diagnosis' },
  { type: 'Condition', system: CONDITION_CATEGORY, code: 'problem-list-item' },
  { type: 'Condition', system: US_CORE_CONDITION_CATEGORY, code: 'health-concern' },
  { type: 'Observation', system: OBSERVATION_CATEGORY, code: 'laboratory' },
  { type: 'Observation', system: OBSERVATION_CATEGORY, code: 'social-history' },
  { type: 'Observation', system: OBSERVATION_CATEGORY, code: 'survey' },
  { type: 'Observation', system: OBSERVATION_CATEGORY, code: 'vital-signs' },
  { type: 'Observation', system: US_CORE_CATEGORY, code: 'sdoh' },
] as const;

/** Role of the EHR's own app: may create launch ids. */
export const LAUNCH_ROLE = 'launch.create';

/** Scopes that Entra itself knows; they are no permissions of the FHIR resource app. */
export const ENTRA_OWN_SCOPES = ['openid', 'profile', 'offline_access'] as const;

/** SMART scopes without a resource type that are permissions of the FHIR resource app. */
export const CONTEXT_SCOPES = [
  'launch',
  'launch/patient',
  'launch/encounter',
  'fhirUser',
  'online_access',
] as const;

export interface ScopeEntry {
  /** As clients spell it: `patient/*.rs`. */
  readonly smart: string;
  /** As Entra spells it, without the App ID URI: `patient.all.rs`. */
  readonly entra: string;
  /** What a person reads on a consent page. */
  readonly description: string;
}

/** Every delegated permission (`oauth2PermissionScopes`) of the FHIR resource app, in a stable order. */
export function delegatedScopes(): readonly ScopeEntry[] {
  return [
    ...CONTEXT_SCOPES.map(entry),
    ...(['patient', 'user'] as const).flatMap(resourceEntries),
    ...granularEntries('patient'),
  ];
}

/** Every app role of the FHIR resource app for backend clients, and the EHR's launch role. */
export function appRoles(): readonly ScopeEntry[] {
  return [
    ...resourceEntries('system'),
    { smart: LAUNCH_ROLE, entra: LAUNCH_ROLE, description: 'Create launch ids as the EHR' },
  ];
}

/** What discovery lists in `scopes_supported`: everything in the table that a client can be granted. */
export function scopesSupported(): readonly string[] {
  const roles = appRoles().filter((role) => role.smart !== LAUNCH_ROLE);
  return ['openid', 'offline_access', ...[...delegatedScopes(), ...roles].map((scope) => scope.smart)];
}

/**
 * Entra's spelling: `/` and `*` cannot be addressed in a scope request, so they become `.` and `all`; in a granular
 * scope's query `/` is percent-encoded, which the FHIR service decodes.
 */
export function toEntra(smart: string): string {
  const [path = '', ...query] = smart.split('?');
  const left = path.replaceAll('/', '.').replace(/^(patient|user|system)\.\*/, '$1.all');
  return query.length === 0 ? left : `${left}?${query.join('?').replaceAll('/', '%2f')}`;
}

/** What a person reads about a scope, of this table or not: "Read your Conditions". */
export function describeScope(smart: string): string {
  return FIXED_TEXTS[smart] ?? describeResource(smart);
}

const FIXED_TEXTS: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name',
  fhirUser: 'Know which health record is yours',
  launch: 'Use the context of the record system that starts the app',
  'launch/patient': 'Know which patient the record is about',
  'launch/encounter': 'Know which visit the record is about',
  offline_access: 'Keep access while you are away, until you revoke it',
  online_access: 'Keep access while you are signed in',
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'allergies and intolerances',
  CarePlan: 'care plans',
  CareTeam: 'care teams',
  Condition: 'conditions and diagnoses',
  Coverage: 'insurance coverage',
  Device: 'medical devices and implants',
  DiagnosticReport: 'diagnostic reports',
  DocumentReference: 'documents and notes',
  Encounter: 'visits',
  Goal: 'health goals',
  Immunization: 'immunizations',
  Location: 'places of care',
  Media: 'images and recordings',
  Medication: 'medications',
  MedicationDispense: 'dispensed medications',
  MedicationRequest: 'prescriptions',
  Observation: 'test results and vital signs',
  Organization: 'care organizations',
  Patient: 'name, address and other personal data',
  Practitioner: 'doctors and other practitioners',
  PractitionerRole: 'roles of practitioners',
  Procedure: 'procedures',
  Provenance: 'sources of the records',
  QuestionnaireResponse: 'answers to questionnaires',
  RelatedPerson: 'relatives and caregivers',
  ServiceRequest: 'orders and referrals',
  Specimen: 'specimens',
};

/** What people call records of a FHIR type. */
export function nameOfType(type: string): string {
  return TYPE_NAMES[type] ?? `${type} records`;
}

const OWNERS: Readonly<Record<string, string>> = {
  patient: 'of the patient',
  user: 'that you may see',
  system: 'of all patients',
};

function describeResource(smart: string): string {
  const match = /^(patient|user|system)\/([A-Za-z]+|\*)\.([^?]+)(?:\?(.*))?$/.exec(smart);
  if (match === null) return smart;
  const [, context = '', type = '', access = '', query] = match;
  const words = access === 'r' ? 'Read' : access === 's' ? 'Search' : 'Read and search';
  const things = type === '*' ? 'all health records' : nameOfType(type);
  const only = query === undefined ? '' : `, only ${query.split('|').at(-1)}`;
  return `${words} ${things} ${OWNERS[context]}${only}`;
}

function entry(smart: string): ScopeEntry {
  return { smart, entra: toEntra(smart), description: describeScope(smart) };
}

function resourceEntries(context: ScopeContext): readonly ScopeEntry[] {
  return ['*', ...SCOPED_TYPES].flatMap((type) =>
    ACCESS_WORDS.map((access) => entry(`${context}/${type}.${access}`)),
  );
}

function granularEntries(context: ScopeContext): readonly ScopeEntry[] {
  return GRANULAR_CATEGORIES.map(({ type, system, code }) =>
    entry(`${context}/${type}.rs?category=${system}|${code}`),
  );
}
