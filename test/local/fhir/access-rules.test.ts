import { beforeAll, describe, expect, test } from 'vitest';
import { deleteManagedIdentity } from '../../../src/local/directory/identities.ts';
import { assignRole } from '../../../src/local/rbac.ts';
import { Resources } from '../../../src/local/resources.ts';
import {
  AUDIENCE,
  BASE,
  type Call,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  ids,
  observation,
  patient,
  SERVICE_ID,
} from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud({ properties: { exportConfiguration: { storageAccountName: 'exports' } } });
  await cloud.put(patient('a'));
});

describe('the Authorization header', () => {
  const send = async (header: string | undefined) =>
    cloud.call('/Patient', header === undefined ? {} : { headers: { authorization: header } });
  const token = async () => cloud.token({ oid: cloud.principal('FHIR Data Reader') });

  test.each<[string, (token: string) => string]>([
    ['the usual spelling', (token) => `Bearer ${token}`],
    ['small letters', (token) => `bearer ${token}`],
    ['capitals', (token) => `BEARER ${token}`],
  ])('%s is taken', async (_name, header) => {
    expect((await send(header(await token()))).status).toBe(200);
  });

  test.each<[string, (token: string) => string | undefined]>([
    ['none', () => undefined],
    ['the scheme alone', () => 'Bearer'],
    ['the token alone', (token) => token],
    ['another scheme', (token) => `Basic ${token}`],
    ['DPoP', (token) => `DPoP ${token}`],
    ['two spaces', (token) => `Bearer  ${token}`],
    ['two tokens', (token) => `Bearer ${token} ${token}`],
    ['two headers joined', (token) => `Bearer ${token}, Bearer ${token}`],
    ['quotes', (token) => `Bearer "${token}"`],
    ['four parts', (token) => `Bearer ${token}.x`],
    ['two parts', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}`],
    ['an empty signature', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`],
    ['white space inside', (token) => `Bearer ${token.replace('.', '. ')}`],
    ['three parts of nothing', () => 'Bearer a.b.c'],
  ])('%s is 401', async (_name, header) => {
    const answer = await send(header(await token()));
    expect([answer.status, diagnostics(answer)]).toEqual([401, 'Authentication failed.']);
  });
});

describe('claims', () => {
  const seconds = (): number => Math.floor(cloud.fabric.clock.now() / 1000);

  test.each<[string, () => Record<string, unknown>, number]>([
    ['exactly now not yet expired', () => ({ exp: seconds() + 1 }), 200],
    ['expired a second ago', () => ({ exp: seconds() - 1 }), 401],
    ['no expiry', () => ({ exp: undefined }), 401],
    ['no audience', () => ({ aud: undefined }), 401],
    ['no issuer', () => ({ iss: undefined }), 401],
    ['an audience in capitals', () => ({ aud: AUDIENCE.toUpperCase() }), 401],
    ['the service itself as audience', () => ({ aud: BASE }), 401],
    ['an oid that is no text', () => ({ oid: 5 }), 403],
    ['an oid of nobody', () => ({ oid: '00000000-0000-0000-0000-000000000001' }), 403],
    ['sub instead of oid', () => ({ oid: undefined, sub: cloud.principal('FHIR Data Reader') }), 403],
  ])('%s is %i', async (_name, claims, status) => {
    const token = await cloud.token({ oid: cloud.principal('FHIR Data Reader'), ...claims() });
    expect((await cloud.call('/Patient', { token })).status).toBe(status);
  });
});

const ASYNC = { accept: 'application/fhir+json', prefer: 'respond-async' };

