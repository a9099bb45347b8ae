import { beforeEach, describe, expect, test } from 'vitest';
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

const location = (response: Response): URL => new URL(response.headers.get('location') ?? 'about:blank');
/** Accepted requests go on to Entra, refused ones to the client. */
const errorOf = (response: Response): string | null => location(response).searchParams.get('error');

/** The same gateway, with this registration changed. */
function register(name: string, change: Record<string, unknown>): void {
  const client = world.settings.clients.find((one) => one.name === name);
  if (client !== undefined) Object.assign(client, change);
}

describe('lengths', () => {
  test.each<[string, number, string | null]>([
    ['nonce', 2048, null],
    ['nonce', 2049, 'invalid_request'],
    ['login_hint', 2048, null],
    ['login_hint', 2049, 'invalid_request'],
  ])('%s of %i characters: %s', async (name, length, error) => {
    const response = await send(world, authorizeUrl({ [name]: 'n'.repeat(length) }));
    expect(errorOf(response)).toBe(error);
  });

  test.each<[number, string | null]>([
    [16_384, null],
    [16_385, 'invalid_scope'],
  ])('scope of %i characters: %s', async (length, error) => {
    const scope = 'openid '.padEnd(length, 'x');
    expect(errorOf(await send(world, authorizeUrl({ scope })))).toBe(error);
  });

  test('a form of more than 64 kB is refused on a page', async () => {
    const form = authorizeParameters({ scope: 'openid '.padEnd(70_000, 'x') });
    const response = await post(world, '/auth/authorize', form);
    expect([response.status, response.headers.get('location')]).toEqual([413, null]);
  });

  test.each([42, 44])('a challenge of %i characters is no SHA-256', async (length) => {
    const response = await send(world, authorizeUrl({ code_challenge: 'a'.repeat(length) }));
    expect(errorOf(response)).toBe('invalid_request');
  });
});

describe('prompt (OpenID Connect Core 3.1.2.1)', () => {
  test.each<[string, string | null]>([
    ['login', 'login'],
    ['consent', 'consent'],
    ['select_account', 'select_account'],
    ['login consent', 'login'],
    ['create', null],
    ['', null],
  ])('%j is passed on as %j', async (prompt, passed) => {
    const response = await send(world, authorizeUrl({ prompt }));
    expect(errorOf(response)).toBeNull();
    expect(location(response).searchParams.get('prompt')).toBe(passed);
  });

  test.each(['none', 'none login', 'login none'])('%s cannot be met', async (prompt) => {
    expect(errorOf(await send(world, authorizeUrl({ prompt })))).toBe('interaction_required');
  });
});

test.each([
  ['response_mode', 'query'],
  ['resource', BASE],
  ['max_age', '0'],
  ['unheard_of', 'x'],
])('%s=%s is fine', async (name, value) => {
  expect(errorOf(await send(world, authorizeUrl({ [name]: value })))).toBeNull();
});

test.each(['aud', 'resource', 'nonce', 'prompt', 'login_hint', 'launch', 'response_mode', 'max_age'])(
  '%s twice is refused',
  async (name) => {
    const response = await send(world, `${authorizeUrl()}&${name}=a&${name}=a`);
    expect(errorOf(response)).toBe('invalid_request');
  },
);

test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
  'a POST of type %j is refused on a page',
  async (type) => {
    const response = await send(world, '/auth/authorize', {
      method: 'POST',
      headers: { 'content-type': type },
      body: authorizeParameters().toString(),
    });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  },
);

describe('the registered redirect URI stays as it is', () => {
  test.each<[string, string]>([
    ['a query of its own', 'https://app.example.org/cb?tenant=a%20b'],
    ['a private-use scheme (RFC 8252 section 7.1)', 'com.example.app:/oauth2redirect/example-provider'],
    ['loopback (RFC 8252 section 7.3)', 'http://127.0.0.1:51004/callback'],
  ])('%s', async (_, redirectUri) => {
    register('confidential', { redirectUris: [redirectUri] });
    const response = await send(world, authorizeUrl({ redirect_uri: redirectUri, scope: undefined }));
    const joint = redirectUri.includes('?') ? '&' : '?';
    expect(response.headers.get('location')?.startsWith(`${redirectUri}${joint}error=invalid_request&`)).toBe(
      true,
    );
    const page = await toPage(world, { parameters: { redirect_uri: redirectUri } });
    const target = redirectUri.startsWith('com.') ? 'com.example.app:' : new URL(redirectUri).origin;
    expect(page.response.headers.get('content-security-policy')).toContain(target);
    const done = await toRedirect(world, { parameters: { redirect_uri: redirectUri } });
    expect(done.searchParams.get('code')).toMatch(/^[\w-]{40,}$/);
    expect(done.href.startsWith(redirectUri)).toBe(true);
  });

  test('the page names the app of a private-use scheme', async () => {
    register('confidential', { redirectUris: ['com.example.app:/cb'] });
    const page = await toPage(world, { parameters: { redirect_uri: 'com.example.app:/cb' } });
    expect(page.html).toContain('an app on this device (com.example.app:)');
  });
});

