import { describe, expect, test } from 'vitest';
import {
  discover,
  endpointsOf,
  openidConfigurationUrl,
  describe as say,
  smartConfigurationUrl,
} from '../../src/smart/discovery.ts';
import { isStringArray, objectsOf, parseJson, parseObject, stringsOf } from '../../src/smart/json.ts';
import { baseUrl, isLoopback, isLoopbackHttp, profileSecrets } from '../../src/smart/server-profile.ts';
import { wireTo } from './wire.ts';

const BASE = 'https://ehr.example.com/fhir';

/** SMART 2.2.0 conformance, "Sample response". */
const SAMPLE = {
  issuer: 'https://ehr.example.com',
  jwks_uri: 'https://ehr.example.com/.well-known/jwks.json',
  authorization_endpoint: 'https://ehr.example.com/auth/authorize',
  token_endpoint: 'https://ehr.example.com/auth/token',
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
  grant_types_supported: ['authorization_code', 'client_credentials'],
  registration_endpoint: 'https://ehr.example.com/auth/register',
  scopes_supported: [
    'openid',
    'profile',
    'launch',
    'launch/patient',
    'patient/*.rs',
    'user/*.rs',
    'offline_access',
  ],
  response_types_supported: ['code'],
  management_endpoint: 'https://ehr.example.com/user/manage',
  introspection_endpoint: 'https://ehr.example.com/user/introspect',
  revocation_endpoint: 'https://ehr.example.com/user/revoke',
  code_challenge_methods_supported: ['S256'],
  capabilities: ['launch-ehr', 'permission-patient', 'permission-v2', 'client-public'],
};

describe('where configurations are', () => {
  test.each([
    ['https://fhir.ehr.example.com/', 'https://fhir.ehr.example.com/.well-known/smart-configuration'],
    [
      'https://www.ehr.example.com/apis/fhir',
      'https://www.ehr.example.com/apis/fhir/.well-known/smart-configuration',
    ],
    ['https://a.example/r4//', 'https://a.example/r4/.well-known/smart-configuration'],
  ])('SMART, of %s', (base, url) => {
    expect(smartConfigurationUrl(base)).toBe(url);
  });

  // OIDC Discovery 1.0 sections 4 and 4.1.
  test.each([
    ['https://example.com', 'https://example.com/.well-known/openid-configuration'],
    ['https://example.com/issuer1/', 'https://example.com/issuer1/.well-known/openid-configuration'],
  ])('OpenID, of %s', (issuer, url) => {
    expect(openidConfigurationUrl(issuer)).toBe(url);
  });
});

describe('endpoints', () => {
  test('of the example in SMART 2.2.0', () => {
    expect(endpointsOf(SAMPLE, BASE)).toEqual({
      authorize: SAMPLE.authorization_endpoint,
      token: SAMPLE.token_endpoint,
      introspect: SAMPLE.introspection_endpoint,
      revoke: SAMPLE.revocation_endpoint,
      issuer: SAMPLE.issuer,
      jwks: SAMPLE.jwks_uri,
      capabilities: SAMPLE.capabilities,
    });
  });

  test('may be relative to the base, trailing slash or not', () => {
    for (const base of [BASE, `${BASE}/`]) {
      const endpoints = endpointsOf({ token_endpoint: 'token', authorization_endpoint: '/auth' }, base);
      expect(endpoints).toMatchObject({ token: `${BASE}/token`, authorize: 'https://ehr.example.com/auth' });
    }
  });

  test.each([
    ['no token endpoint', { authorization_endpoint: 'https://a.example/x' }],
    ['an empty one', { token_endpoint: '' }],
    ['one that is no text', { token_endpoint: { url: 'https://a.example' } }],
    ['one that is no URL', { token_endpoint: 'http://[' }],
  ])('are none with %s', (_, configuration) => {
    expect(endpointsOf(configuration, BASE)).toBeUndefined();
  });

  test.each([
    'http://ehr.example.com/auth/token',
    'http://localhost/token',
    'file:///etc/passwd',
    'javascript:0',
  ])('of an https server are https: %s is none', (token) => {
    expect(endpointsOf({ ...SAMPLE, token_endpoint: token }, BASE)).toBeUndefined();
    expect(endpointsOf({ ...SAMPLE, authorization_endpoint: token }, BASE)?.authorize).toBeUndefined();
  });

  test('of an http server may be http', () => {
    const base = 'http://127.0.0.1:8080/fhir';
    const token = 'http://127.0.0.1:8081/token';
    expect(endpointsOf({ ...SAMPLE, token_endpoint: token }, base)?.token).toBe(token);
  });

  test('of the wrong type are absent, not crashes', () => {
    const hostile = {
      ...SAMPLE,
      authorization_endpoint: 7,
      capabilities: ['a', 1],
      issuer: [],
      jwks_uri: null,
    };
    expect(endpointsOf(hostile, BASE)).toMatchObject({
      ...{ authorize: undefined, capabilities: [], issuer: undefined, jwks: undefined },
      token: SAMPLE.token_endpoint,
    });
  });
});

