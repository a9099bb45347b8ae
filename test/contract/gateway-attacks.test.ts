import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { TokenSet } from '../../src/smart/app/token.ts';
import { clientCredentials } from '../../src/smart/app/token.ts';
import { authenticateClient } from '../../src/smart/client-auth.ts';
import { isObject, objectsOf, parseObject } from '../../src/smart/json.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';
import { TestApp } from './app.ts';

const OWN = 'patient-a';
const OTHER = 'patient-b';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const FHIR_JSON = { 'content-type': 'application/fhir+json' };

let stack: ProvisionedStack;
let app: TestApp;
let own: TokenSet;

beforeAll(async () => {
  stack = await restoreStack(inject('snapshot'));
  app = new TestApp(stack);
  own = await app.signIn('patient-public', 'patient');
});

afterAll(() => stack?.close());

function asPatient(path: string, init: RequestInit = {}, token = own.accessToken) {
  const headers = { accept: 'application/fhir+json', authorization: `Bearer ${token}`, ...init.headers };
  return app.send(`${app.fhirBase}${path}`, { ...init, headers });
}

function post(
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const body = new URLSearchParams(form).toString();
  return app.send(url, { method: 'POST', headers: { ...FORM, ...headers }, body });
}

/** What an answer gives away of patients other than the token's own; the echoed request is no gift. */
function givenAway(text: string): readonly string[] {
  const { link: _, ...body } = parseObject(text) ?? {};
  return [...new Set(JSON.stringify(body).match(/\b(?:patient|encounter|condition|observation)-[bc]\b/g))];
}

