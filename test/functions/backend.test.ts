import { beforeEach, describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/smart/assertion.ts';
import {
  AUTH,
  assertion,
  BASE,
  backendToken,
  basic,
  createWorld,
  FILES,
  fhir,
  launchApp,
  post,
  send,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const form = async (overrides: Record<string, string> = {}): Promise<Record<string, string>> => ({
  grant_type: 'client_credentials',
  scope: 'system/*.rs',
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: await assertion(world),
  ...overrides,
});

describe('client_credentials', () => {
  test('gives five minutes and no refresh token', async () => {
    const { response, body } = await backendToken(world);
    expect(response.status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'system/*.rs' });
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
    world.clock.advance(301_000);
    expect((await fhir(world, body.access_token, 'Patient')).status).toBe(401);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['another grant type', { grant_type: 'not_a_grant_type' }, 400, 'unsupported_grant_type'],
    ['another assertion type', { client_assertion_type: 'not_an_assertion_type' }, 401, 'invalid_client'],
    ['no assertion', { client_assertion: '' }, 401, 'invalid_client'],
    ['garbage', { client_assertion: 'a.b.c' }, 401, 'invalid_client'],
    ['no scope', { scope: '' }, 400, 'invalid_request'],
    ['user scopes', { scope: 'user/*.rs patient/*.rs' }, 400, 'invalid_scope'],
    ['write scopes', { scope: 'system/*.cud' }, 400, 'invalid_scope'],
    ['another client_id', { client_id: 'id-backend-2' }, 401, 'invalid_client'],
  ])('%s', async (_, overrides, status, error) => {
    const response = await post(world, '/auth/token', await form(overrides));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  test('an assertion works once, on all instances together', async () => {
    const same = await form();
    expect((await post(world, '/auth/token', same)).status).toBe(200);
    const request = new Request(`${AUTH}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(same).toString(),
    });
    expect((await world.instance().fetch(request)).status).toBe(401);
  });

  test('a secret is not enough, and user-facing clients have no such grant', async () => {
    const response = await post(
      world,
      '/auth/token',
      { grant_type: 'client_credentials', scope: 'system/*.rs' },
      basic('confidential'),
    );
    expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
    const own = await post(
      world,
      '/auth/token',
      { grant_type: 'client_credentials', scope: 'system/*.rs' },
      basic('backend'),
    );
    expect(await own.json()).toMatchObject({ error: 'invalid_client' });
  });
});

interface Manifest {
  readonly output: readonly { type: string; url: string }[];
  readonly error: readonly unknown[];
}

async function kickOff(token: string, path = 'Group/group-abc/$export') {
  return fhir(world, token, path, { headers: { accept: 'application/fhir+json', prefer: 'respond-async' } });
}

async function exported(path = 'Group/group-abc/$export') {
  const { body } = await backendToken(world);
  const started = await kickOff(body.access_token, path);
  const location = started.headers.get('content-location') ?? '';
  const done = await send(world, location, { headers: { authorization: `Bearer ${body.access_token}` } });
  return { token: body.access_token, location, done, manifest: (await done.clone().json()) as Manifest };
}

/** As the host hands it on: /api is stripped. */
const file = (url: string, init: RequestInit = {}): Promise<Response> =>
  world.gateway.fetch(new Request(url.replace(`${FILES}/`, 'http://localhost:7002/files/'), init));
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('export', () => {
  test.each(['Group/group-abc/$export', 'Patient/$export', '$export'])(
    '%s is started in a container of its own',
    async (path) => {
      const { body } = await backendToken(world);
      const response = await kickOff(
        body.access_token,
        `${path}?_since=2026-01-01T00:00:00Z&_type=Patient&_type=Condition`,
      );
      expect(response.status).toBe(202);
      expect(response.headers.get('content-location')).toMatch(
        new RegExp(`^${BASE}/_operations/export/\\d+$`),
      );
      const seen = world.fhir.seen.at(-1);
      expect(seen?.query.get('_container')).toBe('export-id-backend');
      expect(seen?.query.get('_type')).toBe('Patient,Condition');
      expect(seen?.query.get('_since')).toBe('2026-01-01T00:00:00Z');
      expect(seen?.headers.get('prefer')).toBe('respond-async');
    },
  );

  test('is limited to the scopes of the session', async () => {
    const { body } = await backendToken(world, 'backend', 'system/Patient.rs system/Condition.r');
    expect((await kickOff(body.access_token)).status).toBe(202);
    expect(world.fhir.seen.at(-1)?.query.get('_type')).toBe('Patient');
    expect((await kickOff(body.access_token, 'Group/group-abc/$export?_type=Condition')).status).toBe(403);
    const other = await backendToken(world, 'backend', 'system/Condition.rs');
    expect((await kickOff(other.body.access_token)).status).toBe(403);
  });

  test('refuses users, POST, reserved parameters and nobody', async () => {
    const user = await launchApp(world);
    expect((await kickOff(user.body.access_token)).status).toBe(403);
    const { body } = await backendToken(world);
    expect((await fhir(world, body.access_token, 'Group/group-abc/$export', { method: 'POST' })).status).toBe(
      405,
    );
    expect((await kickOff(body.access_token, 'Group/group-abc/$export?_container=mine')).status).toBe(400);
    const nobody = await send(world, '/fhir/Group/group-abc/$export');
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test('of a group that is not there is 404, at once', async () => {
    const { body } = await backendToken(world);
    const response = await kickOff(body.access_token, 'Group/nothing/$export');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ resourceType: 'OperationOutcome' });
  });

  test('its manifest names files of ours that need a token', async () => {
    const { done, manifest } = await exported();
    expect(done.headers.get('content-type')).toContain('application/json');
    expect(Date.parse(done.headers.get('expires') ?? '')).toBeGreaterThan(world.clock.now());
    expect(manifest).toMatchObject({
      requiresAccessToken: true,
      request: `${BASE}/Group/group-abc/$export`,
      error: [],
    });
    expect(manifest.output).toEqual([
      { type: 'Patient', url: `${FILES}/1/0` },
      { type: 'Observation', url: `${FILES}/1/1` },
    ]);
    expect(JSON.stringify(manifest)).not.toContain('core.windows.net');
  });

  test('running: 202 with Retry-After and X-Progress', async () => {
    const { token } = await exported();
    world.fhir.running = true;
    const response = await send(world, `${BASE}/_operations/export/1`, bearer(token));
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('x-progress')).toBe('half');
  });

  test('status and cancellation are for the client that started it', async () => {
    const { token, location } = await exported();
    const other = (await backendToken(world, 'backend-2')).body.access_token;
    for (const method of ['GET', 'DELETE']) {
      expect((await send(world, location, { ...bearer(other), method })).status).toBe(404);
      expect((await send(world, location, { method })).status).toBe(401);
    }
    expect((await send(world, `${BASE}/_operations/export/777`, bearer(token))).status).toBe(404);
    expect((await send(world, location, { ...bearer(token), method: 'DELETE' })).status).toBe(202);
    const after = await send(world, location, bearer(token));
    expect(after.status).toBe(404);
    expect(await after.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    expect((await send(world, location, { ...bearer(token), method: 'DELETE' })).status).toBe(404);
  });
});

describe('files', () => {
  test('of a whole system are handed out as they are, with their counts', async () => {
    const { token, manifest } = await exported('$export');
    expect(manifest.output[0]).toEqual({ type: 'Patient', url: `${FILES}/1/0`, count: 2 });
    const response = await file(manifest.output[0]?.url ?? '', bearer(token));
    expect(await response.text()).toBe('{"resourceType":"Patient","id":"patient-a"}\n'.repeat(2));
  });

  test('are streamed to the owner, each resource once', async () => {
    const { token, manifest } = await exported();
    const response = await file(manifest.output[0]?.url ?? '', bearer(token));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/fhir+ndjson');
    expect(await response.text()).toBe('{"resourceType":"Patient","id":"patient-a"}\n');
    expect(world.blobs.asked).toEqual(['/export-id-backend/job/Patient-1.ndjson']);
  });

  test('are refused to everyone else, and storage is not even asked', async () => {
    const { manifest } = await exported();
    const url = manifest.output[0]?.url ?? '';
    const other = (await backendToken(world, 'backend-2')).body.access_token;
    const narrow = (await backendToken(world, 'backend', 'system/Observation.rs')).body.access_token;
    const direct = await world.entra.appToken('id-backend');
    expect((await file(url)).status).toBe(401);
    expect((await file(url, bearer('garbage'))).status).toBe(401);
    expect((await file(url, bearer(direct))).status).toBe(401);
    expect((await file(url, bearer(other))).status).toBe(404);
    expect((await file(url, bearer(narrow))).status).toBe(403);
    expect(world.blobs.asked).toEqual([]);
  });

  test('missing ones are 404', async () => {
    const { token } = await exported();
    for (const path of ['1/1', '1/2', '1/x', '1/-1', '9/0']) {
      expect((await file(`${FILES}/${path}`, bearer(token))).status, path).toBe(404);
    }
  });

  test('tell registered origins only', async () => {
    const { token, manifest } = await exported();
    const url = manifest.output[0]?.url ?? '';
    const own = await file(url, { headers: { ...bearer(token).headers, origin: 'https://app.example.org' } });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    const foreign = await file(url, {
      headers: { ...bearer(token).headers, origin: 'https://evil.example' },
    });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await file(url, { method: 'OPTIONS', headers: { origin: 'https://app.example.org' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  });
});
