import { beforeEach, describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/smart/assertion.ts';
import { assertion, createWorld, post, send, type World } from './world.ts';

/** How clients say who they are, in each spelling that RFC 6749 and RFC 7523 allow. */

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const basicOf = (credentials: string, scheme = 'Basic'): Record<string, string> => ({
  authorization: `${scheme} ${Buffer.from(credentials).toString('base64')}`,
});
const introspect = (form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  post(world, '/auth/introspect', { token: 'x', ...form }, headers);

describe('Basic (RFC 6749 section 2.3.1)', () => {
  test.each<[string, Record<string, string>, number]>([
    ['as it is', basicOf('id-introspector:secret-introspector'), 200],
    ['form-encoded', basicOf('id%2Dintrospector:secret%2Dintrospector'), 200],
    ['in lower case', basicOf('id-introspector:secret-introspector', 'basic'), 200],
    ['an empty secret', basicOf('id-introspector:'), 401],
    ['no colon', basicOf('id-introspector'), 401],
    ['no client', basicOf(':secret-introspector'), 401],
    ['a broken escape in the secret', basicOf('id-introspector:%E0%A4%A'), 401],
    ['a secret with more after it', basicOf('id-introspector:secret-introspector:x'), 401],
    ['another scheme', basicOf('id-introspector:secret-introspector', 'Digest'), 401],
    ['a scheme alone', { authorization: 'Basic' }, 401],
  ])('%s: %i', async (_, headers, status) => {
    const response = await introspect({}, headers);
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Basic realm="smartfhir"');
  });

  test('a plus stays a plus, an escape is decoded: secrets of Entra hold both', async () => {
    await introspect({}, basicOf('id-introspector:a+b%7Ec~'));
    expect(world.entra.forms.at(-1)?.['client_secret']).toBe('a+b~c~');
  });
});

describe('an assertion (RFC 7523)', () => {
  const ask = async (form: Record<string, string>): Promise<Response> =>
    post(world, '/auth/token', { grant_type: 'client_credentials', scope: 'system/*.rs', ...form });

  test.each<[string, (jwt: string) => Record<string, string>, number]>([
    ['with its type', (jwt) => ({ client_assertion_type: ASSERTION_TYPE, client_assertion: jwt }), 200],
    [
      'with the same client_id',
      (jwt) => ({ client_assertion_type: ASSERTION_TYPE, client_assertion: jwt, client_id: 'id-backend' }),
      200,
    ],
    ['without its type', (jwt) => ({ client_assertion: jwt }), 401],
    ['a type without it', () => ({ client_assertion_type: ASSERTION_TYPE }), 401],
    [
      'beside a secret',
      (jwt) => ({
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: jwt,
        client_secret: 'secret-backend',
      }),
      400,
    ],
  ])('%s: %i', async (_, form, status) => {
    expect((await ask(form(await assertion(world)))).status).toBe(status);
  });

  test('of a client that has a secret is refused', async () => {
    const response = await ask({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(world, 'confidential'),
    });
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'invalid_client' }),
    ]);
  });

  test('of a client that signs, but for people, does not get a backend token', async () => {
    const response = await ask({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(world, 'asymmetric'),
    });
    expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
  });

  test('once used is used up for revocation and introspection too', async () => {
    const form = { client_assertion_type: ASSERTION_TYPE, client_assertion: await assertion(world) };
    expect((await post(world, '/auth/revoke', { token: 'x', ...form })).status).toBe(200);
    expect((await ask(form)).status).toBe(401);
  });
});

describe('who may introspect', () => {
  test.each<[string, Record<string, string>, Record<string, string>, number, string]>([
    ['a public client', { client_id: 'id-public' }, {}, 401, 'invalid_client'],
    [
      'a client without the permission',
      {},
      basicOf('id-confidential:secret-confidential'),
      403,
      'unauthorized_client',
    ],
    ['a wrong secret', {}, basicOf('id-introspector:wrong'), 401, 'invalid_client'],
    ['an unknown bearer token', {}, { authorization: 'Bearer x.y.z' }, 401, 'invalid_token'],
  ])('%s does not', async (_, form, headers, status, error) => {
    const response = await introspect(form, headers);
    expect([response.status, await response.json()]).toEqual([status, expect.objectContaining({ error })]);
  });
});

describe('forms of the endpoints', () => {
  const endpoints = ['token', 'introspect', 'revoke'] as const;

  test.each(endpoints)('%s takes no JSON, no query, no GET', async (endpoint) => {
    const json = await send(world, `/auth/${endpoint}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(400);
    expect((await send(world, `/auth/${endpoint}?token=x`)).status).toBe(405);
  });

  test.each(endpoints)('%s refuses a parameter that is there twice', async (endpoint) => {
    for (const name of ['token', 'client_id', 'client_secret', 'client_assertion']) {
      const form = new URLSearchParams([
        ['grant_type', 'refresh_token'],
        ['refresh_token', 'x'],
        ['token', 'x'],
        [name, 'a'],
        [name, 'b'],
      ]);
      if (endpoint === 'token' && name === 'token') continue;
      const response = await post(world, `/auth/${endpoint}`, form);
      expect([response.status, await response.json()], name).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_request' }),
      ]);
    }
  });
});