/** The data actions of the built-in roles, as Azure's documentation lists them. */
describe('what each role may do', () => {
  const ACTIONS: Readonly<Record<string, readonly [path: string, call: Call]>> = {
    read: ['/Patient/a', {}],
    search: ['/Patient', {}],
    history: ['/_history', {}],
    create: ['/Patient', { method: 'POST', body: patient('x') }],
    update: ['/Patient/a', { method: 'PUT', body: patient('a') }],
    delete: ['/Patient/none', { method: 'DELETE' }],
    'hard delete': ['/Patient/none?_hardDelete=true', { method: 'DELETE' }],
    'purge history': ['/Patient/a/$purge-history', { method: 'DELETE' }],
    export: ['/$export', { headers: ASYNC }],
  };
  const READS = ['read', 'search', 'history'];
  const WRITES = ['create', 'update', 'delete'];

  test.each<[string, readonly string[]]>([
    ['FHIR Data Reader', READS],
    ['FHIR Data Writer', [...READS, ...WRITES, 'export']],
    ['FHIR Data Contributor', Object.keys(ACTIONS)],
    ['FHIR Data Exporter', [...READS, 'export']],
    ['FHIR Data Importer', READS],
    ['FHIR Data Converter', []],
    ['Contributor', []],
    ['Reader', []],
  ])('%s', async (role, allowed) => {
    const token = await cloud.token({ oid: cloud.principal(role) });
    for (const [name, [path, call]] of Object.entries(ACTIONS)) {
      const { status } = await cloud.call(path, { token, ...call });
      expect([name, status < 300 ? 'allowed' : status]).toEqual([
        name,
        allowed.includes(name) ? 'allowed' : 403,
      ]);
    }
  });

  test('roles add up', async () => {
    const token = await cloud.token({
      oid: cloud.principal('FHIR Data Importer', 'FHIR Data Converter', 'FHIR Data Exporter'),
    });
    expect((await cloud.call('/$export', { token, headers: ASYNC })).status).toBe(202);
    expect((await cloud.call('/Patient', { token, method: 'POST', body: patient('x') })).status).toBe(403);
  });
});

describe('services do not share anything', () => {
  const OTHER = 'https://ws-second.fhir.azurehealthcareapis.com';

  test('a second one has its own resources, versions and results', async () => {
    const own = await fhirCloud();
    const resources = new Resources(own.fabric.store);
    const first = resources
      .ofType('Microsoft.HealthcareApis/workspaces/fhirservices')
      .find((item) => item.id === SERVICE_ID);
    if (first === undefined) throw new Error('no service');
    const second = SERVICE_ID.replace(/fhir$/, 'second');
    resources.put({ ...first, id: second, name: 'second' });
    await own.put(patient('a'));
    await own.put(observation('o', 'a'));
    expect((await own.admin(`${OTHER}/Patient/a`)).status).toBe(403);
    const principalId = own.principal('FHIR Data Contributor');
    assignRole(own.fabric, { principalId, role: 'FHIR Data Contributor', scope: second });
    const token = await own.token({ oid: principalId });
    expect((await own.call(`${OTHER}/Patient/a`, { token })).status).toBe(404);
    expect((await own.call(`${OTHER}/_history`, { token })).body.total).toBe(0);
    const made = await own.call(`${OTHER}/Patient/a`, { token, method: 'PUT', body: patient('a') });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${OTHER}/Patient/a/_history/1`]);
    expect(ids(await own.admin('/Observation?patient=a'))).toEqual(['o']);
  });

  test('host names are compared without case, and only whole', async () => {
    expect((await cloud.call(`${BASE.replace('ws-fhir', 'WS-FHIR')}/metadata`)).status).toBe(200);
    await expect(cloud.call(`${BASE.replace('ws-fhir', 'x-ws-fhir')}/metadata`)).rejects.toThrow(
      'no stand-in serves',
    );
  });
});

test('what breaks while a request is read is 500 without details, and logged', async () => {
  const token = await cloud.token({ oid: cloud.principal('FHIR Data Writer') });
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('the client went away')),
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const answer = await cloud.fetch(
    new Request(`${BASE}/Patient`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
  );
  const outcome = (await answer.json()) as { issue: unknown[]; meta?: unknown };
  expect([answer.status, outcome.issue, outcome.meta]).toEqual([
    500,
    [{ severity: 'fatal', code: 'exception', diagnostics: 'There was an error processing your request.' }],
    undefined,
  ]);
  expect(cloud.logs.at(-1)).toMatchObject({
    standIn: 'fhir',
    level: 'error',
    text: expect.stringContaining('the client went away'),
  });
});

test('an export of a service without managed identity fails as forbidden', async () => {
  const own = await fhirCloud({ properties: { exportConfiguration: { storageAccountName: 'exports' } } });
  deleteManagedIdentity(own.fabric, SERVICE_ID);
  const started = await own.admin('/$export', { headers: ASYNC });
  let polled = await own.admin(started.headers.get('content-location') ?? '');
  for (let turn = 0; turn < 1000 && polled.status === 202; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    polled = await own.admin(started.headers.get('content-location') ?? '');
  }
  expect([polled.status, diagnostics(polled)]).toEqual([
    403,
    expect.stringContaining('Unable to get access token'),
  ]);
});
