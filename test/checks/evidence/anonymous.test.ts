import { describe, expect, test } from 'vitest';
import { anonymousAccess } from '../../../src/checks/evidence/anonymous-access.ts';
import { configuration, configurationBody } from '../../../src/checks/evidence/configuration.ts';
import { appCors, publicCors, STRANGER, strangerCors } from '../../../src/checks/evidence/cross-origin.ts';
import { errorPage, forwardedHeaders } from '../../../src/checks/evidence/hostile-input.ts';
import { keys } from '../../../src/checks/evidence/keys.ts';
import { metadata } from '../../../src/checks/evidence/metadata.ts';
import { openidConfiguration, openidServed } from '../../../src/checks/evidence/openid-configuration.ts';
import { target } from '../../../src/checks/evidence/target.ts';
import { tokenEndpoint, tokenMisuse } from '../../../src/checks/evidence/token-misuse.ts';
import { AUTH, BASE, client, json, profile, world } from './fake-smart.ts';

const CONFIGURATION = `GET ${BASE}/.well-known/smart-configuration`;

describe('the SMART configuration', () => {
  test.each([
    ['404', json({}, 404), 'discovery/served'],
    ['401', json({}, 401), 'discovery/anonymous'],
    ['a redirect', () => Response.redirect('https://elsewhere.example.org', 302), 'discovery/anonymous'],
    ['a page', () => new Response('<!doctype html>'), 'discovery/served'],
    ['a list', json([]), 'discovery/served'],
    ['nothing', () => new Response(null, { status: 204 }), 'discovery/served'],
  ])('that is %s takes the ground from what needs it', async (_, answer, judge) => {
    const { reason } = world({ [CONFIGURATION]: answer });
    expect(await reason(configurationBody)).toBe(
      `skip: the SMART configuration could not be read (${judge} tells why)`,
    );
    expect(await reason(configuration)).toContain(judge);
    expect(await reason(tokenEndpoint)).toMatch(/^skip: /);
  });

  test('without a token endpoint is a document, and leads nowhere', async () => {
    const { reason, facts } = world({ [CONFIGURATION]: json({ issuer: AUTH }) });
    expect(await facts(configurationBody)).toMatchObject({ body: { issuer: AUTH } });
    expect(await reason(configuration)).toBe(
      'skip: the SMART configuration has no usable token_endpoint (discovery/token-endpoint judges that)',
    );
  });
});

describe('the CapabilityStatement', () => {
  const OAUTH = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
  const STATEMENT = {
    resourceType: 'CapabilityStatement',
    ...{ status: 'active', date: '2026-11-24', kind: 'instance', fhirVersion: '4.0.1', format: ['json'] },
    implementation: { url: BASE },
    rest: [
      { mode: 'client', resource: [{ type: 'Account' }] },
      {
        mode: 'server',
        security: {
          service: [{ coding: [{ system: 'http://s', code: 'SMART-on-FHIR' }] }, { text: 'x' }],
          extension: [
            { url: 'http://other', extension: [{ url: 'token', valueUri: 'https://wrong.example' }] },
            {
              url: OAUTH,
              extension: [{ url: 'token', valueUri: `${AUTH}/token` }, { url: 'authorize' }, 7],
            },
          ],
        },
        resource: [
          { type: 'Patient', supportedProfile: ['http://p/1'] },
          {
            type: 'Group',
            operation: [{ name: 'export', definition: 'http://d' }],
            supportedProfile: ['http://p/2'],
          },
        ],
      },
    ],
  };
  const read = (answer: () => Response) => world({ [`GET ${BASE}/metadata`]: answer }).facts(metadata);
  const serve = (body: unknown) => () =>
    new Response(JSON.stringify(body), {
      headers: { 'content-type': 'application/FHIR+json; charset=utf-8' },
    });

  test('is read in its server part', async () => {
    expect(await read(serve(STATEMENT))).toMatchObject({
      ...{ status: 200, mediaType: 'application/fhir+json', resourceType: 'CapabilityStatement' },
      statement: {
        ...{
          status: 'active',
          kind: 'instance',
          fhirVersion: '4.0.1',
          format: ['json'],
          implementationUrl: BASE,
        },
        restModes: ['client', 'server'],
        securityServices: ['http://s|SMART-on-FHIR'],
        oauthUris: [{ name: 'token', url: `${AUTH}/token` }],
        types: ['Patient', 'Group'],
        groupOperations: [{ name: 'export', definition: 'http://d' }],
      },
    });
  });

  test.each([
    ['another resource', { resourceType: 'Patient' }],
    ['no resource', { a: 1 }],
    ['a list', []],
  ])('is none in %s', async (_, body) => {
    expect(await read(serve(body))).toMatchObject({ statement: null });
  });

  test.each([
    ['of the wrong types', { rest: {}, status: 7, implementation: 'x', format: null, instantiates: 'x' }],
    [
      'with broken rests',
      { rest: [null, 7, { security: [], resource: [null, { type: 7, operation: {} }] }] },
    ],
  ])('%s is read for what it is, without a crash', async (_, more) => {
    const { statement } = await read(serve({ resourceType: 'CapabilityStatement', ...more }));
    expect(statement).toMatchObject({ status: null, types: [], oauthUris: [], groupOperations: [] });
  });
});

