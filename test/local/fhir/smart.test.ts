import { beforeAll, describe, expect, test } from 'vitest';
import { parseClinicalScopes } from '../../../src/local/fhir/smart/clinical-scopes.ts';
import {
  type Answer,
  BASE,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  ids,
  observation,
  patient,
} from './fhir-cloud.ts';

let cloud: FhirCloud;
let user: string;
let both: string;

beforeAll(async () => {
  cloud = await fhirCloud();
  user = cloud.principal('FHIR SMART User');
  both = cloud.principal('FHIR SMART User', 'FHIR Data Contributor');
  const lab = {
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
      },
    ],
  };
  for (const resource of [
    { resourceType: 'Organization', id: 'org', name: 'Clinic' },
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'House' }] },
    { resourceType: 'Location', id: 'loc', name: 'Room' },
    { resourceType: 'Medication', id: 'med', code: { text: 'x' } },
    patient('a', { generalPractitioner: [{ reference: 'Practitioner/doc' }] }),
    patient('b'),
    observation('vital-a', 'a', { performer: [{ reference: 'Practitioner/doc' }] }),
    observation('lab-a', 'a', lab),
    observation('vital-b', 'b'),
    observation('focus-a', 'b', { focus: [{ reference: 'Patient/a' }] }),
    {
      resourceType: 'Encounter',
      id: 'enc-a',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/a' },
    },
    { resourceType: 'Device', id: 'free' },
    { resourceType: 'Device', id: 'dev-a', patient: { reference: 'Patient/a' } },
    { resourceType: 'Device', id: 'dev-b', patient: { reference: 'Patient/b' } },
    {
      resourceType: 'MedicationRequest',
      id: 'mr-a',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/a' },
      medicationReference: { reference: 'Medication/med' },
    },
    {
      resourceType: 'Condition',
      id: 'cond-a',
      subject: { reference: 'Patient/a' },
      evidence: [{ detail: [{ reference: 'Observation/vital-b' }, { reference: 'Observation/vital-a' }] }],
    },
  ]) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  }
});

const as = async (
  scp: string,
  path: string,
  options: {
    fhirUser?: string | undefined;
    oid?: string;
    claims?: Record<string, unknown>;
    method?: string;
    body?: unknown;
  } = {},
): Promise<Answer> => {
  const { fhirUser = `${BASE}/Patient/a`, oid = user, claims = {}, ...call } = options;
  const named = 'fhirUser' in options && options.fhirUser === undefined ? {} : { fhirUser };
  return cloud.call(path, { token: await cloud.token({ oid, scp, ...named, ...claims }), ...call });
};
const seen = async (scp: string, path: string, fhirUser?: string): Promise<string[]> =>
  ids(await as(scp, path, fhirUser === undefined ? {} : { fhirUser })).sort();

describe('scopes', () => {
  test.each([
    ['patient/Observation.read', ['patient', 'Observation']],
    ['patient.Observation.rs', ['patient', 'Observation']],
    ['patient$Observation.sr', ['patient', 'Observation']],
    ['patient%2FObservation.rs', ['patient', 'Observation']],
    ['user/*.read', ['user', 'all']],
    ['system.all.rs', ['system', 'all']],
  ])('%s is read', (text, expected) => {
    const [scope] = parseClinicalScopes(`openid ${text} launch fhirUser`);
    expect([scope?.context, scope?.resource]).toEqual(expected);
  });

  test.each([
    ['patient/Observation.read-only', 'could not be parsed'],
    ['patient/Observation.rsXYZ', 'could not be parsed'],
    ['patient/Observation.rs?active', 'could not be parsed'],
    ['patient/Observation.rrs', 'could not be parsed'],
    ['patient/Observation.rs?code=a=b', 'could not be parsed'],
    ['patient/Observation.read patient/Patient.rs', 'Mixed SMART v1 and v2'],
    ['patient/Observation.rs user/Patient.rs', 'single context'],
    ['patient/Observaton.rs', "'Observaton' is not a supported"],
    ['patient/observation.rs', "'observation' is not a supported"],
    ['patient/Observation.rs?code:in=x', 'modifiers are not supported'],
    ['patient/Observation.rs?subject.name=x', 'Chained'],
    ['patient/Observation.rs?_has:Provenance:target:x=y', 'Chained'],
    ['patient/Observation.rs?_include=x', '_include and _revinclude'],
  ])('%s is refused', async (scp, text) => {
    const answer = await as(scp, '/Patient/a');
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
  });

  test('what is no clinical scope counts for nothing', async () => {
    expect((await as('openid launch user_impersonation', '/Patient/a')).status).toBe(403);
    expect((await as('patient/Patient.RS', '/Patient/a')).status).toBe(403);
  });

  test('letters decide read by id and search', async () => {
    expect((await as('patient/Patient.r', '/Patient/a')).status).toBe(200);
    expect((await as('patient/Patient.r', '/Patient')).status).toBe(403);
    expect((await as('patient/Patient.s', '/Patient/a')).status).toBe(403);
    expect((await as('patient/Patient.s', '/Patient')).status).toBe(200);
    expect((await as('patient/Patient.read', '/Patient')).status).toBe(200);
    expect((await as('patient/Observation.rs', '/Patient/a')).status).toBe(403);
  });

  test('app roles are read like scopes, raw_scope replaces all', async () => {
    const claims = { scp: undefined, roles: ['system.Patient.rs'] };
    expect(ids(await as('', '/Patient', { fhirUser: undefined, claims })).sort()).toEqual(['a', 'b']);
    const raw = { raw_scope: 'patient/Observation.rs' };
    expect((await as('patient/Patient.rs', '/Patient/a', { claims: raw })).status).toBe(403);
  });
});