describe('a token for one patient', () => {
  test.each([
    '',
    `/Patient/${OTHER}`,
    `//Patient/${OTHER}`,
    `/Patient//${OTHER}`,
    `/Patient%2F${OTHER}`,
    `/Patient/${OWN}%2F..%2F${OTHER}`,
    `/Patient/${OWN}/%2e%2e/${OTHER}`,
    `/Patient/${OWN}%252f..%252f${OTHER}`,
    `/Patient/${OTHER}/`,
    `/Patient/${OTHER}%00`,
    `/Patient/${OTHER}%20`,
    `/patient/${OTHER}`,
    `/Patient/${OTHER}/_history`,
    `/Patient/${OTHER}/_history/1`,
    `/Patient/${OTHER}/$everything`,
    '/Patient/$everything',
    `/Patient/${OTHER}/Observation`,
    `/Patient/${OTHER}/*`,
    `/Patient/${OWN}/*`,
    `/Patient/${OWN}/Observation?patient=${OTHER}`,
    `/Observation?patient=${OTHER}`,
    `/Observation?patient=${OWN}&patient=${OTHER}`,
    `/Observation?patient=${OWN}&subject=Patient/${OTHER}`,
    `/Observation?patient=${OWN},${OTHER}`,
    `/Observation?patient=${OWN}%2C${OTHER}`,
    `/Observation?patient:Patient=${OTHER}`,
    `/Observation?patient:not=${OWN}`,
    `/Observation?%70atient=${OTHER}`,
    `/Observation?patient=${OWN};patient=${OTHER}`,
    `/Observation?patient=${OTHER}&_summary=count`,
    `/Patient?_id=${OTHER}`,
    `/Patient?_id=${OWN},${OTHER}`,
    `/Patient?_id:not=${OWN}`,
    '/?_type=Patient',
    '/_history',
    '/Patient/_history',
    '/Observation/_history',
    '/Group/group-abc',
    '/Group',
    `/Group?member=Patient/${OTHER}`,
    '/Binary',
    `/Practitioner?_has:Encounter:participant:patient=${OTHER}`,
    `/Practitioner?_has:Patient:general-practitioner:_id=${OTHER}`,
    '/Observation?_filter=x',
    '/Observation?_list=x',
    '/$export',
    '/Patient/$export',
    '/Group/group-abc/$export',
    '/_operations/export/1',
    '/_operations/export/..%2f..%2fPatient',
    `/Patient/${OWN}/$meta`,
    '/Patient/$match',
    `/Patient/${OWN}?_format=xml`,
    '/Encounter/encounter-b',
  ])('is refused GET %s', async (path) => {
    const answer = await asPatient(path);
    expect([400, 403, 404, 406]).toContain(answer.status);
    expect(answer.text).not.toContain('"birthDate"');
  });

  test.each([
    `/Observation?patient._id=${OTHER}`,
    `/Observation?patient=http://evil.example/Patient/${OTHER}`,
    `/Patient?link=${OTHER}`,
    '/Observation?_include=*',
    '/Observation?_include=Observation:performer&_include:iterate=*',
    '/Practitioner?_revinclude=Encounter:participant',
    '/Practitioner?_revinclude:iterate=*',
    '/Organization?_revinclude=Patient:organization',
    '/Location?_revinclude=Encounter:location',
    '/Medication?_revinclude=MedicationRequest:medication',
    '/Practitioner/practitioner-1/Patient',
    '/Practitioner/practitioner-1/Observation',
    '/Patient',
    '/Patient?_summary=count',
    '/Patient?name=a',
    '/Observation?_elements=code',
    `/Observation?PATIENT=${OTHER}`,
    `/Observation?patient%5b%5d=${OTHER}`,
    `/Patient/${OWN}/$everything`,
    `/Patient/${OWN}/_history`,
    '/Encounter?_include=Encounter:participant&_revinclude=Observation:encounter',
    '/Provenance',
    '/DocumentReference',
    `/CareTeam?_include=CareTeam:participant&_revinclude:iterate=Patient:general-practitioner`,
  ])('sees nobody else by GET %s', async (path) => {
    const answer = await asPatient(path);
    expect([answer.status, givenAway(answer.text)]).toEqual([200, []]);
    const body = parseObject(answer.text) ?? {};
    if (path.startsWith('/Patient?')) expect(body['total'] ?? 1).toBeLessThan(2);
  });

  test.each([
    ['body', `/Patient/_search`, `_id=${OTHER}`],
    ['body against query', `/Patient/_search?_id=${OWN}`, `_id=${OTHER}`],
    ['query against body', `/Observation/_search?patient=${OTHER}`, `patient=${OWN}`],
    ['all types', '/_search', '_type=Patient'],
  ])('is refused a search by POST: %s', async (_, path, body) => {
    expect((await asPatient(path, { method: 'POST', headers: FORM, body })).status).toBe(403);
  });

  test.each(['x-http-method-override', 'x-method-override', 'x-http-method'])(
    '%s changes nothing',
    async (name) => {
      expect((await asPatient(`/Patient/${OWN}`, { headers: { [name]: 'DELETE' } })).status).toBe(200);
      expect((await asPatient(`/Patient/${OWN}`)).status).toBe(200);
    },
  );

  test.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
    'is refused %s of another patient',
    async (method) => {
      const body = method === 'PUT' || method === 'PATCH' ? { body: '{}', headers: FHIR_JSON } : {};
      expect((await asPatient(`/Patient/${OTHER}`, { method, ...body })).status).toBeGreaterThanOrEqual(403);
    },
  );

  test.each([{ 'x-original-url': `/fhir/Patient/${OTHER}` }, { 'x-rewrite-url': `/fhir/Patient/${OTHER}` }])(
    'reads what the address says, whatever %j says',
    async (headers) => {
      expect(parseObject((await asPatient(`/Patient/${OWN}`, { headers })).text)?.['id']).toBe(OWN);
    },
  );

  test('gets no entry of another patient by batch, however it is written', async () => {
    const get = (url: unknown, method: unknown = 'GET') => ({ request: { method, url } });
    const entry = [
      ...[
        `Patient/${OTHER}`,
        `/Patient/${OTHER}`,
        `${app.fhirBase}/Patient/${OTHER}`,
        `../fhir/Patient/${OTHER}`,
      ],
      ...[`Patient/${OWN}/../${OTHER}`, `Patient/${OWN}%2f..%2f${OTHER}`, `//evil.example/Patient/${OTHER}`],
      ...[`Observation?patient=${OTHER}`, `Patient?_id=${OTHER}#x`, { a: 1 }, 5],
    ].map((url) => get(url));
    const odd = [
      null,
      'x',
      5,
      {},
      { request: null },
      { request: 5 },
      get(`Patient/${OTHER}`, 'get'),
      get('', 'POST'),
    ];
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [...entry, ...odd] });
    const answer = await asPatient('', { method: 'POST', headers: FHIR_JSON, body });
    expect(answer.status).toBe(200);
    const answers = objectsOf(parseObject(answer.text)?.['entry']).map((one) => one['response']);
    expect(answers).toHaveLength(entry.length + odd.length);
    for (const one of answers) expect(isObject(one) && Number(one['status'])).toBeGreaterThanOrEqual(400);
  });

  test.each([
    'null',
    '[]',
    '5',
    '{"resourceType":"Bundle","type":"batch","entry":{}}',
    '['.repeat(100_000),
    '{"a":'.repeat(200_000),
  ])('is told what is wrong with the body: case %$', async (body) => {
    expect((await asPatient('', { method: 'POST', headers: FHIR_JSON, body })).status).toBe(400);
  });
});

