import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  backendToken,
  basic,
  createWorld,
  fhir,
  launchApp,
  PATIENT_USER,
  post,
  send,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

async function ask(token: string, headers: Record<string, string> = basic('introspector')) {
  const response = await post(world, '/auth/introspect', { token }, headers);
  return { response, body: (await response.json()) as Record<string, unknown> };
}

describe('introspection', () => {
  test('repeats what the token response said', async () => {
    const { body } = await launchApp(world);
    const { response, body: answer } = await ask(body.access_token);
    expect(response.status).toBe(200);
    const id = decodeJwt(String(body['id_token']));
    expect(answer).toMatchObject({
      active: true,
      client_id: 'id-confidential',
      scope: body.scope,
      patient: 'patient-a',
      fhirUser: PATIENT_USER.fhirUser,
      iss: id.iss,
      sub: id.sub,
      exp: Math.floor(world.clock.now() / 1000) + 3600,
    });
  });

  test('of a backend token has no patient', async () => {
    const { body } = await backendToken(world);
    const { body: answer } = await ask(body.access_token);
    expect(answer).toMatchObject({ active: true, scope: 'system/*.rs', client_id: 'id-backend' });
    expect(answer).not.toHaveProperty('patient');
  });

  test('of a refresh token', async () => {
    const { body } = await launchApp(world);
    expect((await ask(body.refresh_token)).body).toMatchObject({ active: true, scope: body.scope });
  });

  test('inactive says nothing else', async () => {
    const { body } = await launchApp(world);
    const direct = await world.entra.userToken('id-confidential', PATIENT_USER);
    for (const token of ['garbage', direct, `${body.access_token}x`]) {
      expect((await ask(token)).body).toEqual({ active: false });
    }
    world.clock.advance(3601_000);
    expect((await ask(body.access_token)).body).toEqual({ active: false });
  });

  test('is open to a live bearer token', async () => {
    const [{ body }, backend] = [await launchApp(world), await backendToken(world)];
    const answer = await ask(body.access_token, { authorization: `Bearer ${backend.body.access_token}` });
    expect(answer.body).toMatchObject({ active: true, client_id: 'id-confidential' });
  });

  test('is closed to everyone else', async () => {
    expect((await ask('x', {})).response.status).toBe(401);
    expect((await ask('x', { authorization: 'Bearer garbage' })).response.status).toBe(401);
    expect((await ask('x', basic('introspector', 'wrong'))).response.status).toBe(401);
    expect((await ask('x', basic('confidential'))).response.status).toBe(403);
    const publicClient = await post(world, '/auth/introspect', { token: 'x', client_id: 'id-public' });
    expect(publicClient.status).toBe(401);
    expect((await send(world, '/auth/introspect?token=x', { headers: basic('introspector') })).status).toBe(
      405,
    );
  });

  test('needs a token', async () => {
    expect((await post(world, '/auth/introspect', {}, basic('introspector'))).status).toBe(400);
  });
});

describe('revocation', () => {
  const revoke = (token: string, headers = basic('confidential')) =>
    post(world, '/auth/revoke', { token }, headers);

  test.each(['access_token', 'refresh_token'] as const)(
    'of an %s ends the session everywhere',
    async (kind) => {
      const { body } = await launchApp(world);
      const refreshed = (await (
        await post(
          world,
          '/auth/token',
          { grant_type: 'refresh_token', refresh_token: body.refresh_token },
          basic('confidential'),
        )
      ).json()) as { access_token: string };
      expect((await revoke(body[kind])).status).toBe(200);
      for (const token of [body.access_token, refreshed.access_token]) {
        expect((await fhir(world, token, 'Patient/patient-a')).status).toBe(401);
        expect((await ask(token)).body).toEqual({ active: false });
        const request = new Request('http://localhost:7000/fhir/Patient/patient-a', {
          headers: { authorization: `Bearer ${token}` },
        });
        expect((await world.instance().fetch(request)).status).toBe(401);
      }
      expect((await ask(body.refresh_token)).body).toEqual({ active: false });
      const again = await post(
        world,
        '/auth/token',
        { grant_type: 'refresh_token', refresh_token: body.refresh_token },
        basic('confidential'),
      );
      expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
      expect((await revoke(body[kind])).status).toBe(200);
    },
  );

  test('of a session that expired is 200', async () => {
    const { body } = await launchApp(world);
    world.clock.advance(200 * 24 * 3600_000);
    expect((await revoke(body.refresh_token)).status).toBe(200);
  });

  test('leaves other sessions alone', async () => {
    const [one, two] = [await launchApp(world), await launchApp(world)];
    await revoke(one.body.access_token);
    expect((await fhir(world, two.body.access_token, 'Patient/patient-a')).status).toBe(200);
  });

  test('of nonsense is 200', async () => {
    expect((await revoke('nonsense')).status).toBe(200);
  });

  test('by another client or with a wrong secret changes nothing', async () => {
    const { body } = await launchApp(world);
    expect(await (await revoke(body.access_token, basic('other'))).json()).toMatchObject({
      error: 'invalid_grant',
    });
    expect(await (await revoke(body.access_token, basic('confidential', 'wrong'))).json()).toMatchObject({
      error: 'invalid_client',
    });
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(200);
  });

  test('of a token of an earlier code grant survives a race with its opening', async () => {
    const { body } = await launchApp(world);
    await Promise.all([revoke(body.access_token), revoke(body.refresh_token)]);
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(401);
  });
});
