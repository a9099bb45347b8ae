import { beforeEach, describe, expect, test } from 'vitest';
import { BLOB } from './fakes.ts';
import { backendToken, createWorld, FILES, fhir, send, type World } from './world.ts';

/** Bulk Data exports at their edges: parameters, scopes, and what the FHIR service may answer. */

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const CONTAINER = `${BLOB}export-id-backend/`;
const tokenFor = async (scope?: string): Promise<string> =>
  (await backendToken(world, 'backend', scope)).body.access_token;
const kickOff = (token: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fhir(world, token, path, { headers: { prefer: 'respond-async', ...headers } });

/** The FHIR service answers what `choose` gives, else as ever. */
function answering(choose: (request: Request) => Response | undefined): void {
  const whole = world.fhir.fetch;
  world.fhir.fetch = async (request) => choose(request) ?? whole(request);
}

const manifest = (more: object): object => ({
  transactionTime: '2026-11-24T20:00:00Z',
  request: 'x',
  requiresAccessToken: false,
  ...more,
});

async function statusWith(body: object | null, status = 200, path = 'Group/group-abc/$export') {
  const token = await tokenFor();
  const started = await kickOff(token, path);
  answering((request) =>
    request.url.includes('_operations')
      ? new Response(body === null ? null : JSON.stringify(body), { status })
      : undefined,
  );
  const location = started.headers.get('content-location') ?? '';
  const authorization = `Bearer ${token}`;
  return { token, location, response: await send(world, location, { headers: { authorization } }) };
}

describe('starting', () => {
  test.each([
    '_container',
    '_format',
    '_anonymizationConfig',
    '_anonymizationConfigCollectionReference',
    '_anonymizationConfigEtag',
  ])('%s is not the client’s to say', async (name) => {
    const response = await kickOff(await tokenFor(), `$export?${name}=x`);
    expect(response.status).toBe(400);
    expect(world.fhir.seen).toEqual([]);
  });

  test.each<[scope: string, path: string, status: number, types: string | null]>([
    ['system/*.rs', '$export', 202, null],
    ['system/*.rs', '$export?_type=Patient', 202, 'Patient'],
    ['system/*.rs', '$export?_type=Patient&_type=Observation', 202, 'Patient,Observation'],
    ['system/*.rs', '$export?_type=', 202, null],
    ['system/Observation.rs', '$export', 202, 'Observation'],
    ['system/Patient.rs system/Observation.rs', 'Patient/$export', 202, 'Patient,Observation'],
    ['system/Patient.rs', 'Group/group-abc/$export', 202, 'Patient'],
    ['system/Observation.rs', 'Patient/$export', 403, null],
    ['system/Observation.rs', 'Group/group-abc/$export', 403, null],
    ['system/Patient.rs', '$export?_type=Patient,Observation', 403, null],
    ['system/Patient.r', '$export', 403, null],
    ['system/Patient.s', '$export', 403, null],
  ])('with %s: %s is %i, types %s', async (scope, path, status, types) => {
    const response = await kickOff(await tokenFor(scope), path);
    expect(response.status).toBe(status);
    const started = world.fhir.seen.findLast(({ url }) => url.pathname.endsWith('$export'));
    expect(started?.query.get('_type') ?? null).toBe(types);
    expect(started === undefined).toBe(status !== 202);
  });

  test('filters of several parameters are one list', async () => {
    const filters = ['Observation?code=a', 'Observation?code=b'].map(encodeURIComponent);
    await kickOff(await tokenFor(), `$export?_typeFilter=${filters[0]}&_typeFilter=${filters[1]}`);
    expect(world.fhir.seen.at(-1)?.query.get('_typeFilter')).toBe('Observation?code=a,Observation?code=b');
  });

  test.each([
    ['respond-async', 'respond-async'],
    ['respond-async, handling=lenient', 'respond-async, handling=lenient'],
    ['', 'respond-async'],
  ])('Prefer %j is %j at the service', async (prefer, passed) => {
    await kickOff(await tokenFor(), '$export', { prefer });
    expect(world.fhir.seen.at(-1)?.headers.get('prefer')).toBe(passed);
  });

  test.each<[string, Response, number]>([
    ['a refusal is passed on', Response.json({ resourceType: 'OperationOutcome' }, { status: 400 }), 400],
    ['too many exports', new Response(null, { status: 429, headers: { 'retry-after': '9' } }), 429],
    ['202 without an address', new Response(null, { status: 202 }), 502],
    [
      'an address that is none of a job',
      new Response(null, { status: 202, headers: { 'content-location': 'https://evil.example/x' } }),
      502,
    ],
  ])('%s', async (_, answer, status) => {
    const token = await tokenFor();
    answering((request) => (request.url.includes('export') ? answer : undefined));
    const response = await kickOff(token, '$export');
    expect([response.status, response.headers.get('content-location')]).toEqual([status, null]);
  });

  test('a group that is gone is not there', async () => {
    const token = await tokenFor();
    answering((request) =>
      request.url.endsWith('/Group/gone') ? new Response(null, { status: 410 }) : undefined,
    );
    expect((await kickOff(token, 'Group/gone/$export')).status).toBe(404);
  });
});

describe('a manifest', () => {
  test('with lists of all kinds: files are numbered through', async () => {
    const file = (type: string, name: string) => ({ type, url: `${CONTAINER}${name}`, count: 1 });
    const { response } = await statusWith(
      manifest({
        output: [file('Patient', 'a.ndjson'), file('Patient', 'b%20c.ndjson?sig=x')],
        error: [file('OperationOutcome', 'e.ndjson')],
        deleted: [file('Bundle', 'd.ndjson')],
        issues: [{ url: 'https://acct.blob.core.windows.net/x' }],
      }),
    );
    const body = (await response.json()) as Record<string, { url: string }[]>;
    const urls = (name: string) => body[name]?.map(({ url }) => url);
    expect([urls('output'), urls('error'), urls('deleted')]).toEqual([
      [`${FILES}/1/0`, `${FILES}/1/1`],
      [`${FILES}/1/2`],
      [`${FILES}/1/3`],
    ]);
    expect(body).not.toHaveProperty('issues');
    expect(JSON.stringify(body)).not.toContain('windows.net');
  });

  test('of an export that found nothing has its empty lists', async () => {
    const { response } = await statusWith(manifest({}));
    expect(await response.json()).toMatchObject({ output: [], error: [], requiresAccessToken: true });
  });

  test.each([
    'https://evil.example/Patient-1.ndjson',
    `${BLOB}export-id-backend-2/Patient-1.ndjson`,
    `${BLOB}export-id-backend`,
    `${CONTAINER}../export-id-backend-2/Patient-1.ndjson`,
    `${CONTAINER}%2e%2e/export-id-backend-2/Patient-1.ndjson`,
    `${CONTAINER}%2E%2E%2Fexport-id-backend-2%2FPatient-1.ndjson`,
    `${CONTAINER}%E0%A4%A`,
    '',
  ])('that leads to %s is refused', async (url) => {
    const { token, response } = await statusWith(manifest({ output: [{ type: 'Patient', url }] }));
    expect([response.status, await response.json()]).toEqual([
      502,
      expect.objectContaining({ resourceType: 'OperationOutcome' }),
    ]);
    const file = await world.gateway.fetch(
      new Request('http://localhost:7002/files/1/0', { headers: { authorization: `Bearer ${token}` } }),
    );
    expect([file.status, world.blobs.asked]).toEqual([404, []]);
  });

  test.each<[number, object | null]>([
    [404, { resourceType: 'OperationOutcome' }],
    [500, { resourceType: 'OperationOutcome' }],
    [200, null],
  ])('status %i with %j is passed on', async (status, body) => {
    expect((await statusWith(body, status)).response.status).toBe(status);
  });
});

test('a cancellation that the service refuses cancels nothing', async () => {
  const { token, location } = await statusWith(manifest({}));
  answering((request) => (request.method === 'DELETE' ? new Response(null, { status: 409 }) : undefined));
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(world, location, { method: 'DELETE', headers })).status).toBe(409);
  expect((await send(world, location, { headers })).status).toBe(200);
});

