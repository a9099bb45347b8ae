import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  BASE,
  type Call,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  ids,
  observation,
  patient,
} from './fhir-cloud.ts';

let cloud: FhirCloud;
/** A SMART user whose other role would allow every action: only scopes decide. */
let oid: string;

beforeAll(async () => {
  cloud = await fhirCloud();
  oid = cloud.principal('FHIR SMART User', 'FHIR Data Contributor');
  for (const resource of [
    patient('a'),
    patient('b'),
    observation('oa', 'a'),
    observation('ob', 'b'),
    { resourceType: 'Practitioner', id: 'doc' },
    {
      resourceType: 'RelatedPerson',
      id: 'rel-a',
      patient: { reference: 'Patient/a' },
    },
    { resourceType: 'AllergyIntolerance', id: 'all-a', patient: { reference: 'Patient/a' } },
    {
      resourceType: 'AllergyIntolerance',
      id: 'rec-a',
      patient: { reference: 'Patient/b' },
      recorder: { reference: 'Patient/a' },
    },
    {
      resourceType: 'Coverage',
      id: 'payor-a',
      status: 'active',
      beneficiary: { reference: 'Patient/b' },
      payor: [{ reference: 'Patient/a' }],
    },
    {
      resourceType: 'Appointment',
      id: 'app-a',
      status: 'booked',
      participant: [{ actor: { reference: `${BASE}/Patient/a` }, status: 'accepted' }],
    },
    {
      resourceType: 'Provenance',
      id: 'prov-a',
      target: [{ reference: 'Patient/a' }],
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { reference: 'Practitioner/doc' } }],
    },
    { resourceType: 'ValueSet', id: 'vs', status: 'active' },
    { resourceType: 'Patient', id: 'linked', link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] },
    {
      resourceType: 'Observation',
      id: 'elsewhere',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'https://other.example/Patient/a' },
    },
  ]) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  }
});

const as = async (
  scp: string,
  path: string,
  call: Call & { claims?: Record<string, unknown> } = {},
): Promise<Answer> => {
  const { claims = { fhirUser: 'Patient/a' }, ...rest } = call;
  return cloud.call(path, { token: await cloud.token({ oid, scp, ...claims }), ...rest });
};

const PATCH: Call = {
  method: 'PATCH',
  body: [{ op: 'replace', path: '/gender', value: 'female' }],
  headers: { 'content-type': 'application/json-patch+json' },
};