describe('OpenID', () => {
  const OPENID = `GET ${AUTH}/.well-known/openid-configuration`;
  const JWKS = `GET ${AUTH}/keys`;
  const offering = (issuer: unknown, capabilities: unknown = ['sso-openid-connect']) => ({
    [CONFIGURATION]: json({ issuer, capabilities, token_endpoint: `${AUTH}/token` }),
  });

  test.each<[string, Record<string, ReturnType<typeof json>>, RegExp]>([
    ['not offered', offering(undefined, []), /^na: .*does not offer/],
    ['offered without an issuer', offering(undefined), /^skip: .*no issuer URL/],
    ['of an issuer that is no URL', offering('my issuer'), /^skip: .*no issuer URL/],
    ['of an issuer that is a number', offering(7), /^skip: .*no issuer URL/],
  ])('%s', async (_, routes, expected) => {
    expect(await world(routes).reason(openidServed)).toMatch(expected);
  });

  test('whose document cannot be read leaves the keys unknown', async () => {
    const { reason } = world({ [OPENID]: json({}, 500) });
    expect(await reason(openidConfiguration)).toMatch(/^skip: .*oidc\/discovery tells why/);
    expect(await reason(keys)).toMatch(/^skip: .*oidc\/discovery tells why/);
  });

  const keysOf = (set: unknown, status = 200) =>
    world({ [OPENID]: json({ jwks_uri: `${AUTH}/keys` }), [JWKS]: json(set, status) }).facts(keys);
  const RSA = { kty: 'RSA', kid: 'r', use: 'sig', n: Buffer.alloc(256, 1).toString('base64url'), e: 'AQAB' };

  test('keys are described, never quoted', async () => {
    const { keys: found } = await keysOf({
      keys: [
        RSA,
        { kty: 'EC', kid: 'e', crv: 'P-256', x: 'a', y: 'b' },
        { kty: 'EC', crv: 'P-256', x: 'a' },
        { ...RSA, kid: 7, d: 'planted', p: 'planted' },
        { kty: 'oct', k: 'planted' },
        {},
      ],
    });
    expect(found).toEqual([
      { kty: 'RSA', kid: 'r', use: 'sig', rsaBits: 2048, complete: true, privateMembers: [] },
      { kty: 'EC', kid: 'e', use: null, rsaBits: null, complete: true, privateMembers: [] },
      { kty: 'EC', kid: null, use: null, rsaBits: null, complete: false, privateMembers: [] },
      { kty: 'RSA', kid: null, use: 'sig', rsaBits: 2048, complete: true, privateMembers: ['d', 'p'] },
      { kty: 'oct', kid: null, use: null, rsaBits: null, complete: true, privateMembers: ['k'] },
      { kty: null, kid: null, use: null, rsaBits: null, complete: false, privateMembers: [] },
    ]);
    expect(JSON.stringify(found)).not.toContain('planted');
  });

  test.each([
    ['a set of text', { keys: ['x'] }, 200],
    ['no set', { key: RSA }, 200],
    ['an error', { keys: [RSA] }, 500],
  ])('%s is no key set', async (_, set, status) => {
    expect((await keysOf(set, status)).keys).toBeNull();
  });

  test('a key set at no URL cannot be fetched', async () => {
    const { reason } = world({ [OPENID]: json({ jwks_uri: 'keys.json' }) });
    expect(await reason(keys)).toBe('skip: jwks_uri is missing (oidc/metadata-complete judges that)');
  });
});

describe('somebody without a token', () => {
  test('reads, searches, and tries a token that is none', async () => {
    const { asked, facts } = world({
      [`GET ${BASE}/Patient/p1`]: json({}, 401, { 'www-authenticate': 'Bearer' }),
    });
    const found = await facts(anonymousAccess);
    expect(asked.map(({ url, headers }) => [url.pathname, headers.get('authorization')])).toEqual([
      ['/r4/Patient/p1', null],
      ['/r4/Patient/p1', 'Bearer not-a-token-of-this-server'],
      ['/r4/Patient', null],
    ]);
    expect(found.noToken).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  });

  test('who is shown a patient is not quoted with the data', async () => {
    const patient = {
      resourceType: 'Patient',
      id: 'p1',
      name: [{ family: 'Planted' }],
      birthDate: '1970-01-01',
    };
    const { facts } = world({ [`GET ${BASE}/Patient/p1`]: json(patient) });
    const { noToken } = await facts(anonymousAccess);
    expect(noToken.json).toEqual({ resourceType: 'Patient', id: 'p1', '…': '2 members' });
  });

  test('posts nothing, and a grant in the query, to the token endpoint', async () => {
    const { asked, facts } = world({ [`POST ${AUTH}/token`]: json({ error: 'invalid_request' }, 400) });
    expect(await facts(tokenEndpoint)).toMatchObject({ emptyPost: { status: 400 }, get: { status: 404 } });
    expect(asked.slice(1).map(({ method, url, body }) => [method, url.search, body])).toEqual([
      ['POST', '', ''],
      ['GET', '?grant_type=client_credentials', ''],
    ]);
  });
});

