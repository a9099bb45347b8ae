import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/core/ids.ts';
import { ASSERTION_TYPE } from '../../src/smart/assertion.ts';
import {
  assertion,
  basic,
  codeForm,
  createWorld,
  fhir,
  launchApp,
  PATIENT_USER,
  post,
  REDIRECT,
  send,
  toPage,
  toRedirect,
  VERIFIER,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const newCode = async (parameters = {}): Promise<string> =>
  (await toRedirect(world, { parameters })).searchParams.get('code') ?? '';

describe('a code exchange', () => {
  test('answers token, context and scopes, not to be cached', async () => {
    const { response, body } = await launchApp(world, { parameters: { nonce: 'n-1' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('pragma')).toBe('no-cache');
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid fhirUser launch/patient offline_access patient/*.rs',
      patient: 'patient-a',
    });
    expect(body['need_patient_banner']).toBeUndefined();
    expect(decodeJwt(String(body['id_token']))).toMatchObject({ nonce: 'n-1', aud: 'id-confidential' });
  });

  test('speaks the chosen scopes, after a wider session too', async () => {
    await launchApp(world);
    const { body } = await launchApp(world, {
      parameters: {
        scope: 'openid launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs',
      },
      choose: (scope) => scope !== 'patient/Observation.rs',
    });
    expect(body.scope).toBe('openid launch/patient patient/Patient.rs patient/Condition.rs');
    expect((await fhir(world, body.access_token, 'Observation?patient=patient-a')).status).toBe(403);
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(200);
  });

  test('keeps the spelling of version 1', async () => {
    const { body } = await launchApp(
      world,
      { parameters: { scope: 'openid launch/patient patient/Patient.read' } },
      'v1',
    );
    expect(body.scope).toBe('openid launch/patient patient/Patient.read');
  });

  test('without openid no id_token, without offline_access no refresh token', async () => {
    const { body } = await launchApp(world, { parameters: { scope: 'launch/patient patient/Patient.rs' } });
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'expires_in',
      'patient',
      'scope',
      'token_type',
    ]);
  });

  test('unticking offline_access keeps the refresh token away', async () => {
    const { body } = await launchApp(world, { choose: (scope) => scope !== 'offline_access' });
    expect(body.refresh_token).toBeUndefined();
    expect(body.scope).not.toContain('offline_access');
  });

  test('of a public client', async () => {
    const code = await newCode({ client_id: 'id-public' });
    const response = await post(world, '/auth/token', { ...codeForm(code), client_id: 'id-public' });
    expect(response.status).toBe(200);
    expect(world.entra.forms.at(-1)).not.toHaveProperty('client_secret');
  });

  test('with the secret in the body', async () => {
    const form = {
      ...codeForm(await newCode()),
      client_id: 'id-confidential',
      client_secret: 'secret-confidential',
    };
    expect((await post(world, '/auth/token', form)).status).toBe(200);
  });

  test('of a client that signs assertions', async () => {
    const code = await newCode({ client_id: 'id-asymmetric' });
    const signed = {
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(world, 'asymmetric'),
    };
    const response = await post(world, '/auth/token', { ...codeForm(code), ...signed });
    expect(response.status).toBe(200);
    const { refresh_token } = (await response.json()) as { refresh_token: string };
    const refresh = { grant_type: 'refresh_token', refresh_token };
    expect((await post(world, '/auth/token', { ...refresh, client_id: 'id-asymmetric' })).status).toBe(401);
    const again = { ...signed, client_assertion: await assertion(world, 'asymmetric') };
    expect((await post(world, '/auth/token', { ...refresh, ...again })).status).toBe(200);
  });

  test('unknown parameters are ignored', async () => {
    const response = await post(
      world,
      '/auth/token',
      { ...codeForm(await newCode()), foo: 'bar' },
      basic('confidential'),
    );
    expect(response.status).toBe(200);
  });
});

describe('a code is refused', () => {
  test.each<[string, Record<string, string>]>([
    ['without verifier', { code_verifier: '' }],
    ['with another verifier', { code_verifier: 'w'.repeat(50) }],
    ['with the challenge as verifier', { code_verifier: sha256(VERIFIER) }],
    ['with another registered redirect_uri', { redirect_uri: `${REDIRECT}2` }],
    ['when invented', { code: 'made-up' }],
  ])('%s', async (_, change) => {
    const response = await post(
      world,
      '/auth/token',
      { ...codeForm(await newCode()), ...change },
      basic('confidential'),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('without redirect_uri', async () => {
    const { redirect_uri: _, ...form } = codeForm(await newCode());
    expect((await post(world, '/auth/token', form, basic('confidential'))).status).toBe(400);
  });

  test('after a minute', async () => {
    const code = await newCode();
    world.clock.advance(61_000);
    expect((await post(world, '/auth/token', codeForm(code), basic('confidential'))).status).toBe(400);
  });

  test('from another client, which does not use it up', async () => {
    const code = await newCode();
    const foreign = await post(world, '/auth/token', codeForm(code), basic('other'));
    expect(await foreign.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await post(world, '/auth/token', codeForm(code), basic('confidential'))).status).toBe(200);
  });

  test('the second time, and ends what the first began', async () => {
    const { code, body } = await launchApp(world);
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(200);
    const again = await post(world, '/auth/token', codeForm(code), basic('confidential'));
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await fhir(world, body.access_token, 'Patient/patient-a')).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    expect((await post(world, '/auth/token', refresh, basic('confidential'))).status).toBe(400);
  });

  test('but by only one of two at the same time, whatever the instance', async () => {
    const code = await newCode();
    const other = world.instance();
    const request = () =>
      new Request('http://localhost:7000/auth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic('confidential') },
        body: new URLSearchParams(codeForm(code)).toString(),
      });
    const statuses = (await Promise.all([world.gateway.fetch(request()), other.fetch(request())])).map(
      (one) => one.status,
    );
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
  });

  test('when another user signed in than the one who chose', async () => {
    const stranger = { ...PATIENT_USER, oid: 'somebody-else' };
    const page = await toPage(world);
    const form = new URLSearchParams({
      transaction: page.transaction,
      csrf: page.csrf,
      decision: 'allow',
      scope: 'patient/*.rs',
    });
    const chosen = await post(world, '/auth/choose', form, { cookie: page.cookie });
    const back = world.entra.signIn(chosen.headers.get('location') ?? '', stranger);
    const done = await send(world, back, { headers: { cookie: page.cookie } });
    const code = new URL(done.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const response = await post(world, '/auth/token', codeForm(code), basic('confidential'));
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('client authentication', () => {
  test('a wrong secret is invalid_client', async () => {
    const response = await post(
      world,
      '/auth/token',
      codeForm(await newCode()),
      basic('confidential', 'wrong'),
    );
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Basic');
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
  });

  test.each<[string, Record<string, string>, Record<string, string>, number, string]>([
    ['none', {}, {}, 401, 'invalid_client'],
    ['client_id alone of a confidential client', { client_id: 'id-confidential' }, {}, 401, 'invalid_client'],
    ['unknown client', { client_id: 'nobody' }, {}, 401, 'invalid_client'],
    [
      'a secret for a public client',
      { client_id: 'id-public', client_secret: 'x' },
      {},
      401,
      'invalid_client',
    ],
    [
      'Basic and body',
      { client_secret: 'secret-confidential' },
      basic('confidential'),
      400,
      'invalid_request',
    ],
    ['Basic and assertion', { client_assertion: 'x' }, basic('confidential'), 400, 'invalid_request'],
    ['two clients', { client_id: 'id-other' }, basic('confidential'), 400, 'invalid_request'],
    ['a bearer token', {}, { authorization: 'Bearer x' }, 401, 'invalid_client'],
    ['malformed Basic', {}, { authorization: 'Basic ???' }, 401, 'invalid_client'],
  ])('%s', async (_, form, headers, status, error) => {
    const response = await post(world, '/auth/token', { ...codeForm('x'), ...form }, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });
});

describe('the endpoint', () => {
  test.each<[string, string | undefined, string]>([
    ['password', 'password', 'unsupported_grant_type'],
    ['device code', 'urn:ietf:params:oauth:grant-type:device_code', 'unsupported_grant_type'],
    ['__proto__', '__proto__', 'unsupported_grant_type'],
    ['empty', '', 'invalid_request'],
    ['absent', undefined, 'invalid_request'],
  ])('grant type %s', async (_, grantType, error) => {
    const form: Record<string, string> = grantType === undefined ? {} : { grant_type: grantType };
    const response = await post(world, '/auth/token', form, basic('confidential'));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  test('takes POST only, and parameters in the body only', async () => {
    const query = new URLSearchParams(codeForm(await newCode())).toString();
    expect((await send(world, `/auth/token?${query}`, { headers: basic('confidential') })).status).toBe(405);
    expect((await post(world, `/auth/token?${query}`, {}, basic('confidential'))).status).toBe(400);
  });

  test('refuses repeated parameters, other content types and endless bodies', async () => {
    const form = new URLSearchParams(codeForm(await newCode()));
    form.append('code', 'again');
    expect(await (await post(world, '/auth/token', form, basic('confidential'))).json()).toMatchObject({
      error: 'invalid_request',
    });
    const json = await send(world, '/auth/token', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(400);
    const huge = await post(world, '/auth/token', { grant_type: 'x'.repeat(70_000) });
    expect(huge.status).toBe(413);
  });

  test('errors carry a reference and nothing of Entra', async () => {
    const response = await post(
      world,
      '/auth/token',
      codeForm(await newCode()),
      basic('confidential', 'wrong'),
    );
    const text = await response.text();
    expect(text).not.toMatch(/AADSTS|7000215|Entra/);
    expect(JSON.parse(text)).toHaveProperty('correlation_id');
  });
});

test('nothing secret is logged or stored readable', async () => {
  const { code, body } = await launchApp(world);
  await post(world, '/auth/token', codeForm(code), basic('confidential', 'wrong-secret'));
  await fhir(world, 'garbage-token-value', 'Patient/patient-a');
  const stored = JSON.stringify([...world.tables.tables].map(([, rows]) => [...rows]));
  for (const secret of [
    code,
    body.access_token,
    body.refresh_token,
    'wrong-secret',
    'garbage-token-value',
    VERIFIER,
  ]) {
    expect(JSON.stringify(world.log)).not.toContain(secret);
    expect(stored).not.toContain(secret);
  }
  for (const form of world.entra.forms) {
    if (form['code'] !== undefined) expect(stored).not.toContain(form['code']);
  }
});
