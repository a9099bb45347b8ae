import { beforeEach, describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/smart/assertion.ts';
import {
  assertion,
  basic,
  codeForm,
  createWorld,
  launchApp,
  PATIENT_USER,
  PRACTITIONER_USER,
  post,
  send,
  toPage,
  toRedirect,
  type World,
} from './world.ts';

const LEAK = 'AADSTS0000000 trace of the identity provider';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

/** From now on the token endpoint gives this answer; discovery and keys go on. */
function answerTokens(answer: (request: Request) => Response | Promise<Response>): void {
  const whole = world.entra.fetch;
  world.entra.fetch = async (request) => (request.url.endsWith('/token') ? answer(request) : whole(request));
}

const refusal = (status: number, error: string) => () =>
  Response.json({ error, error_description: LEAK, error_codes: [1] }, { status });

async function codeThen(answer: (request: Request) => Response | Promise<Response>): Promise<Response> {
  const redirect = await toRedirect(world);
  answerTokens(answer);
  return post(world, '/auth/token', codeForm(redirect.searchParams.get('code') ?? ''), basic('confidential'));
}

describe('what the identity provider answers to a code', () => {
  test.each<[string, () => Response | Promise<Response>, number, string]>([
    ['invalid_client', refusal(401, 'invalid_client'), 401, 'invalid_client'],
    ['unauthorized_client', refusal(400, 'unauthorized_client'), 401, 'invalid_client'],
    ['invalid_grant', refusal(400, 'invalid_grant'), 400, 'invalid_grant'],
    ['interaction_required', refusal(400, 'interaction_required'), 400, 'invalid_grant'],
    ['consent_required', refusal(400, 'consent_required'), 400, 'invalid_grant'],
    ['temporarily_unavailable', refusal(503, 'temporarily_unavailable'), 503, 'temporarily_unavailable'],
    ['an error of the request', refusal(400, 'invalid_request'), 502, 'server_error'],
    ['an error without a word', () => new Response(null, { status: 500 }), 502, 'server_error'],
    ['a page', () => new Response(`<html>${LEAK}`, { status: 502 }), 502, 'server_error'],
    ['200 with a page', () => new Response(`<html>${LEAK}`), 502, 'server_error'],
    ['200 with an array', () => Response.json([]), 502, 'server_error'],
    ['200 without a token', () => Response.json({ expires_in: 3600 }), 502, 'server_error'],
    ['a token that is no text', () => Response.json({ access_token: 7, expires_in: 1 }), 502, 'server_error'],
    ['no lifetime', () => Response.json({ access_token: 'x' }), 502, 'server_error'],
    [
      'a token it did not sign',
      () => Response.json({ access_token: 'x', expires_in: 1 }),
      502,
      'server_error',
    ],
    [
      'a token of another client',
      async () =>
        Response.json({ access_token: await world.entra.userToken('id-other', PATIENT_USER), expires_in: 1 }),
      502,
      'server_error',
    ],
    [
      'no id_token although openid was granted',
      async () =>
        Response.json({
          access_token: await world.entra.userToken('id-confidential', PATIENT_USER),
          expires_in: 1,
        }),
      502,
      'server_error',
    ],
    [
      'an id_token of another client',
      async () =>
        Response.json({
          access_token: await world.entra.userToken('id-confidential', PATIENT_USER),
          id_token: await world.entra.idToken('id-other', PATIENT_USER),
          expires_in: 1,
        }),
      502,
      'server_error',
    ],
  ])('%s', async (_, answer, status, error) => {
    const response = await codeThen(answer);
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error, correlation_id: expect.any(String) });
    expect(text).not.toContain('AADSTS');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(world.log)).not.toContain(LEAK);
  });

  test('a lifetime as text is a lifetime (Entra v1 sends it so)', async () => {
    const response = await codeThen(async () =>
      Response.json({
        access_token: await world.entra.userToken('id-confidential', PATIENT_USER),
        id_token: await world.entra.idToken('id-confidential', PATIENT_USER),
        expires_in: '3599',
      }),
    );
    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty('refresh_token');
  });

  test('no connection: 503, and the code is used up all the same', async () => {
    const whole = world.entra.fetch;
    const redirect = await toRedirect(world);
    const form = codeForm(redirect.searchParams.get('code') ?? '');
    answerTokens(() => {
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
    });
    const down = await post(world, '/auth/token', form, basic('confidential'));
    expect(down.status).toBe(503);
    expect(await down.json()).toMatchObject({ error: 'temporarily_unavailable' });
    world.entra.fetch = whole;
    const again = await post(world, '/auth/token', form, basic('confidential'));
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('what it answers to a refresh', () => {
  const refresh = async (token: string): Promise<Response> =>
    post(world, '/auth/token', { grant_type: 'refresh_token', refresh_token: token }, basic('confidential'));

  test('a token of another user is nobody’s', async () => {
    const { body } = await launchApp(world);
    answerTokens(async () =>
      Response.json({
        access_token: await world.entra.userToken('id-confidential', PRACTITIONER_USER),
        expires_in: 1,
      }),
    );
    const response = await refresh(body.refresh_token);
    expect([response.status, await response.json()]).toEqual([
      502,
      expect.objectContaining({ error: 'server_error' }),
    ]);
  });

  test('a refusal that passes leaves the session as it was', async () => {
    const { body } = await launchApp(world);
    const whole = world.entra.fetch;
    answerTokens(refusal(503, 'temporarily_unavailable'));
    expect((await refresh(body.refresh_token)).status).toBe(503);
    world.entra.fetch = whole;
    expect((await refresh(body.refresh_token)).status).toBe(200);
  });

  test('without a new refresh token the old one is kept', async () => {
    const { body } = await launchApp(world);
    const whole = world.entra.fetch;
    answerTokens(async () =>
      Response.json({
        access_token: await world.entra.userToken('id-confidential', PATIENT_USER),
        expires_in: 1,
      }),
    );
    const { refresh_token: kept } = (await (await refresh(body.refresh_token)).json()) as {
      refresh_token: string;
    };
    world.entra.fetch = whole;
    expect((await refresh(kept)).status).toBe(200);
  });
});

describe('what it answers to a backend client', () => {
  const ask = async (): Promise<Response> =>
    post(world, '/auth/token', {
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(world),
    });

  test.each<[string, () => Promise<string>]>([
    ['a token of another client', () => world.entra.appToken('id-backend-2')],
    ['a token of a user', () => world.entra.userToken('id-backend', PATIENT_USER)],
  ])('%s opens no session', async (_, token) => {
    answerTokens(async () => Response.json({ access_token: await token(), expires_in: 3599 }));
    const response = await ask();
    expect([response.status, await response.json()]).toEqual([
      502,
      expect.objectContaining({ error: 'server_error' }),
    ]);
  });
});

describe('the way back from the second visit', () => {
  /** Allowed on the page; the address Entra sends the browser back to, without its answer. */
  async function atEntra(): Promise<{ cookie: string; back: (answer: Record<string, string>) => string }> {
    const page = await toPage(world);
    const form = new URLSearchParams({
      transaction: page.transaction,
      csrf: page.csrf,
      decision: 'allow',
    });
    for (const scope of page.scopes) form.append('scope', scope);
    const chosen = await post(world, '/auth/choose', form, { cookie: page.cookie });
    const query = new URL(chosen.headers.get('location') ?? '').searchParams;
    const state = query.get('state') ?? '';
    return {
      cookie: page.cookie,
      back: (answer) => `${query.get('redirect_uri')}?${new URLSearchParams({ ...answer, state })}`,
    };
  }

  test.each<[Record<string, string>, string]>([
    [{ error: 'access_denied' }, 'access_denied'],
    [{ error: 'login_required' }, 'access_denied'],
    [{ error: 'server_error' }, 'server_error'],
    [{ error: 'temporarily_unavailable' }, 'temporarily_unavailable'],
    [{}, 'invalid_request'],
    [{ code: '' }, 'invalid_request'],
  ])('%j ends at the client as %s, once', async (answer, error) => {
    const { cookie, back } = await atEntra();
    const url = back({ ...answer, ...('error' in answer ? { error_description: LEAK } : {}) });
    const response = await send(world, url, { headers: { cookie } });
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.searchParams.get('error')).toBe(error);
    expect(location.searchParams.get('state')).toBe('st+/=& te');
    expect(location.href).not.toContain('AADSTS');
    const again = await send(world, url, { headers: { cookie } });
    expect([again.status, again.headers.get('location')]).toEqual([400, null]);
  });

  test('two codes are refused', async () => {
    const { cookie, back } = await atEntra();
    const response = await send(world, `${back({ code: 'a' })}&code=b`, { headers: { cookie } });
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  test('the answer to the first visit is none to the second', async () => {
    const { cookie, back } = await atEntra();
    const first = back({ code: 'a' }).replace('/callback?', '/signed-in?');
    const response = await send(world, first, { headers: { cookie } });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });
});
