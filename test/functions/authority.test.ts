import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../src/core/clock.ts';
import { AUDIENCE, TENANT } from './fakes.ts';
import { authorizeUrl, createWorld, PATIENT_USER, post, send, type World } from './world.ts';

/** What the gateway believes of the tenant: its discovery document, its keys, and whose tokens it takes. */

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const DISCOVERY = '/.well-known/openid-configuration';

/** The authority answers what `choose` gives, else as ever; counts how often each path was asked for. */
function authority(choose: (path: string) => Response | undefined = () => undefined): Map<string, number> {
  const asked = new Map<string, number>();
  const whole = world.entra.fetch;
  world.entra.fetch = async (request) => {
    const path = new URL(request.url).pathname.replace(`/${TENANT}`, '');
    asked.set(path, (asked.get(path) ?? 0) + 1);
    return choose(path) ?? whole(request);
  };
  return asked;
}

const launch = (token: string, body: unknown = { clientId: 'id-ehr-app' }): Promise<Response> =>
  send(world, '/auth/launch', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const EHR = { sub: 's', oid: 'o', azp: 'id-ehr', roles: ['launch.create'] };
const without = (name: keyof typeof EHR): Record<string, unknown> =>
  Object.fromEntries(Object.entries(EHR).filter(([key]) => key !== name));

describe('an app-only token that may create launches', () => {
  test('is one of the tenant, for the FHIR service, with the role, of the registered EHR', async () => {
    expect((await launch(await world.entra.sign(EHR, AUDIENCE))).status).toBe(201);
  });

  test.each<[string, () => Promise<string>, number]>([
    ['for another audience', () => world.entra.sign(EHR, 'https://graph.microsoft.com'), 401],
    ['signed by another key', async () => world.entra.sign(EHR, AUDIENCE, await world.entra.otherKey()), 401],
    ['of another issuer', () => world.entra.sign({ ...EHR }, AUDIENCE).then(tampered), 401],
    ['without an object id', () => world.entra.sign(without('oid'), AUDIENCE), 401],
    ['without a client', () => world.entra.sign(without('azp'), AUDIENCE), 401],
    ['without a subject', () => world.entra.sign(without('sub'), AUDIENCE), 401],
    ['without an id of its own', () => world.entra.sign({ ...EHR, uti: 7 }, AUDIENCE), 401],
    ['that is an id_token of the FHIR application', () => world.entra.idToken(AUDIENCE, PATIENT_USER), 401],
    ['without any role', () => world.entra.sign({ ...without('roles'), idtyp: 'app' }, AUDIENCE), 403],
    ['with another role', () => world.entra.sign({ ...EHR, roles: ['system.all.rs'] }, AUDIENCE), 403],
    [
      'with a role that is no text',
      () => world.entra.sign({ ...EHR, roles: [['launch.create']] }, AUDIENCE),
      403,
    ],
    ['of a user', () => world.entra.sign({ ...EHR, scp: 'launch' }, AUDIENCE), 403],
    ['of a client that is no EHR', () => world.entra.sign({ ...EHR, azp: 'id-backend' }, AUDIENCE), 403],
    ['of a client nobody registered', () => world.entra.sign({ ...EHR, azp: 'nobody' }, AUDIENCE), 403],
    ['longer than any of Entra’s', () => world.entra.sign({ ...EHR, x: 'x'.repeat(16_384) }, AUDIENCE), 401],
    ['that is no token', async () => 'a.b.c', 401],
    ['that says it needs no signature', async () => unsigned(EHR), 401],
  ])('%s: refused', async (_, token, status) => {
    const response = await launch(await token());
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: status === 401 ? 'invalid_token' : 'insufficient_scope',
    });
    expect(response.headers.has('www-authenticate')).toBe(status === 401);
  });

  test.each<[number, number]>([
    [4200 * 1000, 201],
    [4200 * 1000 + 5 * MINUTE, 401],
  ])('%i ms after it was issued: %i', async (age, status) => {
    const token = await world.entra.sign(EHR, AUDIENCE);
    world.clock.advance(age - (status === 201 ? 1000 : 0));
    expect((await launch(token)).status).toBe(status);
  });
});

