import {
  concept,
  hl7,
  plainResource,
  reference,
  resource,
  type SeedResource,
  SYSTEM,
  snomed,
  usCoreExtension,
} from './resource.ts';

/** One synthetic patient; every name is invented. */
export interface SeedPatient {
  /** `a`, `b`, `c`: the last part of every id that belongs to the patient. */
  readonly key: string;
  readonly family: string;
  readonly given: readonly string[];
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly deceased?: string;
  /** The practitioner in charge: links everything into that compartment. */
  readonly practitioner: string;
}

export const SEED_PATIENTS: readonly SeedPatient[] = [
  {
    key: 'a',
    family: 'Alderton',
    given: ['Amara', 'June'],
    gender: 'female',
    birthDate: '1984-03-09',
    // A patient's own token sees one patient, who must show every must-support element, also this one.
    deceased: '2026-06-30T22:10:00Z',
    practitioner: 'practitioner-1',
  },
  {
    key: 'b',
    family: 'Brandvold',
    given: ['Bastian', 'Ole'],
    gender: 'male',
    birthDate: '1951-11-23',
    deceased: '2026-02-14T06:30:00Z',
    practitioner: 'practitioner-1',
  },
  {
    key: 'c',
    family: 'Castellanos',
    given: ['Celia', 'Rosa'],
    gender: 'female',
    birthDate: '2022-08-01',
    practitioner: 'practitioner-2',
  },
];

export const patientRef = (patient: SeedPatient): { reference: string; display?: string } =>
  reference('Patient', `patient-${patient.key}`, `${patient.given[0]} ${patient.family}`);
export const practitionerRef = (patient: SeedPatient): { reference: string; display?: string } =>
  reference('Practitioner', patient.practitioner);
export const encounterRef = (patient: SeedPatient): { reference: string } =>
  reference('Encounter', `encounter-${patient.key}`);
export const organizationRef = (): { reference: string } => reference('Organization', 'organization-1');

/** Who exists whatever patient is looked at: two practitioners, their roles, organizations, a location. */
export function sharedPeople(): SeedResource[] {
  return [
    organization('organization-1', 'Northgate Synthetic Clinic', '1407071236', 'prov'),
    organization('organization-2', 'Plains Synthetic Health Plan', '1104000009', 'pay'),
    practitioner('practitioner-1', 'Ekström', 'Dagny', '1609000009'),
    practitioner('practitioner-2', 'Farouk', 'Elias', '1710000005'),
    practitionerRole('practitioner-role-1', 'practitioner-1'),
    practitionerRole('practitioner-role-2', 'practitioner-2'),
    location(),
    endpoint(),
  ];
}

function organization(id: string, name: string, npi: string, kind: string): SeedResource {
  return resource('Organization', id, 'us-core-organization', {
    identifier: [{ system: SYSTEM.npi, value: npi }],
    active: true,
    type: [hl7('organization-type', kind, kind === 'prov' ? 'Healthcare Provider' : 'Payer')],
    name,
    telecom: [{ system: 'phone', value: '555-555-0100', use: 'work' }],
    address: [{ ...address('1 Test Way'), use: 'work' }],
  });
}

function practitioner(id: string, family: string, given: string, npi: string): SeedResource {
  return resource('Practitioner', id, 'us-core-practitioner', {
    identifier: [{ system: SYSTEM.npi, value: npi }],
    active: true,
    name: [{ use: 'official', family, given: [given], prefix: ['Dr.'] }],
    telecom: [{ system: 'email', value: `${id}@smartfhir.example`, use: 'work' }],
    address: [address('1 Test Way')],
  });
}

function practitionerRole(id: string, practitionerId: string): SeedResource {
  return resource('PractitionerRole', id, 'us-core-practitionerrole', {
    active: true,
    practitioner: reference('Practitioner', practitionerId),
    organization: organizationRef(),
    code: [concept('http://nucc.org/provider-taxonomy', '207Q00000X', 'Family Medicine Physician')],
    specialty: [concept('http://nucc.org/provider-taxonomy', '207Q00000X', 'Family Medicine Physician')],
    location: [reference('Location', 'location-1')],
    telecom: [{ system: 'phone', value: '555-555-0101', use: 'work' }],
    endpoint: [reference('Endpoint', 'endpoint-1')],
  });
}

