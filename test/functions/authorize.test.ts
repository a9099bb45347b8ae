import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/core/clock.ts';
import {
  authorizeParameters,
  authorizeUrl,
  BASE,
  createWorld,
  PATIENT_USER,
  PRACTITIONER_USER,
  post,
  REDIRECT,
  send,
  toPage,
  toRedirect,
  type World,
} from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const STATE = 'st+/=& te';

describe('never redirected', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
    ['no redirect_uri', { redirect_uri: undefined }],
    ['longer redirect_uri', { redirect_uri: `${REDIRECT}/x` }],
    ['redirect_uri with a query', { redirect_uri: `${REDIRECT}?x=1` }],
    ['other case', { redirect_uri: REDIRECT.toUpperCase() }],
    ['markup', { redirect_uri: '<script>alert(1)</script>' }],
  ])('%s', async (_, parameters) => {
    const response = await send(world, authorizeUrl(parameters));
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(await response.text()).not.toContain('<script');
  });

  test('client_id twice', async () => {
    const response = await send(world, `${authorizeUrl()}&client_id=id-confidential`);
    expect(response.status).toBe(400);
  });
});

describe('redirected to the client, with state and iss', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ['response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['fragment response_mode', { response_mode: 'fragment' }, 'invalid_request'],
    ['wrong aud', { aud: 'https://bad.example.org/fhir' }, 'invalid_request'],
    ['aud with a slash', { aud: `${BASE}/` }, 'invalid_request'],
    ['no aud', { aud: undefined }, 'invalid_request'],
    ['aud and resource differ', { resource: 'https://other' }, 'invalid_request'],
    ['no challenge', { code_challenge: undefined }, 'invalid_request'],
    ['no challenge method', { code_challenge_method: undefined }, 'invalid_request'],
    ['plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['short challenge', { code_challenge: 'abc' }, 'invalid_request'],
    ['padded challenge', { code_challenge: `${'a'.repeat(43)}=` }, 'invalid_request'],
    ['prompt none', { prompt: 'none' }, 'interaction_required'],
    ['no scope', { scope: undefined }, 'invalid_request'],
    ['only unknown scopes', { scope: 'nonsense patient/Nothing.rs' }, 'invalid_scope'],
    ['only system scopes', { scope: 'system/*.rs' }, 'invalid_scope'],
    ['only write scopes', { scope: 'patient/*.cud' }, 'invalid_scope'],
    ['launch scope without launch', { client_id: 'id-ehr-app', scope: 'launch openid' }, 'invalid_request'],
    [
      'invented launch',
      { client_id: 'id-ehr-app', scope: 'launch openid', launch: 'abc' },
      'invalid_request',
    ],
    [
      'launch without its scope',
      { client_id: 'id-ehr-app', scope: 'openid', launch: 'abc' },
      'invalid_scope',
    ],
  ])('%s', async (_, parameters, error) => {
    const get = await send(world, authorizeUrl(parameters));
    const form = await post(world, '/auth/authorize', authorizeParameters(parameters));
    for (const response of [get, form]) {
      expect(response.status).toBe(303);
      const location = new URL(response.headers.get('location') ?? '');
      expect(`${location.origin}${location.pathname}`).toBe(REDIRECT);
      expect(Object.fromEntries(location.searchParams)).toMatchObject({ error, state: STATE });
      expect(location.searchParams.get('iss')).toContain('/v2.0');
      expect(location.searchParams.has('code')).toBe(false);
    }
  });

  test.each(['scope', 'state', 'aud', 'code_challenge', 'response_type'])('%s twice', async (name) => {
    const response = await send(world, `${authorizeUrl()}&${name}=again`);
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  test('no state', async () => {
    const response = await send(world, authorizeUrl({ state: undefined }));
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe('invalid_request');
    expect(location.searchParams.has('state')).toBe(false);
  });

  test('a backend client has no code flow', async () => {
    const response = await send(world, authorizeUrl({ client_id: 'id-backend' }));
    expect(response.status).toBe(400);
  });
});

describe('a valid request', () => {
  test('goes to Entra under the sign-in registration, with our own PKCE', async () => {
    const response = await send(world, authorizeUrl());
    const query = new URL(response.headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      client_id: 'sign-in',
      redirect_uri: 'http://localhost:7000/auth/signed-in',
      scope: 'openid profile',
      code_challenge_method: 'S256',
    });
    expect(query.get('code_challenge')).not.toBe(authorizeParameters().get('code_challenge'));
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^smartfhir-\w+=[\w-]{43}; Path=\/auth; Max-Age=900; HttpOnly; SameSite=Lax$/,
    );
  });

  test('resource stands for aud; unknown parameters are ignored', async () => {
    const response = await send(world, authorizeUrl({ aud: undefined, resource: BASE, foo: 'bar' }));
    expect(response.headers.get('location')).toContain('127.0.0.1:7001');
  });

  test('by POST ends in the same place', async () => {
    const response = await post(world, '/auth/authorize', authorizeParameters());
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toContain('client_id=sign-in');
  });

  test('returns code, unmodified state and iss', async () => {
    const redirect = await toRedirect(world);
    expect(redirect.searchParams.get('state')).toBe(STATE);
    expect(redirect.searchParams.get('code')).toMatch(/^[\w-]{43}$/);
    expect(redirect.searchParams.get('iss')).toContain('/v2.0');
  });

  test('asks Entra for the client with its nonce, user hint and everything consented', async () => {
    const page = await toPage(world, { parameters: { nonce: 'n-1' } });
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    form.append('scope', 'patient/*.rs');
    const response = await post(world, '/auth/choose', form, { cookie: page.cookie });
    const query = new URL(response.headers.get('location') ?? '').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      client_id: 'id-confidential',
      redirect_uri: 'http://localhost:7000/auth/callback',
      nonce: 'n-1',
      login_hint: 'patient@example.org',
      scope: `${world.settings.scopePrefix}/.default openid profile offline_access`,
    });
  });
});