/** The same token with another issuer in its claims: the signature no longer fits. */
function tampered(token: string): string {
  const [head, claims = '', signature] = token.split('.');
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
  const other = { ...read, iss: 'https://login.example/v2.0' };
  return [head, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
}

function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', kid: 'entra-key' })}.${part({ ...claims, aud: AUDIENCE })}.`;
}

describe('launches', () => {
  test.each<[object, number]>([
    [{ patient: 'a'.repeat(64) }, 201],
    [{ patient: 'a'.repeat(65) }, 400],
    [{ encounter: 'a_b' }, 400],
    [{ user: '' }, 400],
    [{ user: 'u'.repeat(256), intent: 'i'.repeat(256) }, 201],
    [{ intent: 'i'.repeat(257) }, 400],
    [{ needPatientBanner: null }, 400],
    [{ smart_style_url: 'https://evil.example' }, 400],
  ])('with %j: %i', async (context, status) => {
    const response = await launch(await world.entra.sign(EHR, AUDIENCE), {
      clientId: 'id-ehr-app',
      ...context,
    });
    expect(response.status).toBe(status);
  });

  test('of more than 64 kB are refused', async () => {
    const response = await launch(await world.entra.sign(EHR, AUDIENCE), { clientId: 'x'.repeat(70_000) });
    expect(response.status).toBe(413);
  });
});

describe('keys and discovery', () => {
  const check = async (): Promise<number> => (await launch(await world.entra.sign(EHR, AUDIENCE))).status;

  test('are kept for an hour', async () => {
    const asked = authority();
    await check();
    world.clock.advance(HOUR - 1);
    await check();
    expect([asked.get(`/v2.0${DISCOVERY}`), asked.get('/discovery/v2.0/keys')]).toEqual([1, 1]);
    world.clock.advance(1);
    expect(await check()).toBe(201);
    expect([asked.get(`/v2.0${DISCOVERY}`), asked.get('/discovery/v2.0/keys')]).toEqual([2, 2]);
  });

  test('a key that is new is found within a minute, and strangers cannot make us ask all the time', async () => {
    let rotated = false;
    const asked = authority((path) =>
      path === '/discovery/v2.0/keys' && !rotated ? Response.json({ keys: [] }) : undefined,
    );
    expect([await check(), await check(), await check()]).toEqual([401, 401, 401]);
    expect(asked.get('/discovery/v2.0/keys')).toBe(1);
    rotated = true;
    world.clock.advance(MINUTE);
    expect(await check()).toBe(201);
    expect(asked.get('/discovery/v2.0/keys')).toBe(2);
  });

  test.each<[string, () => Response]>([
    ['not there', () => new Response(null, { status: 404 })],
    ['a page', () => new Response('<html>')],
    ['without endpoints', () => Response.json({ issuer: 'x' })],
    ['with an endpoint that is no text', () => Response.json({ issuer: 'x', authorization_endpoint: {} })],
    ['endless', () => new Response('x'.repeat(300_000))],
  ])(
    'a discovery document that is %s: a page for browsers, JSON for clients, nothing told',
    async (_, answer) => {
      authority((path) => (path.endsWith(DISCOVERY) ? answer() : undefined));
      const page = await send(world, authorizeUrl());
      expect([page.status >= 500, page.headers.get('location')]).toEqual([true, null]);
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      const json = await post(
        world,
        '/auth/introspect',
        { token: 'a.b.c' },
        { authorization: 'Bearer e30.e30.x' },
      );
      expect(json.status).toBeGreaterThanOrEqual(500);
      expect(Object.keys((await json.json()) as object).sort()).toEqual([
        'correlation_id',
        'error',
        'error_description',
      ]);
      const fhir = await send(world, '/fhir/Patient', { headers: { authorization: 'Bearer e30.e30.x' } });
      expect([fhir.status >= 500, ((await fhir.json()) as { resourceType: string }).resourceType]).toEqual([
        true,
        'OperationOutcome',
      ]);
      expect(world.log.every(({ level }) => level === 'error')).toBe(true);
    },
  );

  test('no keys are no keys to believe', async () => {
    authority((path) => (path === '/discovery/v2.0/keys' ? Response.json({}) : undefined));
    expect(await check()).toBe(500);
  });
});
