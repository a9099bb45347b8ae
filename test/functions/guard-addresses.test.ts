import { beforeAll, describe, expect, test } from 'vitest';
import {
  backendToken,
  createWorld,
  fhir,
  launchApp,
  PRACTITIONER_USER,
  post,
  send,
  type World,
} from './world.ts';

/** Addresses and forms of requests below the FHIR base, for tokens whose scopes would allow everything. */

let world: World;
let user: string;
let system: string;
let patient: string;

beforeAll(async () => {
  world = await createWorld();
  system = (await backendToken(world)).body.access_token;
  patient = (await launchApp(world)).body.access_token;
  const ehr = await world.entra.appToken('id-ehr');
  const made = await send(world, '/auth/launch', {
    method: 'POST',
    headers: { authorization: `Bearer ${ehr}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: 'id-ehr-app', patient: 'patient-a' }),
  });
  const { launch } = (await made.json()) as { launch: string };
  const parameters = { launch, scope: 'launch openid user/*.rs' };
  user = (await launchApp(world, { user: PRACTITIONER_USER, parameters }, 'ehr-app')).body.access_token;
});

/** Status, and whether the FHIR service was asked. */
async function asked(token: string, path: string, init: RequestInit = {}): Promise<[number, boolean]> {
  const before = world.fhir.seen.length;
  const { status } = await fhir(world, token, path, init);
  return [status, world.fhir.seen.length > before];
}

describe('are refused without asking the FHIR service', () => {
  test.each<[string, number]>([
    ['', 403],
    ['_history', 403],
    ['Patient/_history', 403],
    ['Patient/_search', 405],
    ['$meta', 403],
    ['Patient/$validate', 403],
    ['Patient/patient-a/$meta', 403],
    ['Observation/lab-a/$everything', 403],
    ['Patient/patient-a/$everything/x', 404],
    ['Group/group-abc/$export/x', 404],
    ['Patient/$export/x', 403],
    ['$export/x', 403],
    ['Nonsense', 404],
    ['Nonsense/x', 404],
    ['observation', 404],
    ['Observation/a_b', 404],
    [`Observation/${'a'.repeat(65)}`, 404],
    ['Observation/lab-a/_history/a_b', 404],
    ['Observation/lab-a/_history/1/x', 404],
    ['Observation/lab-a/Patient', 404],
    ['Patient/patient-a/*', 404],
    ['Patient/patient-a/Nonsense', 404],
    ['Patient/a_b/Observation', 404],
    ['Patient/patient-a/Observation/lab-a', 404],
    ['_operations/export/a_b', 404],
    ['_operations/export/1/x', 404],
    ['%', 400],
    ['Observation/%E0%A4%A', 400],
  ])('%j: %i', async (path, status) => {
    expect(await asked(user, path)).toEqual([status, false]);
  });

  // A path that the URL parser would shorten is not what was understood of it.
  test.each([
    'Observation%2F..',
    'Observation%2F.',
    'Encounter%2F..%2FPatient',
    'Patient%2F..%2F$everything',
    'Group%2F..%2F$export',
    'Observation%2Flab-a%2F_history%2F..',
    '..%2Fmetadata',
  ])('%s has a step of a path for an id', async (path) => {
    for (const token of [user, system]) expect(await asked(token, path)).toEqual([404, false]);
  });

  test.each<[string, string, number]>([
    ['POST', 'Patient', 403],
    ['POST', 'Patient/patient-a', 403],
    ['POST', '$export', 405],
    ['POST', 'Patient/$export', 405],
    ['POST', 'Patient/$match', 403],
    ['POST', '_search', 403],
    ['POST', 'Nonsense/_search', 404],
    ['POST', 'Observation/lab-a/Patient/_search', 403],
    ['POST', 'Patient/a_b/Observation/_search', 404],
    ['POST', 'Patient/patient-a/Nonsense/_search', 404],
    ['PUT', 'Patient/patient-a', 403],
    ['PATCH', 'Patient/patient-a', 403],
    ['DELETE', 'Patient/patient-a', 403],
    ['PUT', '_operations/export/1', 405],
    ['POST', '_operations/export/1', 405],
  ])('%s %s: %i', async (method, path, status) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await asked(user, path, { method, headers: form, body: '_id=1' })).toEqual([status, false]);
  });
});

describe('a search by POST', () => {
  const search = (path: string, body: string, type = 'application/x-www-form-urlencoded') =>
    fhir(world, user, path, { method: 'POST', headers: { 'content-type': type }, body });

  test('in a compartment is one search, its parameters in the body', async () => {
    expect((await search('Patient/patient-a/Observation/_search?_count=5', 'code=x')).status).toBe(200);
    const last = world.fhir.seen.at(-1);
    expect([last?.method, last?.url.pathname, last?.url.search]).toEqual([
      'POST',
      '/Patient/patient-a/Observation/_search',
      '',
    ]);
    expect(Object.fromEntries(last?.query ?? [])).toMatchObject({ _count: '5', code: 'x' });
  });

  test.each(['application/json', 'text/plain', ''])('of type %j is refused', async (type) => {
    const before = world.fhir.seen.length;
    const response = await search('Observation/_search', '_id=1', type);
    expect([response.status, world.fhir.seen.length]).toEqual([400, before]);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test('with a token in the body is refused', async () => {
    const response = await search('Observation/_search', 'access_token=x');
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toContain('invalid_request');
  });

  test('of more than 64 kB is refused', async () => {
    expect((await search('Observation/_search', `_id=${'x'.repeat(70_000)}`)).status).toBe(413);
  });
});

// FHIR R4 http: _format goes before Accept; only JSON can be guarded.
describe('formats', () => {
  test.each<[string | undefined, string, number]>([
    [undefined, '', 200],
    ['*/*', '', 200],
    ['application/*', '', 200],
    ['application/fhir+json', '', 200],
    ['application/json;q=0.9', '', 200],
    ['text/html, application/fhir+json', '', 200],
    ['application/fhir+xml', '', 406],
    ['text/turtle', '', 406],
    ['application/fhir+json', '?_format=xml', 406],
    ['application/fhir+xml', '?_format=json', 200],
    ['application/fhir+xml', '?_format=application/fhir%2Bjson', 200],
  ])('Accept %s with %j: %i', async (accept, query, status) => {
    const headers = accept === undefined ? {} : { accept };
    const response = await fhir(world, user, `Patient/patient-a${query}`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  });
});

describe('preferences', () => {
  test.each<[string, string | null]>([
    ['handling=strict', 'handling=strict'],
    ['return=minimal, handling=lenient', 'handling=lenient'],
    ['respond-async', null],
    ['handling=other', null],
  ])('%s is passed on as %s', async (prefer, passed) => {
    await fhir(world, user, 'Observation', { headers: { prefer } });
    expect(world.fhir.seen.at(-1)?.headers.get('prefer')).toBe(passed);
  });
});

describe('entries of a batch', () => {
  const batch = (bundle: unknown, token = user) =>
    fhir(world, token, '', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(bundle),
    });
  const statusOf = async (entry: unknown, token = user): Promise<string | undefined> => {
    const response = await batch({ resourceType: 'Bundle', type: 'batch', entry: [entry] }, token);
    const { entry: answers } = (await response.json()) as { entry: { response: { status: string } }[] };
    return answers[0]?.response.status;
  };

  test.each<[unknown, string]>([
    [null, '400'],
    ['text', '400'],
    [{}, '400'],
    [{ request: null }, '400'],
    [{ request: { method: 'GET' } }, '400'],
    [{ request: { method: 1, url: 'Patient' } }, '400'],
    [{ request: { method: 'get', url: 'Patient' } }, '403'],
    [{ request: { method: 'POST', url: 'Patient' } }, '403'],
    [{ request: { method: 'HEAD', url: 'Patient' } }, '403'],
    [{ request: { method: 'GET', url: '' } }, '403'],
    [{ request: { method: 'GET', url: 'Observation/..' } }, '404'],
    [{ request: { method: 'GET', url: 'Patient%2Fpatient-a' } }, '404'],
    [{ request: { method: 'GET', url: 'HTTPS://evil.example/Patient' } }, '400'],
    [{ request: { method: 'GET', url: 'Patient/$export' } }, '400'],
    [{ request: { method: 'GET', url: 'Observation/none' } }, '404'],
    [{ request: { method: 'GET', url: '/Patient/patient-a' } }, '200'],
    [{ request: { method: 'GET', url: 'Observation?_id=lab-a' } }, '200'],
  ])('%j: %s', async (entry, status) => {
    expect(await statusOf(entry)).toBe(status);
  });

  test('a token for one patient is held to it', async () => {
    const of = (url: string) => statusOf({ request: { method: 'GET', url } }, patient);
    expect([
      await of('Patient/patient-a'),
      await of('Patient/patient-b'),
      await of('Device/device-b'),
    ]).toEqual(['200', '403', '404']);
  });

  test.each<[string, unknown, number]>([
    ['no Bundle', { resourceType: 'Patient' }, 400],
    ['no type', { resourceType: 'Bundle', entry: [] }, 400],
    ['entries that are no list', { resourceType: 'Bundle', type: 'batch', entry: {} }, 400],
    ['no entries', { resourceType: 'Bundle', type: 'batch' }, 400],
    ['null', null, 400],
    ['an empty list', { resourceType: 'Bundle', type: 'batch', entry: [] }, 200],
    ['more than 2 MB', { resourceType: 'Bundle', id: 'x'.repeat(2_100_000) }, 413],
  ])('%s: %i', async (_, bundle, expected) => {
    expect((await batch(bundle)).status).toBe(expected);
  });

  test('a hundred are answered, in order', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'lab-a' : 'none'));
    const entry = ids.map((id) => ({ request: { method: 'GET', url: `Observation/${id}` } }));
    const response = await batch({ resourceType: 'Bundle', type: 'batch', entry });
    const { entry: answers } = (await response.json()) as { entry: { response: { status: string } }[] };
    expect(answers.map((one) => one.response.status)).toEqual(
      ids.map((id) => (id === 'lab-a' ? '200' : '404')),
    );
  });

  test('a transaction with an entry that is not there fails whole', async () => {
    const entry = ['Patient/patient-a', 'Observation/none'].map((url) => ({
      request: { method: 'GET', url },
    }));
    expect((await batch({ resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(404);
  });
});

describe('what the FHIR service answers', () => {
  const answering = async (answer: () => Response, path = 'Patient/patient-a'): Promise<Response> => {
    const whole = world.fhir.fetch;
    world.fhir.fetch = async () => answer();
    try {
      return await fhir(world, user, path);
    } finally {
      world.fhir.fetch = whole;
    }
  };

  test.each<[string, () => Response, number]>([
    ['a page', () => new Response('<html>'), 502],
    ['its own refusal', () => Response.json({ resourceType: 'OperationOutcome' }, { status: 403 }), 403],
    ['throttling', () => new Response(null, { status: 429, headers: { 'retry-after': '3' } }), 429],
    ['gone', () => Response.json({ resourceType: 'OperationOutcome' }, { status: 410 }), 410],
  ])('%s: %i', async (_, answer, status) => {
    const response = await answering(answer);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(status === 429 ? '3' : null);
  });

  test('401 is told as an invalid token, with a challenge of ours', async () => {
    const headers = { 'www-authenticate': 'Bearer authorization_uri="https://login.example"' };
    const response = await answering(() => new Response(null, { status: 401, headers }));
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="smartfhir", error="invalid_token"');
  });

  test('headers of the service stay behind, but the few that clients need', async () => {
    const headers = { etag: 'W/"2"', 'set-cookie': 'a=b', server: 'x', 'x-ms-request-charge': '7' };
    const response = await answering(() =>
      Response.json({ resourceType: 'Patient', id: 'patient-a' }, { headers }),
    );
    expect(response.headers.get('etag')).toBe('W/"2"');
    for (const name of ['set-cookie', 'server', 'x-ms-request-charge'])
      expect(response.headers.has(name)).toBe(false);
  });

  test('a redirect is not followed', async () => {
    const headers = { location: 'http://169.254.169.254/' };
    const response = await answering(() => new Response(null, { status: 302, headers }));
    expect(response.status).toBe(302);
  });
});

test('the token endpoint and the FHIR base do not take each other’s requests', async () => {
  expect((await post(world, '/fhir/token', { grant_type: 'x' })).status).toBe(401);
  expect((await send(world, '/auth/Patient')).status).toBe(404);
  expect((await send(world, '/elsewhere')).status).toBe(404);
});
