import { expect, test } from 'vitest';
import { MINUTE, manualClock } from '../../src/core/clock.ts';
import { createClientKeys } from '../../src/functions/token/client-keys.ts';
import type { ClientRegistration } from '../../src/smart/registration.ts';

const client: ClientRegistration = {
  name: 'app',
  clientId: 'app',
  auth: 'private_key_jwt',
  launch: 'backend',
  redirectUris: [],
  launchUris: [],
  origins: [],
  scopes: [],
  permissions: [],
  jwksUrl: 'https://app.example.org/jwks.json',
};

function keysFrom(answer: () => Response) {
  const clock = manualClock(Date.parse('2026-11-24T20:00:00Z'));
  let asked = 0;
  const keys = createClientKeys(async (request) => {
    expect(request.headers.get('authorization')).toBeNull();
    asked += 1;
    return answer();
  }, clock);
  return { clock, keys, asked: () => asked };
}

const set = { keys: [{ kty: 'EC', kid: 'k' }] };

test('a set is kept as long as its Cache-Control allows, not longer', async () => {
  const { clock, keys, asked } = keysFrom(() =>
    Response.json(set, { headers: { 'cache-control': 'max-age=600' } }),
  );
  expect(await keys(client, false)).toEqual(set);
  await keys(client, false);
  expect(asked()).toBe(1);
  clock.advance(10 * MINUTE);
  await keys(client, false);
  expect(asked()).toBe(2);
});

test('an unknown key id asks again, but not within a minute', async () => {
  const { clock, keys, asked } = keysFrom(() =>
    Response.json(set, { headers: { 'cache-control': 'max-age=3600' } }),
  );
  await keys(client, false);
  await keys(client, true);
  expect(asked()).toBe(1);
  clock.advance(MINUTE);
  await keys(client, true);
  expect(asked()).toBe(2);
});

test.each([undefined, 'no-store', 'no-cache'])('Cache-Control %s: not kept', async (cacheControl) => {
  const { keys, asked } = keysFrom(() =>
    Response.json(set, cacheControl === undefined ? {} : { headers: { 'cache-control': cacheControl } }),
  );
  await keys(client, false);
  await keys(client, false);
  expect(asked()).toBe(2);
});

test.each<[string, () => Response]>([
  ['not found', () => new Response(null, { status: 404 })],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
  ['no JSON', () => new Response('<html>')],
  ['no keys', () => Response.json({})],
  ['endless', () => new Response('x'.repeat(70_000))],
])('%s fails the assertion', async (_, answer) => {
  await expect(keysFrom(answer).keys(client, false)).rejects.toMatchObject({ name: 'AssertionError' });
});

test('an inline set needs no network', async () => {
  const { keys, asked } = keysFrom(() => Response.json({}));
  const { jwksUrl: _, ...inline } = client;
  expect(await keys({ ...inline, jwks: set }, true)).toEqual(set);
  expect(asked()).toBe(0);
});