describe('the page', () => {
  test('shows what can be granted, in plain words, and nothing else', async () => {
    const page = await toPage(world, {
      parameters: {
        scope:
          'openid launch/patient offline_access patient/Patient.rs patient/Condition.read patient/Observation.cud nonsense',
      },
    });
    expect([...page.scopes].sort()).toEqual([
      'launch/patient',
      'offline_access',
      'openid',
      'patient/Condition.read',
      'patient/Patient.rs',
    ]);
    expect(page.html).toContain('Keep access while you are away');
    expect(page.html).toContain('value="openid" checked disabled');
    expect(page.html).toContain('value="deny"');
    expect(page.html).not.toContain('<script');
  });

  test('cannot be framed, cached or leak a Referer', async () => {
    const { headers } = (await toPage(world)).response;
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('lets the user choose single types where the app asks for all', async () => {
    const page = await toPage(world);
    expect(page.html).toContain('name="scope" value="patient/Observation.rs">');
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    for (const scope of [
      'patient/Observation.rs',
      'patient/Patient.rs',
      'patient/Nothing.rs',
      'user/Patient.rs',
    ])
      form.append('scope', scope);
    await post(world, '/auth/choose', form, { cookie: page.cookie });
    const rows = [...(world.tables.tables.get('smartTransactions')?.values() ?? [])];
    expect(rows.map((row) => JSON.parse(String(row.entity['d0'])).granted)).toEqual([
      'openid fhirUser launch/patient patient/Observation.rs patient/Patient.rs',
    ]);
  });

  test('lets the user choose categories where the app asks for a type, and only real ones', async () => {
    const page = await toPage(world, {
      parameters: { scope: 'openid launch/patient patient/Observation.rs' },
    });
    const category = 'http://terminology.hl7.org/CodeSystem/observation-category';
    const laboratory = `patient/Observation.rs?category=${category}|laboratory`;
    expect(page.html).toContain(`value="${laboratory}">`);
    expect(page.html).not.toContain('patient/Condition.rs');
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    for (const scope of [laboratory, 'patient/Observation.rs?category=x|y', 'patient/Observation.rs?code=1'])
      form.append('scope', scope);
    await post(world, '/auth/choose', form, { cookie: page.cookie });
    const rows = [...(world.tables.tables.get('smartTransactions')?.values() ?? [])];
    expect(rows.map((row) => JSON.parse(String(row.entity['d0'])).granted)).toEqual([
      `openid launch/patient ${laboratory}`,
    ]);
  });

  test('deny is told to the client', async () => {
    const redirect = await toRedirect(world, { decision: 'deny' });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
    expect(redirect.searchParams.get('state')).toBe(STATE);
  });

  test('nothing ticked still grants the fixed ones; nothing at all is a denial', async () => {
    expect((await toRedirect(world, { choose: () => false })).searchParams.has('code')).toBe(true);
    const redirect = await toRedirect(world, {
      parameters: { scope: 'launch/patient patient/*.rs' },
      choose: () => false,
    });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
  });

  test.each<[string, (form: URLSearchParams, cookie: string) => string]>([
    ['without the cookie', () => ''],
    ['with another browser’s cookie', (_, cookie) => cookie.replace(/=.*/, '=stolen')],
    [
      'without the right CSRF token',
      (form, cookie) => {
        form.set('csrf', 'guess');
        return cookie;
      },
    ],
  ])('is refused %s', async (_, tamper) => {
    const page = await toPage(world);
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    const response = await post(world, '/auth/choose', form, { cookie: tamper(form, page.cookie) });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  test('can be reloaded, by the same browser', async () => {
    const started = await send(world, authorizeUrl());
    const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const back = world.entra.signIn(started.headers.get('location') ?? '', PATIENT_USER);
    const first = await (await send(world, back, { headers: { cookie } })).text();
    expect(await (await send(world, back, { headers: { cookie } })).text()).toBe(first);
    expect((await send(world, back)).status).toBe(400);
  });

  test('cannot be sent twice', async () => {
    const page = await toPage(world);
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    expect((await post(world, '/auth/choose', form, { cookie: page.cookie })).status).toBe(303);
    expect((await post(world, '/auth/choose', form, { cookie: page.cookie })).status).toBe(400);
  });

  test('is too old after a quarter of an hour', async () => {
    const page = await toPage(world);
    world.clock.advance(15 * MINUTE);
    const form = new URLSearchParams({ transaction: page.transaction, csrf: page.csrf, decision: 'allow' });
    expect((await post(world, '/auth/choose', form, { cookie: page.cookie })).status).toBe(400);
  });

  test('a scope that was not offered cannot be chosen', async () => {
    const page = await toPage(world, { parameters: { scope: 'openid launch/patient patient/Patient.rs' } });
    const form = new URLSearchParams({
      transaction: page.transaction,
      csrf: page.csrf,
      decision: 'allow',
      scope: 'patient/*.rs',
    });
    const chosen = await post(world, '/auth/choose', form, { cookie: page.cookie });
    expect(chosen.status).toBe(303);
    const rows = [...(world.tables.tables.get('smartTransactions')?.values() ?? [])];
    expect(rows.map((row) => JSON.parse(String(row.entity['d0'])).granted)).toEqual([
      'openid launch/patient',
    ]);
  });
});

describe('return from Entra', () => {
  test('a stranger’s browser cannot finish a sign-in', async () => {
    const started = await send(world, authorizeUrl());
    const back = world.entra.signIn(started.headers.get('location') ?? '', PRACTITIONER_USER);
    expect((await send(world, back)).status).toBe(400);
  });

  test('an error of Entra is a denial to the client', async () => {
    const started = await send(world, authorizeUrl());
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state');
    const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const response = await send(world, `/auth/signed-in?error=access_denied&state=${state}`, {
      headers: { cookie },
    });
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied');
  });

  test('an invented code ends at the client as server_error, and tells nothing of Entra', async () => {
    const started = await send(world, authorizeUrl());
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state');
    const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const response = await send(world, `/auth/signed-in?code=made-up&state=${state}`, {
      headers: { cookie },
    });
    const location = response.headers.get('location') ?? '';
    expect(new URL(location).searchParams.get('error')).toBe('server_error');
    expect(location).not.toContain('AADSTS');
  });

  test('an unknown state is a page', async () => {
    expect((await send(world, '/auth/callback?code=x&state=y')).status).toBe(400);
    expect((await send(world, '/auth/signed-in?code=x&state=y')).status).toBe(400);
  });

  test('a practitioner without an EHR launch gets no patient', async () => {
    const redirect = await toRedirect(world, { user: PRACTITIONER_USER });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
    expect(redirect.searchParams.get('error_description')).toContain('patient');
  });

  test('two instances can share one sign-in', async () => {
    const started = await send(world, authorizeUrl());
    const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const back = world.entra.signIn(started.headers.get('location') ?? '', {
      oid: 'x',
      username: 'x',
      fhirUser: 'Patient/p',
    });
    const other = world.instance();
    const response = await other.fetch(new Request(back, { headers: { cookie } }));
    expect(response.status).toBe(200);
  });
});

test('other methods are not offered', async () => {
  for (const path of ['/auth/authorize', '/auth/choose', '/auth/token']) {
    expect((await send(world, path, { method: 'PUT' })).status).toBe(405);
  }
  expect((await send(world, '/auth/nothing')).status).toBe(404);
});
