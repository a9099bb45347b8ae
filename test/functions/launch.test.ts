import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/core/clock.ts';
import {
  BASE,
  createWorld,
  launchApp,
  PATIENT_USER,
  PRACTITIONER_USER,
  send,
  toRedirect,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

async function create(body: unknown, token?: string): Promise<Response> {
  const bearer = token ?? (await world.entra.appToken('id-ehr'));
  return send(world, '/auth/launch', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function launchId(context: object = {}): Promise<string> {
  const response = await create({
    clientId: 'id-ehr-app',
    patient: 'patient-a',
    encounter: 'encounter-a',
    ...context,
  });
  return ((await response.json()) as { launch: string }).launch;
}

const scope = 'openid fhirUser launch offline_access user/*.rs';
const withLaunch = (launch: string, user = PRACTITIONER_USER) => ({ parameters: { scope, launch }, user });

describe('creating', () => {
  test('answers an opaque id that expires', async () => {
    const response = await create({ clientId: 'id-ehr-app', patient: 'patient-a' });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ launch: expect.stringMatching(/^[\w-]{43}$/), expiresIn: 300 });
  });

  test('needs the token of an EHR', async () => {
    const statuses = [
      await send(world, '/auth/launch', { method: 'POST', body: '{}' }),
      await create({}, 'garbage'),
      await create({}, await world.entra.appToken('id-backend')),
      await create({}, await world.entra.userToken('id-ehr', PRACTITIONER_USER)),
    ].map((response) => response.status);
    expect(statuses).toEqual([401, 401, 403, 403]);
  });

  test.each<[string, unknown]>([
    ['no JSON', 'x'],
    ['no client', { patient: 'patient-a' }],
    ['unknown client', { clientId: 'nobody' }],
    ['a client that is not launched by an EHR', { clientId: 'id-confidential' }],
    ['a patient that is no id', { clientId: 'id-ehr-app', patient: 'Patient/a' }],
    ['an unknown member', { clientId: 'id-ehr-app', access_token: 'x' }],
    ['a banner that is no boolean', { clientId: 'id-ehr-app', needPatientBanner: 'yes' }],
  ])('%s: 400', async (_, body) => {
    expect((await create(body)).status).toBe(400);
  });
});

describe('using', () => {
  test('gives the whole context', async () => {
    const launch = await launchId({ intent: 'order-review', needPatientBanner: false });
    const { body } = await launchApp(world, withLaunch(launch), 'ehr-app');
    expect(body).toMatchObject({
      scope,
      patient: 'patient-a',
      encounter: 'encounter-a',
      intent: 'order-review',
      need_patient_banner: false,
    });
    const style = String(body['smart_style_url']);
    expect(style).toMatch(new RegExp(`^${BASE}/smart-style.json\\?v=\\w+$`));
    const response = await send(world, style);
    expect(await response.json()).toHaveProperty('color_background');
  });

  test('the banner is needed unless the EHR says otherwise', async () => {
    expect(
      (await launchApp(world, withLaunch(await launchId()), 'ehr-app')).body['need_patient_banner'],
    ).toBe(true);
  });

  test('works once', async () => {
    const launch = await launchId();
    expect(
      (
        await toRedirect(world, {
          ...withLaunch(launch),
          parameters: { client_id: 'id-ehr-app', scope, launch },
        })
      ).searchParams.has('code'),
    ).toBe(true);
    const again = await toRedirect(world, {
      parameters: { client_id: 'id-ehr-app', scope, launch },
      user: PRACTITIONER_USER,
    });
    expect(again.searchParams.get('error')).toBe('invalid_request');
  });

  test('is bound to its client, and a foreign try does not use it up', async () => {
    const other = world.settings.clients.find((client) => client.name === 'ehr-app');
    expect(other).toBeDefined();
    const launch = await launchId();
    const foreign = await toRedirect(world, {
      parameters: { client_id: 'id-confidential', scope: 'openid launch patient/*.rs', launch },
    });
    expect(foreign.searchParams.get('error')).toBe('invalid_scope');
    expect((await launchApp(world, withLaunch(launch), 'ehr-app')).response.status).toBe(200);
  });

  test('expires', async () => {
    const launch = await launchId();
    world.clock.advance(5 * MINUTE);
    const redirect = await toRedirect(world, { parameters: { client_id: 'id-ehr-app', scope, launch } });
    expect(redirect.searchParams.get('error')).toBe('invalid_request');
  });

  test('made for one user is refused to another', async () => {
    const launch = await launchId({ user: 'somebody@example.org' });
    const redirect = await toRedirect(world, {
      parameters: { client_id: 'id-ehr-app', scope, launch },
      user: PRACTITIONER_USER,
    });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
    const own = await launchId({ user: 'DOC@example.org' });
    expect((await launchApp(world, withLaunch(own), 'ehr-app')).response.status).toBe(200);
  });

  test('about one patient is refused to another patient', async () => {
    const launch = await launchId({ patient: 'patient-b' });
    const redirect = await toRedirect(world, {
      parameters: { client_id: 'id-ehr-app', scope, launch },
      user: PATIENT_USER,
    });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
  });

  test('the id is not stored readable', async () => {
    const launch = await launchId();
    expect(JSON.stringify([...(world.tables.tables.get('smartLaunches') ?? [])])).not.toContain(launch);
  });
});