function location(): SeedResource {
  return resource('Location', 'location-1', 'us-core-location', {
    status: 'active',
    name: 'Northgate Synthetic Clinic, ground floor',
    telecom: [{ system: 'phone', value: '555-555-0102', use: 'work' }],
    address: address('1 Test Way'),
    managingOrganization: organizationRef(),
  });
}

function endpoint(): SeedResource {
  return plainResource('Endpoint', 'endpoint-1', {
    status: 'active',
    connectionType: {
      system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type',
      code: 'hl7-fhir-rest',
    },
    payloadType: [concept('http://terminology.hl7.org/CodeSystem/endpoint-payload-type', 'any', 'Any')],
    address: 'https://smartfhir.example/fhir',
  });
}

/** The patient and the related person. */
export function patientPeople(patient: SeedPatient): SeedResource[] {
  const { key, family, given, gender, birthDate } = patient;
  return [
    resource('Patient', `patient-${key}`, 'us-core-patient', {
      extension: patientExtensions(patient),
      identifier: [
        {
          use: 'usual',
          type: hl7('v2-0203', 'MR', 'Medical record number'),
          system: SYSTEM.local,
          value: `MRN-${key}`,
        },
      ],
      active: true,
      name: [
        { use: 'official', family, given, suffix: ['PhD'] },
        { use: 'old', family: `${family}-Prior`, given, period: { start: '2004-01-01', end: '2019-05-31' } },
      ],
      telecom: [
        { system: 'phone', value: '555-555-0110', use: 'home' },
        { system: 'email', value: `patient-${key}@smartfhir.example`, use: 'home' },
      ],
      gender,
      birthDate,
      ...(patient.deceased === undefined ? {} : { deceasedDateTime: patient.deceased }),
      address: [
        address('49 Sample Street'),
        { ...address('12 Former Lane'), use: 'old', period: { start: '2004-01-01', end: '2019-05-31' } },
      ],
      communication: [{ language: concept('urn:ietf:bcp:47', 'en', 'English'), preferred: true }],
      generalPractitioner: [practitionerRef(patient)],
    }),
    resource('RelatedPerson', `related-person-${key}`, 'us-core-relatedperson', {
      active: true,
      patient: patientRef(patient),
      relationship: [hl7('v3-RoleCode', 'SIB', 'sibling')],
      name: [{ family, given: ['Robin'] }],
      telecom: [{ system: 'phone', value: '555-555-0111', use: 'home' }],
      address: [address('50 Sample Street')],
    }),
  ];
}

function patientExtensions(patient: SeedPatient): Record<string, unknown>[] {
  const omb = (code: string, display: string): Record<string, unknown> => ({
    valueCoding: { system: SYSTEM.omb, code, display },
  });
  return [
    usCoreExtension('us-core-race', {
      extension: [
        { url: 'ombCategory', ...omb('1002-5', 'American Indian or Alaska Native') },
        { url: 'detailed', ...omb('1586-7', 'Shoshone') },
        { url: 'text', valueString: 'American Indian or Alaska Native' },
      ],
    }),
    usCoreExtension('us-core-ethnicity', {
      extension: [
        { url: 'ombCategory', ...omb('2135-2', 'Hispanic or Latino') },
        { url: 'detailed', ...omb('2148-5', 'Mexican') },
        { url: 'text', valueString: 'Hispanic or Latino' },
      ],
    }),
    usCoreExtension('us-core-tribal-affiliation', {
      extension: [
        {
          url: 'tribalAffiliation',
          valueCodeableConcept: hl7(
            'v3-TribalEntityUS',
            '187',
            'Paiute-Shoshone Tribe of the Fallon Reservation and Colony, Nevada',
          ),
        },
        { url: 'isEnrolled', valueBoolean: true },
      ],
    }),
    usCoreExtension('us-core-birthsex', { valueCode: patient.gender === 'female' ? 'F' : 'M' }),
    usCoreExtension('us-core-sex', { valueCode: patient.gender === 'female' ? '248152002' : '248153007' }),
    usCoreExtension('us-core-genderIdentity', {
      valueCodeableConcept:
        patient.gender === 'female'
          ? snomed('446141000124107', 'Identifies as female gender')
          : snomed('446151000124109', 'Identifies as male gender'),
    }),
  ];
}

function address(line: string): Record<string, unknown> {
  return { use: 'home', line: [line], city: 'Testville', state: 'OK', postalCode: '74104', country: 'US' };
}