describe('files', () => {
  const file = (method: string, headers: Record<string, string>, query = '') =>
    world.gateway.fetch(new Request(`http://localhost:7002/files/1/0${query}`, { method, headers }));

  test.each(['POST', 'PUT', 'DELETE', 'HEAD'])('%s: 405', async (method) => {
    expect((await file(method, {})).status).toBe(405);
  });

  test('a token in the address is refused', async () => {
    const authorization = `Bearer ${await tokenFor()}`;
    expect((await file('GET', { authorization }, '?access_token=x')).status).toBe(400);
  });

  test('of messages are for every scope that may export, as they are', async () => {
    const { token } = await statusWith(
      manifest({ error: [{ type: 'OperationOutcome', url: `${CONTAINER}job/Patient-1.ndjson` }] }),
    );
    const narrow = await tokenFor('system/Observation.rs');
    for (const one of [token, narrow]) {
      const response = await file('GET', { authorization: `Bearer ${one}` });
      expect([response.status, (await response.text()).split('\n')]).toEqual([
        200,
        expect.objectContaining({ length: 3 }),
      ]);
    }
  });

  test.each<[string, Record<string, string>]>([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['no origin', {}],
  ])('a preflight of %s allows nothing', async (_, headers) => {
    const response = await file('OPTIONS', headers);
    expect([response.status, response.headers.get('vary')]).toEqual([204, 'origin']);
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('refusals tell registered origins why', async () => {
    const response = await file('GET', { origin: 'https://app.example.org' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      401,
      'https://app.example.org',
    ]);
  });
});