/** What each interaction needs; SMART App Launch 2.2.0, section "Scopes for requesting FHIR Resources". */
const INTERACTIONS: Readonly<Record<string, readonly [path: string, call: Call, letters: string]>> = {
  read: ['/Patient/a', {}, 'r'],
  vread: ['/Patient/a/_history/1', {}, 'r'],
  search: ['/Patient?_id=a', {}, 's'],
  'search by POST': [
    '/Patient/_search',
    { method: 'POST', body: '_id=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    's',
  ],
  compartment: ['/Patient/a/Patient', {}, 's'],
  history: ['/Patient/a/_history', {}, 'r'],
  create: ['/Patient', { method: 'POST', body: patient('x') }, 'c'],
  update: ['/Patient/a', { method: 'PUT', body: patient('a') }, 'u'],
  patch: ['/Patient/a', PATCH, 'u'],
  delete: ['/Patient/none', { method: 'DELETE' }, 'd'],
};

const matrix = Object.entries(INTERACTIONS).flatMap(([name, [path, call, letters]]) =>
  [...'cruds'].map((letter) => [name, letter, path, call, letters.includes(letter)] as const),
);

describe('one letter allows its interactions and no other', () => {
  test.each(matrix)('%s with .%s', async (_name, letter, path, call, allowed) => {
    const answer = await as(`system/Patient.${letter}`, path, { ...call, claims: {} });
    if (allowed) expect(answer.status).toBeLessThan(300);
    else expect([answer.status, diagnostics(answer)]).toEqual([403, 'Authorization failed.']);
  });
});

describe('the words of SMART 1', () => {
  test.each([
    ['read', ['read', 'vread', 'search', 'search by POST', 'compartment', 'history']],
    ['write', ['create', 'update', 'patch', 'delete']],
    ['*', Object.keys(INTERACTIONS)],
    ['all', Object.keys(INTERACTIONS)],
  ])('.%s', async (word, allowed) => {
    for (const [name, [path, call]] of Object.entries(INTERACTIONS)) {
      const { status } = await as(`system/Patient.${word}`, path, { ...call, claims: {} });
      expect([name, status < 300 ? 'allowed' : status]).toEqual([
        name,
        allowed.includes(name) ? 'allowed' : 403,
      ]);
    }
  });
});

describe('scopes of another type allow nothing', () => {
  test.each(Object.entries(INTERACTIONS))('%s', async (_name, [path, call]) => {
    expect((await as('system/Observation.cruds', path, { ...call, claims: {} })).status).toBe(403);
  });
});

describe('how a scope may be written', () => {
  test.each([
    'patient/Patient.rs',
    'patient.Patient.rs',
    'patient$Patient.rs',
    'patient%2FPatient.rs',
    'patient/*.rs',
    'patient/all.rs',
    'patient.all.rs',
    '  openid   patient/Patient.rs  ',
    'launch/patient patient/Patient.rs offline_access',
    'patient/Patient.rs patient/Patient.rs',
    'patient/Patient.sr',
    'patient/Patient.rs?gender=female',
    'patient/Patient.rs?gender=female&_id=a',
    'patient/Patient.rs?identifier=nobody patient/Patient.rs',
  ])('%s lets a patient be read', async (scp) => {
    expect((await as(scp, '/Patient/a')).status).toBe(200);
  });

  test.each([
    ['', 403],
    ['openid fhirUser', 403],
    ['patient/', 403],
    ['patient/Patient', 403],
    ['patient/Patient.', 403],
    ['Patient/Patient.rs', 403],
    ['xpatient/Patient.rs', 403],
    ['patient:Patient.rs', 403],
    ['patient/Patient.x', 403],
    ['patient/Patient.rx', 400],
    ['patient/Patient.rs,openid', 400],
    ['patient/Patient.rs/', 400],
    ['patient/Patient.rs?', 400],
    ['patient/Patient.rs?gender', 400],
    ['patient/Patient.rs?gender=', 400],
    ['patient/Patient.rs?=female', 400],
    ['patient/Patient.rs?gender=female&', 400],
    ['patient/Patient.rs system/Patient.rs', 400],
    ['patient/Patient.rs user/Patient.rs', 400],
    ['patient/Patient.rs patient/Observation.read', 400],
    ['patient/Patiant.rs', 400],
    ['patient/Patient.rs?gender:not=male', 400],
    ['patient/Patient.rs?identifier:of-type=x', 400],
    ['patient/Patient.rs?organization.name=x', 400],
    ['patient/Patient.rs?_revinclude=x', 400],
  ])('%s does not: %i', async (scp, status) => {
    expect((await as(scp, '/Patient/a')).status).toBe(status);
  });
});

test('a token beyond sixteen kilobytes is not even looked into', async () => {
  expect((await as(`patient/Patient.rs ${'openid '.repeat(2000)}`, '/Patient/a')).status).toBe(401);
  expect((await as(`patient/Patient.rs ${'openid '.repeat(1000)}`, '/Patient/a')).status).toBe(200);
});

describe('whose compartment', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['an absolute URL of this service', { fhirUser: `${BASE}/Patient/a` }, 200],
    ['an absolute URL of a gateway', { fhirUser: 'https://gateway.example/fhir/Patient/a' }, 200],
    ['a relative one', { fhirUser: 'Patient/a' }, 200],
    ['with a slash behind', { fhirUser: 'Patient/a/' }, 200],
    ['the extension claim', { extension_fhirUser: 'Patient/a' }, 200],
    ['an empty claim beside the extension', { fhirUser: '', extension_fhirUser: 'Patient/a' }, 200],
    ['another patient', { fhirUser: 'Patient/b' }, 404],
    ['a practitioner without patients', { fhirUser: 'Practitioner/doc' }, 404],
    ['nobody', {}, 400],
    ['a list', { fhirUser: ['Patient/a'] }, 400],
    ['an id alone', { fhirUser: 'a' }, 400],
    ['small letters', { fhirUser: 'patient/a' }, 400],
    ['a related person', { fhirUser: 'RelatedPerson/rel-a' }, 400],
    ['a URL that is none', { fhirUser: 'https://[/Patient/a' }, 400],
  ])('%s', async (_name, claims, status) => {
    expect((await as('patient/Patient.rs', '/Patient/a', { claims })).status).toBe(status);
  });
});

describe('members of the patient compartment, FHIR R4 CompartmentDefinition/patient', () => {
  test.each([
    ['Patient', ['a', 'linked']],
    ['Observation', ['oa']],
    ['RelatedPerson', ['rel-a']],
    ['AllergyIntolerance', ['all-a', 'rec-a']],
    ['Coverage', ['payor-a']],
    ['Appointment', ['app-a']],
    ['Provenance', ['prov-a']],
    ['ValueSet', []],
    ['Practitioner', ['doc']],
  ])('%s', async (type, expected) => {
    expect(ids(await as(`patient/${type}.rs`, `/${type}`)).sort()).toEqual(expected);
  });
});