describe('who the user is decides before anything is chosen', () => {
  test.each<[string, string | undefined, string | null]>([
    ['a patient', `${BASE}/Patient/patient-a`, null],
    ['a patient, relative', 'Patient/patient-a', null],
    ['a practitioner', `${BASE}/Practitioner/practitioner-1`, 'access_denied'],
    ['a related person', `${BASE}/RelatedPerson/r1`, 'access_denied'],
    ['no type of user', `${BASE}/Device/d1`, 'access_denied'],
    ['an id that is none', `${BASE}/Patient/a_b`, 'access_denied'],
    ['an id that is too long', `Patient/${'a'.repeat(65)}`, 'access_denied'],
    ['a type that only ends so', 'XPatient/patient-a', 'access_denied'],
    ['not told by the directory yet', undefined, null],
  ])('%s', async (_, fhirUser, error) => {
    const { fhirUser: _dropped, ...nobody } = PATIENT_USER;
    const user = fhirUser === undefined ? nobody : { ...nobody, fhirUser };
    const page = await toPage(world, { user });
    expect(errorOf(page.response)).toBe(error);
  });
});

describe('first visit', () => {
  const start = async () => {
    const started = await send(world, authorizeUrl());
    return { started, cookie: started.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
  };

  test('an id_token with another nonce is not believed', async () => {
    const { started, cookie } = await start();
    const forged = location(started);
    forged.searchParams.set('nonce', 'of-another-sign-in');
    const response = await send(world, world.entra.signIn(forged.href, PATIENT_USER), {
      headers: { cookie },
    });
    expect(errorOf(response)).toBe('server_error');
  });

  test('an id_token that names nobody is not believed', async () => {
    const { started, cookie } = await start();
    const back = world.entra.signIn(location(started).href, PATIENT_USER);
    const nonce = location(started).searchParams.get('nonce') ?? '';
    const whole = world.entra.fetch;
    world.entra.fetch = async (request) =>
      request.url.endsWith('/token')
        ? Response.json({
            access_token: 'x',
            expires_in: 1,
            id_token: await world.entra.idToken('sign-in', PATIENT_USER, nonce, false),
          })
        : whole(request);
    expect(errorOf(await send(world, back, { headers: { cookie } }))).toBe('server_error');
  });

  test('without a code there is nothing to learn', async () => {
    const { started, cookie } = await start();
    const state = location(started).searchParams.get('state') ?? '';
    const response = await send(world, `/auth/signed-in?state=${state}`, { headers: { cookie } });
    expect(errorOf(response)).toBe('invalid_request');
  });

  test.each(['', '?state=', '?state=a&state=a', '?code=x'])('%j is a page', async (query) => {
    for (const path of ['signed-in', 'callback']) {
      const response = await send(world, `/auth/${path}${query}`);
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    }
  });

  test('the cookie is for this path and a limited time, never for scripts', async () => {
    const cookie = (await start()).started.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/; Path=\/auth; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  });
});

describe('the decision', () => {
  test.each(['', 'yes', 'ALLOW', 'deny'])('%j is no permission', async (decision) => {
    const page = await toPage(world);
    const form = { transaction: page.transaction, csrf: page.csrf, decision, scope: 'patient/*.rs' };
    const response = await post(world, '/auth/choose', form, { cookie: page.cookie });
    expect(errorOf(response)).toBe(decision === '' ? 'invalid_request' : 'access_denied');
  });

  test('by a practitioner, of a patient scope the launch has no patient for, is refused', async () => {
    const redirect = await toRedirect(world, {
      user: PRACTITIONER_USER,
      parameters: { scope: 'openid launch/patient patient/*.rs' },
    });
    expect(redirect.origin + redirect.pathname).toBe(REDIRECT);
    expect(redirect.searchParams.get('error')).toBe('access_denied');
  });
});