describe('fhirUser', () => {
  test.each([
    [undefined, 'cannot be null'],
    ['Patient', 'ending format'],
    [`${BASE}/RelatedPerson/x`, 'must have a resource type'],
    [`${BASE}/Person/x`, 'must have a resource type'],
  ])('%s is refused', async (fhirUser, text) => {
    const answer = await as('patient/Patient.rs', '/Patient/a', { fhirUser });
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
  });

  test('a relative one and extension_fhirUser work', async () => {
    expect((await as('patient/Patient.rs', '/Patient/a', { fhirUser: 'Patient/a' })).status).toBe(200);
    const claims = { extension_fhirUser: 'Patient/a' };
    expect((await as('patient/Patient.rs', '/Patient/a', { fhirUser: undefined, claims })).status).toBe(200);
  });

  test('system scopes need none and see all', async () => {
    expect(ids(await as('system/Patient.rs', '/Patient', { fhirUser: undefined })).sort()).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('the compartment bounds what a patient sees', () => {
  test('own resources, never those of others', async () => {
    expect(await seen('patient/*.rs', '/Patient')).toEqual(['a']);
    expect(await seen('patient/*.rs', '/Observation')).toEqual(['lab-a', 'vital-a']);
    expect((await as('patient/*.rs', '/Observation/vital-b')).status).toBe(404);
    expect((await as('patient/*.rs', '/Observation/vital-b/_history/1')).status).toBe(404);
    expect((await as('patient/*.rs', '/Observation/vital-b/_history')).status).toBe(404);
    expect((await as('patient/*.rs', '/Observation/vital-a/_history/1')).status).toBe(200);
    expect(await seen('patient/*.rs', '/Observation?patient=b')).toEqual([]);
    expect(await seen('patient/*.rs', '/Patient/b/Observation')).toEqual([]);
  });

  test('focus never makes a member', async () => {
    expect((await as('patient/*.rs', '/Observation/focus-a')).status).toBe(404);
  });

  test('universal types are shared, devices only when nobody else has them', async () => {
    for (const place of ['Organization/org', 'Practitioner/doc', 'Location/loc', 'Medication/med']) {
      expect((await as('patient/*.rs', `/${place}`)).status).toBe(200);
    }
    expect(await seen('patient/*.rs', '/Device')).toEqual(['dev-a', 'free']);
    expect(await seen('user/*.rs', '/Device', `${BASE}/Practitioner/doc`)).toEqual(['free']);
  });

  test('everything at once stays inside scopes and compartment', async () => {
    expect(await seen('patient/*.rs', '/?_type=Observation,Encounter,Patient')).toEqual([
      'a',
      'enc-a',
      'lab-a',
      'vital-a',
    ]);
    expect(await seen('patient/Encounter.rs patient/Patient.rs', '/')).toEqual(['a', 'enc-a']);
    expect(await seen('patient/*.rs', '/Patient/a/$everything?_count=100')).toEqual(
      expect.arrayContaining(['a', 'enc-a', 'lab-a', 'vital-a']),
    );
    expect((await as('patient/*.rs', '/Patient/b/$everything')).status).toBe(404);
    expect(
      (await as('patient/Patient.rs', '/Patient/a/$everything')).body.entry.map(
        (entry: { resource: { id: string } }) => entry.resource.id,
      ),
    ).toEqual(['a']);
  });

  test('a practitioner sees the practitioner compartment', async () => {
    expect(await seen('user/*.rs', '/Patient', `${BASE}/Practitioner/doc`)).toEqual(['a']);
    expect(await seen('user/*.rs', '/Observation', `${BASE}/Practitioner/doc`)).toEqual(['vital-a']);
  });

  test('totals and pages count only what may be seen', async () => {
    expect((await as('patient/*.rs', '/Observation?_total=accurate&_count=1')).body.total).toBe(2);
  });
});

describe('granular scopes', () => {
  const category = (code: string) => `http://terminology.hl7.org/CodeSystem/observation-category|${code}`;

  test('constrain reads and searches', async () => {
    const scp = `patient/Observation.rs?category=${category('laboratory')}`;
    expect(await seen(scp, '/Observation')).toEqual(['lab-a']);
    expect((await as(scp, '/Observation/lab-a')).status).toBe(200);
    expect((await as(scp, '/Observation/vital-a')).status).toBe(404);
  });

  test('several add up, an unconstrained one covers all', async () => {
    const lab = `patient/Observation.rs?category=${category('laboratory')}`;
    const vital = `patient/Observation.rs?category=${category('vital-signs')}`;
    expect(await seen(`${lab} ${vital}`, '/Observation')).toEqual(['lab-a', 'vital-a']);
    expect(await seen(`${lab} patient/Observation.rs`, '/Observation')).toEqual(['lab-a', 'vital-a']);
  });

  test('one that cannot be enforced lets nothing through', async () => {
    expect(await seen('patient/Observation.rs?frob=1', '/Observation')).toEqual([]);
  });
});

describe('includes and chains', () => {
  test('what is included must be covered and inside', async () => {
    const scp = 'patient/MedicationRequest.rs patient/Medication.rs';
    const included = await as(scp, '/MedicationRequest?_include=MedicationRequest:medication');
    expect(ids(included, 'include')).toEqual(['med']);
    const uncovered = await as(
      'patient/MedicationRequest.rs',
      '/MedicationRequest?_include=MedicationRequest:medication',
    );
    expect([ids(uncovered), ids(uncovered, 'include')]).toEqual([['mr-a'], []]);
    const outside = await as('patient/*.rs', '/Condition?_include=Condition:evidence-detail');
    expect(ids(outside, 'include')).toEqual(['vital-a']);
    const reverse = await as('patient/*.rs', '/Patient?_revinclude=Observation:patient');
    expect(ids(reverse, 'include').sort()).toEqual(['lab-a', 'vital-a']);
  });

  test('a chain into an uncovered type is 403', async () => {
    const chained = await as('patient/Observation.rs', '/Observation?patient.family=x');
    expect([chained.status, diagnostics(chained)]).toEqual([403, expect.stringContaining('(rev)chained')]);
    expect((await as('patient/Patient.rs', '/Patient?_has:Observation:patient:status=final')).status).toBe(
      403,
    );
    expect((await as('patient/*.rs', '/Observation?patient.family=family-a')).status).toBe(200);
  });
});

describe('a SMART user cannot write', () => {
  test.each([
    ['POST', '/Patient'],
    ['PUT', '/Patient/a'],
    ['DELETE', '/Patient/a'],
  ])('%s %s is 403 whatever the scopes', async (method, path) => {
    const body = method === 'DELETE' ? {} : { body: patient('a') };
    expect((await as('patient/*.cruds', path, { method, ...body })).status).toBe(403);
  });

  test('batches read entry by entry', async () => {
    const entry = ['Patient/a', 'Patient/b', 'Observation'].map((url) => ({
      request: { method: 'GET', url },
    }));
    const answer = await as('patient/*.rs', '/', {
      method: 'POST',
      body: { resourceType: 'Bundle', type: 'batch', entry },
    });
    expect(answer.body.entry.map((item: { response: { status: string } }) => item.response.status)).toEqual([
      '200',
      '404',
      '200',
    ]);
  });

  test('another role beside it still obeys the scopes', async () => {
    expect(
      (await as('patient/Patient.rs', '/Patient/a', { oid: both, method: 'PUT', body: patient('a') })).status,
    ).toBe(403);
    expect((await as('patient/Patient.rs', '/Observation', { oid: both })).status).toBe(403);
  });
});

test('without the SMART role scopes do not matter', async () => {
  const oid = cloud.principal('FHIR Data Reader');
  expect(
    ids(await as('patient/Patient.rs user/Patient.read', '/Observation', { oid, fhirUser: undefined }))
      .length,
  ).toBe(4);
});