test('what a known client must be refused: each request is wrong in one way only', async () => {
  const { asked, facts } = world({ [`POST ${AUTH}/token`]: json({ error: 'invalid_grant' }, 400) });
  await facts(tokenMisuse);
  const posts = asked.filter(({ method }) => method === 'POST');
  const basic = `Basic ${btoa('web:web-secret')}`;
  expect(posts.map(({ headers }) => headers.get('authorization'))).toEqual([basic, basic, basic, basic]);
  expect(posts.map(({ form }) => form.get('grant_type')).sort()).toEqual(
    ['authorization_code', 'authorization_code', 'password', 'smartfhir-probe'].sort(),
  );
  expect(posts.map(({ form }) => form.getAll('code').length).sort()).toEqual([0, 0, 1, 2]);
});

describe('input that is hostile', () => {
  test.each([
    ['believes them', (host: string) => ({ token_endpoint: `https://${host}/token` }), true],
    ['does not', () => ({ token_endpoint: `${AUTH}/token` }), false],
  ])('forwarding headers to a server that %s', async (_, body, named) => {
    const { facts } = world({
      [CONFIGURATION]: ({ headers }) =>
        Response.json(body(headers.get('x-forwarded-host') ?? 'login.example.com')),
    });
    expect(await facts(forwardedHeaders)).toMatchObject({ namesForeignHost: named });
  });

  const page = (text: string, type = 'text/html') => ({
    [`GET ${AUTH}/authorize`]: () => new Response(text, { status: 400, headers: { 'content-type': type } }),
  });
  test.each([
    ['markup as markup', page('unknown client "><script>smartfhir()</script>'), true, false],
    ['markup as text', page('unknown client &lt;script&gt;smartfhir()'), false, false],
    [
      'markup in JSON, which is no page',
      page('{"c":"<script>smartfhir()"}', 'application/json'),
      false,
      false,
    ],
    ['a stack of Node', page('Error\n  at handle (/srv/app/index.js:10:5)'), false, true],
    ['a stack of .NET', page('at App.Main() in /src/Program.cs:line 12'), false, true],
    ['a stack of Python', page('Traceback (most recent call last):'), false, true],
    ['ordinary words', page('Meet us at https://help.example.org/ at 10:30'), false, false],
  ])('an error page with %s', async (_, routes, reflectsMarkup, stackTrace) => {
    expect(await world(routes).facts(errorPage)).toMatchObject({ status: 400, reflectsMarkup, stackTrace });
  });
});

describe('what a browser would learn', () => {
  test('of public documents, asked for by a stranger', async () => {
    const { facts } = world({
      [CONFIGURATION]: ({ headers }) =>
        Response.json({}, { headers: { 'access-control-allow-origin': String(headers.get('origin')) } }),
    });
    expect(await facts(publicCors)).toMatchObject({
      wellKnown: { allowOrigin: STRANGER, allowCredentials: null },
      metadata: { allowOrigin: null },
    });
  });

  test('of endpoints, asked for by the registered app: lists in any spelling', async () => {
    const { asked, facts } = world(
      {
        [`OPTIONS ${AUTH}/token`]: () =>
          new Response(null, {
            headers: {
              'access-control-allow-methods': 'POST,  get ,',
              'access-control-allow-headers': 'Content-Type',
            },
          }),
      },
      { clients: { spa: client({ kind: 'public', redirectUri: 'https://spa.example.com:8443/a/cb?x=1' }) } },
    );
    expect(await facts(appCors)).toMatchObject({
      origin: 'https://spa.example.com:8443',
      tokenPreflight: { allowMethods: ['post', 'get'], allowHeaders: ['content-type'] },
    });
    expect(asked.filter(({ method }) => method === 'OPTIONS')).toHaveLength(2);
  });

  test('needs a browser app, and says so', async () => {
    expect(await world().reason(appCors)).toBe(
      'skip: needs a client with launch: standalone and kind: public',
    );
  });

  test('of the FHIR API by a stranger is asked without a token', async () => {
    const { asked, facts } = world();
    expect((await facts(strangerCors)).origin).toBe(STRANGER);
    expect(asked.every(({ headers }) => !headers.has('authorization'))).toBe(true);
  });
});

test.each([
  ['http://localhost:8080/fhir', true],
  ['https://localhost/fhir', false],
  ['http://fhir.example.org', false],
])('%s: plain HTTP that never leaves the machine: %s', async (fhirUrl, loopbackHttp) => {
  expect(await world({}, profile({ fhirUrl })).facts(target)).toEqual({ fhirUrl, loopbackHttp });
});
