import { UnsecuredJWT } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AUDIENCE, OBSERVATION_CATEGORY } from './fakes.ts';
import {
  AUTH,
  BASE,
  backendToken,
  createWorld,
  fhir,
  launchApp,
  PATIENT_USER,
  PRACTITIONER_USER,
  post,
  send,
  type World,
} from './world.ts';

let world: World;
let token: string;

beforeAll(async () => {
  world = await createWorld();
  token = (await launchApp(world)).body.access_token;
});
beforeEach(() => {
  world.fhir.seen.length = 0;
});

const scoped = async (scope: string): Promise<string> =>
  (await launchApp(world, { parameters: { scope: `launch/patient ${scope}` } })).body.access_token;

interface Bundle {
  readonly total?: number;
  readonly entry?: readonly { resource: { resourceType: string; id: string }; fullUrl?: string }[];
  readonly link?: readonly { url: string }[];
}
const ids = async (response: Response): Promise<readonly string[]> =>
  (((await response.json()) as Bundle).entry ?? []).map((entry) => entry.resource.id);

describe('tokens', () => {
  test('none: 401 with a challenge and no error code', async () => {
    const response = await send(world, '/fhir/Patient/patient-a');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="smartfhir"');
    expect(await response.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login' }],
    });
  });

  test('lower-case scheme and extra spaces are fine', async () => {
    const response = await send(world, '/fhir/Patient/patient-a', {
      headers: { authorization: `bearer   ${token} ` },
    });
    expect(response.status).toBe(200);
  });

  const bad: readonly [string, () => Promise<string> | string][] = [
    ['garbage', () => 'garbage'],
    [
      'an edited payload',
      () => token.replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`),
    ],
    [
      'alg none',
      () => new UnsecuredJWT({ uti: 'x', oid: 'x', azp: 'x', scp: 'x' }).setAudience(AUDIENCE).encode(),
    ],
    ['an id_token', () => world.entra.idToken('id-confidential', PATIENT_USER)],
    ['a token straight from Entra', () => world.entra.userToken('id-confidential', PATIENT_USER)],
    ['an app token straight from Entra', () => world.entra.appToken('id-backend')],
    [
      'another audience',
      () => world.entra.sign({ oid: 'x', azp: 'id-confidential', scp: 'patient.all.rs', sub: 'x' }, 'other'),
    ],
    [
      'a foreign key',
      async () =>
        world.entra.sign({ oid: 'x', azp: 'x', scp: 'x', sub: 'x' }, AUDIENCE, await world.entra.otherKey()),
    ],
  ];
  test.each(bad)('%s: 401 invalid_token', async (_, make) => {
    const response = await fhir(world, await make(), 'Patient/patient-a');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(world.fhir.seen).toEqual([]);
  });

  test('after its hour', async () => {
    const own = await createWorld();
    const { body } = await launchApp(own);
    own.clock.advance(3601_000);
    expect((await fhir(own, body.access_token, 'Patient/patient-a')).status).toBe(401);
  });

  test('in the query: 401 alone, 400 beside the header', async () => {
    expect((await send(world, `/fhir/Patient/patient-a?access_token=${token}`)).status).toBe(401);
    expect((await fhir(world, token, `Patient/patient-a?access_token=${token}`)).status).toBe(400);
    const form = await fhir(world, token, 'Patient/_search', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `access_token=${token}`,
    });
    expect(form.status).toBe(400);
  });

  test('works on a second instance', async () => {
    const request = new Request(`${BASE}/Patient/patient-a`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect((await world.instance().fetch(request)).status).toBe(200);
  });
});

describe('reads of one patient', () => {
  test.each([
    ['Patient/patient-a', 200],
    ['Observation/lab-a', 200],
    ['Observation/lab-a/_history', 200],
    ['Observation/lab-a/_history/1', 200],
    ['Practitioner/practitioner-1', 200],
    ['Binary/bin-a', 200],
    ['Patient/patient-b', 403],
    ['Patient/patient-b/_history', 403],
    ['Patient/patient-b/$everything', 403],
    ['Patient%2Fpatient-b', 403],
    ['Observation/lab-b', 404],
    ['Observation/lab-b/_history', 404],
    ['Observation/lab-b/_history/1', 404],
    ['Device/device-b', 404],
    ['Binary/bin-b', 404],
    ['Observation/none', 404],
    ['Group/none', 404],
    ['Group/group-abc', 404],
    ['NotAType/x', 404],
    ['patient/patient-a', 404],
    ['Observation/lab-a/extra/parts/here', 404],
  ])('%s: %i', async (path, status) => {
    const response = await fhir(world, token, path);
    expect(response.status).toBe(status);
    if (status !== 200) expect(JSON.stringify(await response.json())).not.toContain('patient-b"');
  });

  test('URLs name the public base, in body and headers', async () => {
    const response = await fhir(world, token, 'Observation?patient=patient-a');
    const bundle = (await response.json()) as Bundle;
    expect(bundle.link?.[0]?.url).toContain(`${BASE}/Observation`);
    expect(bundle.entry?.[0]?.fullUrl).toBe(`${BASE}/Observation/lab-a`);
    const read = await fhir(world, token, 'Patient/patient-a');
    expect(read.headers.get('location')).toBe(`${BASE}/Patient/patient-a/_history/1`);
    expect(read.headers.get('etag')).toBe('W/"1"');
  });

  test('only JSON is offered', async () => {
    expect(
      (await fhir(world, token, 'Patient/patient-a', { headers: { accept: 'application/fhir+xml' } })).status,
    ).toBe(406);
    expect((await fhir(world, token, 'Patient/patient-a?_format=xml')).status).toBe(406);
    expect((await fhir(world, token, 'Patient/patient-a?_format=json')).status).toBe(200);
  });

  test('HEAD answers without a body', async () => {
    const response = await fhir(world, token, 'Patient/patient-a', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('searches of one patient', () => {
  test.each<[string, string[]]>([
    ['Observation', ['lab-a', 'vital-a']],
    ['Observation?patient=patient-a', ['lab-a', 'vital-a']],
    ['Observation?subject=Patient/patient-a', ['lab-a', 'vital-a']],
    [`Observation?patient=${encodeURIComponent(`${BASE}/Patient/patient-a`)}`, ['lab-a', 'vital-a']],
    [`Observation?category=${encodeURIComponent(`${OBSERVATION_CATEGORY}|laboratory`)}`, ['lab-a']],
    ['Observation?_id=lab-b', []],
    ['Patient', ['patient-a']],
    ['Patient?_id=patient-a', ['patient-a']],
    ['Patient/patient-a/Observation', ['lab-a', 'vital-a']],
    ['Practitioner', ['practitioner-1']],
    ['Device', []],
    ['Observation?_revinclude=Provenance:target', ['lab-a', 'vital-a', 'prov-a']],
    ['Observation?_include=Observation:subject', ['lab-a', 'vital-a', 'patient-a']],
  ])('%s', async (path, expected) => {
    const response = await fhir(world, token, path);
    expect(response.status).toBe(200);
    expect(await ids(response)).toEqual(expected);
  });

  test.each([
    'Observation?patient=patient-b',
    'Observation?subject=Patient/patient-b',
    'Observation?subject:Patient=patient-b',
    'Observation?patient=patient-a,patient-b',
    'Observation?patient=patient-a&patient=patient-b',
    `Observation?patient=${encodeURIComponent(`${BASE}/Patient/patient-b`)}`,
    'Observation?performer=Patient/patient-b',
    'Patient?_id=patient-b',
    'Patient/patient-b/Observation',
    'ValueSet',
    'Group',
    'Practitioner?_has:Observation:performer:code=x',
    '',
    '_history',
    'Observation/_history',
    '$export',
    'Patient/$export',
    'Group/group-abc/$export',
    'Observation/$lastn',
    'Patient/patient-a/$summary',
    '$docref?patient=patient-b',
  ])('%s: 403', async (path) => {
    const response = await fhir(world, token, path);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('insufficient_scope');
    expect(world.fhir.seen).toEqual([]);
  });

  test.each(['_filter=x', '_query=x', '_list=x', '_text=x', '_content=x'])(
    'Observation?%s: 400',
    async (query) => {
      expect((await fhir(world, token, `Observation?${query}`)).status).toBe(400);
    },
  );

  test('hints that would hide whose a resource is are not passed on', async () => {
    for (const hint of ['_elements=status', '_summary=text', '_summary=true']) {
      await fhir(world, token, `Observation?${hint}`);
      await fhir(world, token, `Observation/lab-a?${hint}`);
    }
    for (const { query } of world.fhir.seen)
      expect([...query.keys()].filter((name) => /_e|_s/.test(name))).toEqual([]);
    await fhir(world, token, 'Observation?_summary=count');
    expect(world.fhir.seen.at(-1)?.query.get('_summary')).toBe('count');
    expect((await fhir(world, token, 'Observation?_has:Provenance:target:agent.name=x')).status).toBe(400);
  });

  test('POST _search is the same', async () => {
    const search = (body: string) =>
      fhir(world, token, 'Observation/_search', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
    expect(await ids(await search(''))).toEqual(['lab-a', 'vital-a']);
    expect(world.fhir.seen[0]?.query.get('patient')).toBe('Patient/patient-a');
    expect((await search('patient=patient-b')).status).toBe(403);
    expect((await fhir(world, token, '_search', { method: 'POST' })).status).toBe(403);
  });

  test('$everything is filtered', async () => {
    const seen = await ids(await fhir(world, token, 'Patient/patient-a/$everything'));
    expect(seen).toContain('lab-a');
    for (const foreign of ['lab-b', 'patient-b', 'device-b', 'prov-b']) expect(seen).not.toContain(foreign);
  });
});

describe('scopes', () => {
  test('types that are not in scope are refused, never an empty 200', async () => {
    const own = await scoped('patient/Patient.rs');
    for (const path of [
      'Observation?patient=patient-a',
      'Observation/lab-a',
      'Encounter/encounter-a',
      'Patient/patient-a/Observation',
    ]) {
      expect((await fhir(world, own, path)).status, path).toBe(403);
    }
    expect((await fhir(world, own, 'Patient?_id=patient-a')).status).toBe(200);
  });

  test('r without s, s without r', async () => {
    const r = await scoped('patient/Observation.r');
    expect((await fhir(world, r, 'Observation/lab-a')).status).toBe(200);
    expect((await fhir(world, r, 'Observation?patient=patient-a')).status).toBe(403);
    const s = await scoped('patient/Observation.s');
    expect((await fhir(world, s, 'Observation?patient=patient-a')).status).toBe(200);
    expect((await fhir(world, s, 'Observation/lab-a')).status).toBe(403);
    expect((await fhir(world, s, 'Observation/lab-a/_history')).status).toBe(403);
  });

  test('includes deliver only types in scope', async () => {
    const own = await scoped('patient/Observation.rs');
    expect(await ids(await fhir(world, own, 'Observation?_include=Observation:subject'))).toEqual([
      'lab-a',
      'vital-a',
    ]);
    expect(await ids(await fhir(world, own, 'Observation?_revinclude=Provenance:target'))).toEqual([
      'lab-a',
      'vital-a',
    ]);
  });

  test.each([
    'Observation?subject:Patient.birthdate=2000-01-01',
    'Observation?patient.name=a',
    'Observation?encounter.status=finished',
    'Observation?_has:Provenance:target:agent=x',
  ])('%s reaches types that are not', async (path) => {
    expect((await fhir(world, await scoped('patient/Observation.rs'), path)).status).toBe(403);
  });

  test('chains within scope pass, ambiguous ones must name the type', async () => {
    expect((await fhir(world, token, 'Observation?patient.name=a')).status).toBe(200);
    expect((await fhir(world, token, 'Observation?focus.code=a')).status).toBe(400);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is refused', async (method) => {
    const path = method === 'POST' ? 'Observation' : 'Observation/lab-a';
    const response = await fhir(world, token, path, {
      method,
      ...(method === 'DELETE' ? {} : { body: '{}' }),
    });
    expect(response.status).toBe(403);
    expect(world.fhir.seen).toEqual([]);
  });

  test('identity scopes alone read nothing', async () => {
    const { body } = await launchApp(world, { choose: () => false });
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(403);
  });
});

describe('granular scopes', () => {
  const granular = (code: string): string =>
    `patient/Observation.rs?category=${OBSERVATION_CATEGORY}|${code}`;

  test('filter searches and reads', async () => {
    const own = await scoped(granular('laboratory'));
    const search = await fhir(world, own, 'Observation?patient=patient-a');
    const bundle = (await search.clone().json()) as Bundle;
    expect(await ids(search)).toEqual(['lab-a']);
    expect(bundle.total).toBe(1);
    expect((await fhir(world, own, 'Observation/lab-a')).status).toBe(200);
    expect((await fhir(world, own, 'Observation/vital-a')).status).toBe(404);
    expect(await ids(await fhir(world, own, 'Observation?category=vital-signs'))).toEqual([]);
  });

  test('add up', async () => {
    const both = await scoped(`${granular('laboratory')} ${granular('vital-signs')}`);
    expect(await ids(await fhir(world, both, 'Observation'))).toEqual(['lab-a', 'vital-a']);
    const wide = await scoped(`${granular('laboratory')} patient/Observation.rs`);
    expect(await ids(await fhir(world, wide, 'Observation'))).toEqual(['lab-a', 'vital-a']);
  });

  test('of different parameters are filtered on the results, without counts', async () => {
    const own = await scoped(`${granular('laboratory')} patient/Observation.rs?status=final`);
    const response = await fhir(world, own, 'Observation');
    expect(((await response.clone().json()) as Bundle).total).toBeUndefined();
    expect(await ids(response)).toEqual(['lab-a']);
    expect((await fhir(world, own, 'Observation?_summary=count')).status).toBe(403);
  });

  test('that cannot be enforced are not granted', async () => {
    const { body } = await launchApp(world, {
      parameters: { scope: 'openid launch/patient patient/Patient.rs patient/Observation.rs?foo=bar' },
    });
    expect(body.scope).toBe('openid launch/patient patient/Patient.rs');
  });
});

describe('batches', () => {
  const batch = (type: string, urls: readonly string[], method = 'GET') =>
    fhir(world, token, '', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({
        resourceType: 'Bundle',
        type,
        entry: urls.map((url) => ({ request: { method, url } })),
      }),
    });

  test('each entry is judged on its own', async () => {
    const response = await batch('batch', [
      'Patient/patient-a',
      'Patient/patient-b',
      'Observation?patient=patient-b',
      'Observation',
      'ValueSet',
    ]);
    expect(response.status).toBe(200);
    const bundle = (await response.json()) as { type: string; entry: { response: { status: string } }[] };
    expect(bundle.type).toBe('batch-response');
    expect(bundle.entry.map((entry) => entry.response.status)).toEqual(['200', '403', '403', '200', '403']);
  });

  test('a transaction stands or falls', async () => {
    expect((await batch('transaction', ['Patient/patient-a', 'Patient/patient-b'])).status).toBe(403);
    expect((await batch('transaction', ['Patient/patient-a'])).status).toBe(200);
  });

  test('writes, absolute URLs, exports and nonsense are refused', async () => {
    const statuses = async (response: Response): Promise<string[]> =>
      ((await response.json()) as { entry: { response: { status: string } }[] }).entry.map(
        (entry) => entry.response.status,
      );
    expect(await statuses(await batch('batch', ['Patient/patient-a'], 'DELETE'))).toEqual(['403']);
    expect(
      await statuses(await batch('batch', ['https://evil.example/Patient/x', '//evil/x', '$export'])),
    ).toEqual(['400', '400', '400']);
    expect((await batch('collection', [])).status).toBe(400);
    expect((await batch('batch', new Array(101).fill('Patient/patient-a'))).status).toBe(413);
    expect((await fhir(world, token, '', { method: 'POST', body: 'x' })).status).toBe(400);
  });
});

describe('other contexts', () => {
  test('user/ scopes are bounded by the FHIR service, not by the launch patient', async () => {
    const launch = await post(world, '/auth/launch', {}, {});
    expect(launch.status).toBe(401);
    const created = await send(world, '/auth/launch', {
      method: 'POST',
      headers: { authorization: `Bearer ${await world.entra.appToken('id-ehr')}` },
      body: JSON.stringify({ clientId: 'id-ehr-app', patient: 'patient-a' }),
    });
    const { launch: id } = (await created.json()) as { launch: string };
    const { body } = await launchApp(
      world,
      { parameters: { scope: 'openid launch user/*.rs', launch: id }, user: PRACTITIONER_USER },
      'ehr-app',
    );
    expect((await fhir(world, body.access_token, 'Patient/patient-b')).status).toBe(200);
  });

  test('patient/ scopes of a practitioner reach the launch patient only', async () => {
    const created = await send(world, `${AUTH}/launch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await world.entra.appToken('id-ehr')}` },
      body: JSON.stringify({ clientId: 'id-ehr-app', patient: 'patient-b' }),
    });
    const { launch } = (await created.json()) as { launch: string };
    const { body } = await launchApp(
      world,
      { parameters: { scope: 'openid launch patient/*.rs', launch }, user: PRACTITIONER_USER },
      'ehr-app',
    );
    expect(body['patient']).toBe('patient-b');
    expect((await fhir(world, body.access_token, 'Patient/patient-b')).status).toBe(200);
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(403);
    expect(await ids(await fhir(world, body.access_token, 'Observation'))).toEqual(['lab-b']);
  });

  test('system/ scopes read every patient within their types', async () => {
    const { body } = await backendToken(world, 'backend', 'system/Patient.rs');
    expect(body.scope).toBe('system/Patient.rs');
    expect((await fhir(world, body.access_token, 'Patient/patient-b')).status).toBe(200);
    expect((await fhir(world, body.access_token, 'Observation/lab-a')).status).toBe(403);
  });
});
