import { beforeEach, describe, expect, test } from 'vitest';
import { DAY } from '../../src/core/clock.ts';
import {
  basic,
  codeForm,
  createWorld,
  fhir,
  launchApp,
  post,
  type TokenBody,
  toRedirect,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

async function refresh(token: string, form: Record<string, string> = {}, headers = basic('confidential')) {
  const response = await post(
    world,
    '/auth/token',
    { grant_type: 'refresh_token', refresh_token: token, ...form },
    headers,
  );
  return { response, body: (await response.clone().json()) as TokenBody };
}

describe('a refresh', () => {
  test('keeps scopes, patient and user; the old access token lives on', async () => {
    const first = await launchApp(world);
    const { response, body } = await refresh(first.body.refresh_token);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: first.body.scope,
      patient: 'patient-a',
    });
    for (const token of [first.body.access_token, body.access_token]) {
      expect((await fhir(world, token, 'Patient/patient-a')).status).toBe(200);
    }
    expect((await refresh(body.refresh_token)).response.status).toBe(200);
  });

  test('never widens to what Entra consented', async () => {
    const { body } = await launchApp(world, {
      parameters: { scope: 'offline_access launch/patient patient/Patient.rs' },
    });
    const again = await refresh(body.refresh_token);
    expect(again.body.scope).toBe('offline_access launch/patient patient/Patient.rs');
    expect((await fhir(world, again.body.access_token, 'Observation?patient=patient-a')).status).toBe(403);
  });

  test('may narrow this token, not the session', async () => {
    const { body } = await launchApp(world);
    const narrow = await refresh(body.refresh_token, { scope: 'patient/Patient.r' });
    expect(narrow.body.scope).toBe('patient/Patient.r');
    expect((await fhir(world, narrow.body.access_token, 'Observation?patient=patient-a')).status).toBe(403);
    expect((await fhir(world, narrow.body.access_token, 'Patient/patient-a')).status).toBe(200);
    expect((await refresh(narrow.body.refresh_token)).body.scope).toBe(body.scope);
  });

  test.each(['patient/*.cruds', 'user/*.rs', 'nonsense', 'online_access'])('refuses %s', async (scope) => {
    const { body } = await launchApp(world);
    const { response, body: error } = await refresh(body.refresh_token, { scope });
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ error: 'invalid_scope' });
  });

  test('an unknown, foreign or unauthenticated token is refused', async () => {
    const { body } = await launchApp(world);
    expect((await refresh('99999999-9999-4999-8999-999999999999')).body).toMatchObject({
      error: 'invalid_grant',
    });
    expect((await refresh(body.refresh_token, {}, basic('other'))).body).toMatchObject({
      error: 'invalid_grant',
    });
    expect(
      (await refresh(body.refresh_token, { client_id: 'id-confidential' }, {} as never)).response.status,
    ).toBe(401);
    expect((await refresh(body.refresh_token, {}, basic('confidential', 'wrong'))).response.status).toBe(401);
    expect((await refresh(body.refresh_token)).response.status).toBe(200);
  });

  test('works for three months from its last use, not longer', async () => {
    const { body } = await launchApp(world);
    world.clock.advance(90 * DAY);
    const again = await refresh(body.refresh_token);
    expect(again.response.status).toBe(200);
    world.clock.advance(93 * DAY);
    expect((await refresh(again.body.refresh_token)).response.status).toBe(400);
  });
});

describe('a public client', () => {
  const headers = {} as Record<string, string> as ReturnType<typeof basic>;
  const client = { client_id: 'id-public' };

  async function launchPublic(): Promise<TokenBody> {
    const redirect = await toRedirect(world, { parameters: client });
    const form = { ...codeForm(redirect.searchParams.get('code') ?? ''), ...client };
    return (await (await post(world, '/auth/token', form)).json()) as TokenBody;
  }

  test('rotates: the old token is refused and ends the session', async () => {
    const first = await launchPublic();
    const second = await refresh(first.refresh_token, client, headers);
    expect(second.response.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token, client, headers)).body).toMatchObject({
      error: 'invalid_grant',
    });
    expect((await refresh(second.body.refresh_token, client, headers)).body).toMatchObject({
      error: 'invalid_grant',
    });
    expect((await fhir(world, second.body.access_token, 'Patient/patient-a')).status).toBe(401);
  });
});