describe('a forged token', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('is refused whatever its header promises', async () => {
    const [head = '', payload = '', signature = ''] = own.accessToken.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const { jwks } = await app.endpoints();
    const keys = parseObject(
      (await app.send(jwks ?? `${stack.outputs.issuer.replace('/v2.0', '')}/discovery/v2.0/keys`)).text,
    );
    const modulus = String(objectsOf(keys?.['keys'])[0]?.['n'] ?? 'none');
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = (changes: Record<string, unknown>): string => {
      const input = `${encode({ ...header, ...changes })}.${payload}`;
      return `${input}.${createSign('RSA-SHA256').update(input).sign(pair.privateKey).toString('base64url')}`;
    };
    const hmac = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
    const tokens = {
      none: `${encode({ ...header, alg: 'none' })}.${payload}.`,
      'None with signature': `${encode({ ...header, alg: 'None' })}.${payload}.${signature}`,
      'changed claims': `${head}.${encode({ ...claims, fhirUser: `Patient/${OTHER}` })}.${signature}`,
      'unknown crit': `${encode({ ...header, crit: ['x'], x: 1 })}.${payload}.${signature}`,
      'public key as HMAC key': `${hmac}.${createHmac('sha256', modulus).update(hmac).digest('base64url')}`,
      'its own jwk': signed({ jwk: pair.publicKey.export({ format: 'jwk' }) }),
      jku: signed({ jku: 'http://127.0.0.1:9/jwks', kid: 'evil' }),
      'kid as path': signed({ kid: '../../../dev/null' }),
      'no kid': signed({ kid: undefined }),
      'the ID token': own.idToken ?? '',
      'the refresh token': own.refreshToken ?? '',
    };
    for (const [name, token] of Object.entries(tokens)) {
      expect([name, (await asPatient(`/Patient/${OWN}`, {}, token)).status]).toEqual([name, 401]);
    }
  });

  test('in the query is none', async () => {
    const url = `${app.fhirBase}/Patient/${OWN}?access_token=${own.accessToken}`;
    expect((await app.send(url)).status).toBe(401);
    expect((await asPatient(`/Patient/${OWN}?access_token=${own.accessToken}`)).status).toBe(400);
  });
});

describe('the Function app from outside', () => {
  test.each([
    `/api/fhir/Patient/${OWN}`,
    `/api/fhir/Patient/${OWN}?code=x`,
    `/api/files/../fhir/Patient/${OWN}`,
    `/api/files/..%2ffhir/Patient/${OWN}`,
    `/api/files%2f..%2ffhir/Patient/${OWN}`,
    `//api/fhir/Patient/${OWN}`,
    `/api/files/fhir/Patient/${OWN}`,
    '/api/files/x/0',
    '/admin/host/status',
    '/admin/host/keys',
  ])('refuses %s without its key', async (path) => {
    const url = `${stack.cloud.fabric.origins.functions}${path}`;
    const headers = { authorization: `Bearer ${own.accessToken}`, 'x-functions-key': 'guess' };
    expect([401, 403, 404]).toContain((await app.send(url, { headers })).status);
  });

  test('answers only to its own Host', async () => {
    expect((await asPatient(`/Patient/${OWN}`, { headers: { host: 'evil.example' } })).status).toBe(421);
  });
});

