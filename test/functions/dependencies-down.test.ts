import { beforeEach, describe, expect, test } from 'vitest';
import { ASSERTION_TYPE } from '../../src/smart/assertion.ts';
import {
  assertion,
  authorizeUrl,
  backendToken,
  basic,
  codeForm,
  createWorld,
  fhir,
  launchApp,
  post,
  send,
  toRedirect,
  type World,
} from './world.ts';

/** Storage, vault or FHIR service refuse or are gone: a short answer with a reference, nothing of them told. */

const LEAK = 'acct.table.core.windows.net said no to identity 4711';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Down = () => Response;
const REFUSED: Down = () =>
  Response.json({ 'odata.error': { code: 'AuthorizationFailure', message: LEAK } }, { status: 403 });
const BROKEN: Down = () => new Response(`<html>${LEAK}`, { status: 200 });
const GONE: Down = () => {
  throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
};

async function expectShort(
  response: Response,
  status: number,
  kind: 'page' | 'json' | 'fhir',
): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toMatch(
    { page: /^text\/html/, json: /^application\/json/, fhir: /^application\/fhir\+json/ }[kind],
  );
  const text = await response.text();
  expect(text).not.toMatch(/windows\.net|4711|ECONNREFUSED/);
  const reference = response.headers.get('x-request-id') ?? 'none';
  expect(text).toContain(reference);
  expect(world.log.some(({ correlationId }) => correlationId === reference)).toBe(true);
}

describe('Table storage', () => {
  test.each<[string, Down, number]>([
    ['refuses', REFUSED, 500],
    ['answers nonsense', BROKEN, 500],
    ['is gone', GONE, 503],
  ])('%s', async (_, down, status) => {
    const { body } = await launchApp(world);
    const code = (await toRedirect(world)).searchParams.get('code') ?? '';
    world.tables.fetch = async () => down();
    await expectShort(await send(world, authorizeUrl()), status, 'page');
    await expectShort(
      await post(world, '/auth/token', codeForm(code), basic('confidential')),
      status,
      'json',
    );
    await expectShort(await fhir(world, body.access_token, 'Patient/patient-a'), status, 'fhir');
    const file = new Request('http://localhost:7002/files/1/0', {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    await expectShort(await world.gateway.fetch(file), status, 'fhir');
  });
});

test('the FHIR service is gone', async () => {
  const { body } = await launchApp(world);
  world.fhir.fetch = async () => GONE();
  await expectShort(await fhir(world, body.access_token, 'Patient/patient-a'), 503, 'fhir');
});

describe('blob storage', () => {
  test.each<[string, Down, number]>([
    ['refuses', REFUSED, 500],
    ['is gone', GONE, 503],
  ])('%s', async (_, down, status) => {
    const { body } = await backendToken(world);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const started = await fhir(world, body.access_token, '$export', { headers: { prefer: 'respond-async' } });
    await send(world, started.headers.get('content-location') ?? '', { headers });
    world.blobs.fetch = async () => down();
    const file = await world.gateway.fetch(new Request('http://localhost:7002/files/1/0', { headers }));
    await expectShort(file, status, 'fhir');
  });
});

describe('a client whose secret Key Vault does not give', () => {
  test('is told that the fault is ours', async () => {
    const client = world.settings.clients.find(({ name }) => name === 'backend');
    const other = { ...client, clientId: 'id-unknown-to-the-vault', name: 'unknown-to-the-vault' };
    Object.assign(client ?? {}, { clientId: other.clientId });
    const gateway = world.instance();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(world, 'unknown-to-the-vault'),
    });
    const response = await gateway.fetch(
      new Request('http://localhost:7000/auth/token', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      }),
    );
    expect([response.status, await response.json()]).toEqual([
      500,
      expect.objectContaining({ error: 'server_error' }),
    ]);
  });
});