describe('reading a configuration', () => {
  const reading = (answer: () => Response) => discover(wireTo(async () => answer()).wire, BASE);

  test('asks for JSON and gives document and endpoints', async () => {
    let accept: string | null = null;
    const { wire } = wireTo(async (request) => {
      accept = request.headers.get('accept');
      return Response.json(SAMPLE);
    });
    const { configuration, endpoints } = await discover(wire, BASE);
    expect([accept, configuration, endpoints.token]).toEqual([
      'application/json',
      SAMPLE,
      SAMPLE.token_endpoint,
    ]);
  });

  test.each([
    ['404', () => new Response('{}', { status: 404 }), /answered 404$/],
    ['a redirect', () => Response.redirect('https://login.example.com', 302), /302 with an empty body/],
    ['a page', () => new Response('<!doctype html><p>Hi'), /200 with an HTML page/],
    ['a list', () => new Response('[]'), /200 with a body that is no JSON object/],
    ['no token endpoint', () => Response.json({}), /names no usable token_endpoint/],
  ])('%s is no configuration', async (_, answer, message) => {
    await expect(reading(answer)).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

test('an answer in a few words', () => {
  expect([say(200, '{}'), say(200, ' '), say(500, '\n <HTML>'), say(200, 'x')]).toEqual([
    '200',
    '200 with an empty body',
    '500 with an HTML page',
    '200 with a body that is no JSON object',
  ]);
});

describe('JSON of strangers', () => {
  test.each([
    ['nested 200 times', `${'['.repeat(200)}${']'.repeat(200)}`, true],
    ['nested 201 times', `${'['.repeat(201)}${']'.repeat(201)}`, false],
    ['nested objects beyond reason', `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`, false],
    ['many brackets side by side', `[${'[],'.repeat(1000)}[]]`, true],
    ['brackets within text', JSON.stringify('['.repeat(1000)), true],
    ['brackets behind an escaped quote', JSON.stringify(`"${'['.repeat(1000)}`), true],
    ['half a value', '{"a":', false],
    ['a number', '7', true],
  ])('%s', (_, text, readable) => {
    expect(parseJson(text) !== undefined).toBe(readable);
  });

  test('is an object only when it is one', () => {
    expect([parseObject('{"a":1}'), parseObject('[1]'), parseObject('null'), parseObject('"a"')]).toEqual([
      { a: 1 },
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('lists are taken for what they hold', () => {
    expect(stringsOf(['a', 1, null, 'b'])).toEqual(['a', 'b']);
    expect(stringsOf('abc')).toEqual([]);
    expect(objectsOf([{ a: 1 }, [], null, 'x'])).toEqual([{ a: 1 }]);
    expect([isStringArray([]), isStringArray(['a', 1]), isStringArray({ 0: 'a', length: 1 })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a server profile', () => {
  test.each([
    ['http://localhost:8080/fhir', true, true],
    ['http://app.localhost/fhir', true, true],
    ['http://127.0.0.1/fhir', true, true],
    ['http://127.9.9.9/fhir', true, true],
    ['http://[::1]:1/fhir', true, true],
    ['https://LOCALHOST/fhir', true, false],
    ['http://localhost.example.org/fhir', false, false],
    ['http://127.0.0.1.example.org/fhir', false, false],
    ['http://10.0.0.1/fhir', false, false],
    ['http://0x7f.1/fhir', true, true],
  ])('%s is on this machine: %s', (url, loopback, plain) => {
    expect([isLoopback(url), isLoopbackHttp(url)]).toEqual([loopback, plain]);
  });

  test('its base joins with paths', () => {
    expect([baseUrl({ fhirUrl: `${BASE}//` }), baseUrl({ fhirUrl: BASE })]).toEqual([BASE, BASE]);
  });

  test('its secrets are all private things, and nothing public', () => {
    const key = {
      kty: 'RSA',
      n: 'public',
      e: 'AQAB',
      d: 'd1',
      p: 'p1',
      q: 'q1',
      dp: 'dp1',
      dq: 'dq1',
      qi: 'qi1',
    };
    const secrets = profileSecrets({
      fhirUrl: BASE,
      clients: {
        a: {
          kind: 'secret',
          launch: 'ehr',
          clientId: 'id',
          scopes: ['s'],
          secret: 'secret-a',
          refreshToken: 'r',
        },
        b: { kind: 'private_key_jwt', launch: 'backend', clientId: 'id', scopes: [], jwks: { keys: [key] } },
      },
      users: { u: { username: 'ana', password: 'pw' } },
      patients: ['p'],
      ehr: { launchUrl: 'l', tokenUrl: 't', clientId: 'e', secret: 'secret-ehr', scope: 's' },
    });
    expect([...secrets].sort()).toEqual(
      ['secret-a', 'r', 'd1', 'p1', 'q1', 'dp1', 'dq1', 'qi1', 'pw', 'secret-ehr'].sort(),
    );
  });
});