describe('codes, refresh tokens and assertions', () => {
  test('a code is for its client, once, also in a race; a replay ends the session', async () => {
    const { callback, client, request, endpoints } = await app.authorize('patient-public', 'patient');
    const thief = app.client('patient-confidential');
    const form = {
      grant_type: 'authorization_code',
      code: new URL(callback).searchParams.get('code') ?? '',
      redirect_uri: client.redirectUri,
      code_verifier: request.pkce.verifier,
    };
    const stolen = { ...form, client_id: thief.clientId, client_secret: thief.secret ?? '' };
    expect((await post(endpoints.token, stolen)).status).toBe(400);
    const race = await Promise.all(
      Array.from({ length: 4 }, () => post(endpoints.token, { ...form, client_id: client.clientId })),
    );
    // None may win: the others count as replays, and those end the session.
    expect(race.filter(({ status }) => status === 200).length).toBeLessThan(2);
    const token = parseObject(race.find(({ status }) => status === 200)?.text ?? '')?.['access_token'];
    await post(endpoints.token, { ...form, client_id: client.clientId });
    expect((await asPatient(`/Patient/${OWN}`, {}, String(token))).status).toBe(401);
  });

  test('a refresh token is for its client and never widens', async () => {
    const client = app.client('patient-confidential');
    const { refreshToken = '', accessToken } = await app.signIn('patient-confidential', 'patient');
    const endpoints = await app.endpoints();
    const basic = `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}`;
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const foreign = { ...form, client_id: app.client('patient-public').clientId };
    const cases: [object, object][] = [
      [foreign, {}],
      [{ ...form, scope: 'patient/*.cruds user/*.rs' }, { authorization: basic }],
      [{ ...form, refresh_token: `${refreshToken.slice(0, -4)}AAAA` }, { authorization: basic }],
      [{ ...form, client_id: client.clientId, client_secret: client.secret }, { authorization: basic }],
    ];
    for (const [body, headers] of cases) {
      expect(
        (
          await post(
            endpoints.token,
            { ...body } as Record<string, string>,
            { ...headers } as Record<string, string>,
          )
        ).status,
      ).toBe(400);
    }
    const revoked = { token: refreshToken, client_id: app.client('patient-public').clientId };
    expect((await post(endpoints.revoke ?? '', revoked)).status).toBe(400);
    expect((await asPatient(`/Patient/${OWN}`, {}, accessToken)).status).toBe(200);
    expect(
      (await post(endpoints.introspect ?? '', { token: accessToken }, { authorization: basic })).status,
    ).toBe(403);
    expect((await post(endpoints.introspect ?? '', { token: accessToken })).status).toBe(401);
  });

  test('an assertion is for one client, once, also in a race', async () => {
    const [client, other] = [app.client('backend'), app.client('backend-2')];
    const { token } = await app.endpoints();
    const form = async () => ({
      grant_type: 'client_credentials',
      scope: client.scopes.join(' '),
      ...(await authenticateClient(client, token, Date.now())).form,
    });
    const one = await form();
    const race = await Promise.all(Array.from({ length: 5 }, () => post(token, one)));
    expect(race.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
    expect((await post(token, { ...(await form()), client_id: other.clientId })).status).toBe(401);
  });

  test("an export is its client's alone", async () => {
    const { token } = await app.endpoints();
    const sign = (name: string) => {
      const client = app.client(name);
      const context = { wire: app.wire, tokenUrl: token, client, now: () => Date.now() };
      return clientCredentials(context, client.scopes.join(' '));
    };
    const [mine, theirs] = [(await sign('backend')).accessToken, (await sign('backend-2')).accessToken];
    const started = await asPatient(
      '/Group/group-abc/$export',
      { headers: { prefer: 'respond-async' } },
      mine,
    );
    const status = started.headers.get('content-location') ?? '';
    const as = (credential: string | undefined, url: string, method = 'GET') =>
      app.send(url, {
        method,
        headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
      });
    await expect.poll(async () => (await as(mine, status)).status, { timeout: 30_000 }).toBe(200);
    const manifest = parseObject((await as(mine, status)).text);
    const file = String(objectsOf(manifest?.['output'])[0]?.['url']);
    expect((await as(mine, file)).status).toBe(200);
    for (const url of [status, file]) {
      expect([url, (await as(theirs, url)).status, (await as(undefined, url)).status]).toEqual([
        url,
        404,
        401,
      ]);
    }
    expect((await as(theirs, status, 'DELETE')).status).toBe(404);
    for (const index of ['99', '-1', '1e0', '..%2f0', '__proto__', 'length']) {
      expect([index, (await as(mine, file.replace(/\d+$/, index))).status]).toEqual([index, 404]);
    }
  });
});

describe('the authorization endpoint', () => {
  test('redirects nowhere but to what is registered, character by character', async () => {
    const { request, endpoints, client } = await app.authorize('patient-public', 'patient');
    const uri = client.redirectUri;
    const strange = [
      `${uri}/`,
      `${uri}?x=1`,
      `${uri}#f`,
      uri.replace('http', 'HTTP'),
      `${uri}/../evil`,
      `${uri}%00`,
      ` ${uri}`,
      uri.replace('://', '://evil.example@'),
      uri.replace(/:\d+/, ':1'),
      'https://evil.example/',
      'javascript:alert(1)',
      '//evil.example',
      `${uri}\r\nx:y`,
      '',
    ];
    for (const redirect of strange) {
      const query = new URLSearchParams({ ...request.parameters, redirect_uri: redirect });
      const answer = await app.send(`${endpoints.authorize}?${query}`);
      expect([redirect, answer.status, answer.headers.get('location')]).toEqual([redirect, 400, null]);
    }
    for (const name of ['redirect_uri', 'client_id']) {
      const query = `${new URLSearchParams(request.parameters)}&${name}=https%3A%2F%2Fevil.example`;
      expect((await app.send(`${endpoints.authorize}?${query}`)).headers.get('location')).toBeNull();
    }
    const split = new URLSearchParams({
      ...request.parameters,
      state: 'a\r\nSet-Cookie: x=y',
      response_type: 'token',
    });
    expect((await app.send(`${endpoints.authorize}?${split}`)).headers.get('set-cookie')).toBeNull();
    const markup = new URLSearchParams({ ...request.parameters, client_id: '"><script>alert(1)</script>' });
    expect((await app.send(`${endpoints.authorize}?${markup}`)).text).not.toContain('<script>alert');
  });

  test('a sign-in goes on only in the browser that began it', async () => {
    const { request, endpoints } = await app.authorize('patient-public', 'patient');
    const started = await app.send(`${endpoints.authorize}?${new URLSearchParams(request.parameters)}`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const other = await app.send(`${endpoints.authorize}?${new URLSearchParams(request.parameters)}`);
    const foreign = { cookie: (other.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    const base = endpoints.authorize.replace(/authorize$/, '');
    for (const headers of [{}, foreign]) {
      const answers = [
        await app.send(`${base}signed-in?state=${state}&code=x`, { headers }),
        await app.send(`${base}callback?state=${state}&code=x`, { headers }),
        await post(
          `${base}choose`,
          { transaction: state, csrf: 'x', decision: 'allow', scope: 'patient/*.rs' },
          { ...headers },
        ),
      ];
      expect(answers.map(({ status, headers: sent }) => [status, sent.get('location')])).toEqual(
        Array.from({ length: 3 }, () => [400, null]),
      );
    }
  });
});
