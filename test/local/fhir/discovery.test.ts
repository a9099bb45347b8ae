import { describe, expect, test } from 'vitest';
import type { StandInFactory } from '../../../src/local/fabric.ts';
import { R4_RESOURCE_TYPES } from '../../../src/standards/generated/resource-types.ts';
import { AUDIENCE, type Call, diagnostics, type FhirCloud, fhirCloud } from './fhir-cloud.ts';

const AUTHORITY = 'https://authority.example/tenant';
const DOCUMENT = {
  issuer: AUTHORITY,
  jwks_uri: `${AUTHORITY}/keys`,
  authorization_endpoint: `${AUTHORITY}/authorize`,
  token_endpoint: `${AUTHORITY}/token`,
};

interface Authority {
  document: () => Response | Promise<Response>;
  keys: () => Response;
  /** Paths asked for, in order. */
  readonly asked: string[];
}

/** A service whose authority answers what the test says. */
async function withAuthority(
  change: Partial<Authority>,
): Promise<{ cloud: FhirCloud; authority: Authority }> {
  const authority: Authority = {
    document: () => Response.json(DOCUMENT),
    keys: () => Response.json({ keys: [] }),
    asked: [],
    ...change,
  };
  const make: StandInFactory = () => ({
    name: 'authority',
    serves: (host) => host === 'authority.example',
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      authority.asked.push(pathname);
      return pathname.endsWith('/keys') ? authority.keys() : authority.document();
    },
  });
  const cloud = await fhirCloud({ others: [make] });
  cloud.configure({ authenticationConfiguration: { authority: `${AUTHORITY}/`, audience: AUDIENCE } });
  return { cloud, authority };
}

describe('an authority that cannot be read is 503', () => {
  test.each<[string, Partial<Authority>]>([
    ['it is down', { document: () => Promise.reject(new TypeError('fetch failed')) }],
    ['it answers 404', { document: () => new Response('no', { status: 404 }) }],
    ['its document is no JSON', { document: () => new Response('<html>') }],
    ['its document is a list', { document: () => Response.json([DOCUMENT]) }],
    ['its document names no issuer', { document: () => Response.json({ ...DOCUMENT, issuer: undefined }) }],
    ['its issuer is no text', { document: () => Response.json({ ...DOCUMENT, issuer: 5 }) }],
    ['its document names no keys', { document: () => Response.json({ ...DOCUMENT, jwks_uri: undefined }) }],
    [
      'its document is too large',
      { document: () => Response.json({ ...DOCUMENT, x: 'x'.repeat(1024 * 1024) }) },
    ],
    ['its keys are missing', { keys: () => new Response(null, { status: 404 }) }],
    ['its keys are no list', { keys: () => Response.json({ keys: {} }) }],
    ['its keys are no object', { keys: () => Response.json('keys') }],
  ])('when %s', async (_name, change) => {
    const { cloud } = await withAuthority(change);
    for (const path of ['/.well-known/smart-configuration', '/metadata']) {
      const answer = await cloud.call(path);
      expect([answer.status, diagnostics(answer)]).toEqual([503, 'Unable to obtain OpenID configuration.']);
      expect(answer.body.issue[0].code).toBe('exception');
    }
    expect((await cloud.admin('/Patient')).status).toBe(503);
  });

  test('a failure is not remembered', async () => {
    const { cloud, authority } = await withAuthority({ document: () => new Response(null, { status: 500 }) });
    expect((await cloud.call('/metadata')).status).toBe(503);
    authority.document = () => Response.json(DOCUMENT);
    expect((await cloud.call('/metadata')).status).toBe(200);
  });
});

test('what was read is kept for an hour', async () => {
  const { cloud, authority } = await withAuthority({});
  const issuer = async () => (await cloud.call('/.well-known/smart-configuration')).body.issuer;
  expect(await issuer()).toBe(AUTHORITY);
  authority.document = () => Response.json({ ...DOCUMENT, issuer: 'https://moved.example' });
  cloud.clock.advance(3_599_000);
  expect(await issuer()).toBe(AUTHORITY);
  cloud.clock.advance(1000);
  expect(await issuer()).toBe('https://moved.example');
  expect(authority.asked).toHaveLength(4);
});

test('a key nobody knows has the keys read again, at most every five minutes', async () => {
  const { cloud, authority } = await withAuthority({});
  const known = authority.asked.length;
  const attempt = async () => (await cloud.admin('/Patient')).status;
  expect([await attempt(), authority.asked.length - known]).toEqual([401, 2]);
  expect([await attempt(), authority.asked.length - known]).toEqual([401, 2]);
  cloud.clock.advance(5 * 60_000);
  expect([await attempt(), authority.asked.length - known]).toEqual([401, 4]);
});

describe('metadata', () => {
  const metadata = async (cloud: FhirCloud) => (await cloud.call('/metadata')).body;

  test('every type that can be stored, with the same interactions', async () => {
    const { rest } = await metadata(await fhirCloud());
    const resources: { type: string; versioning: string; interaction: { code: string }[] }[] =
      rest[0].resource;
    expect(resources.map((item) => item.type)).toEqual(
      R4_RESOURCE_TYPES.filter((type) => type !== 'Parameters'),
    );
    for (const { interaction, versioning } of resources) {
      expect(versioning).toBe('versioned');
      expect(interaction.map((item) => item.code)).toEqual(
        expect.arrayContaining(['read', 'vread', 'search-type', 'patch']),
      );
    }
  });

  test('versioning follows the configuration', async () => {
    const cloud = await fhirCloud({
      properties: {
        resourceVersionPolicyConfiguration: {
          default: 'versioned-update',
          resourceTypeOverrides: { Observation: 'no-version' },
        },
      },
    });
    const { rest } = await metadata(cloud);
    const of = (type: string) => rest[0].resource.find((item: { type: string }) => item.type === type);
    expect([of('Patient').versioning, of('Patient').readHistory]).toEqual(['versioned-update', true]);
    expect([of('Observation').versioning, of('Observation').readHistory]).toEqual(['no-version', false]);
  });

  test('a parameter of US Core is named once its SearchParameter is stored', async () => {
    const cloud = await fhirCloud();
    const named = async () => {
      const patient = (await metadata(cloud)).rest[0].resource.find(
        (item: { type: string }) => item.type === 'Patient',
      );
      return patient.searchParam.some((item: { name: string }) => item.name === 'race');
    };
    expect(await named()).toBe(false);
    const stored = await cloud.put({
      resourceType: 'SearchParameter',
      id: 'race',
      url: 'http://hl7.org/fhir/us/core/SearchParameter/us-core-race',
      name: 'USCoreRace',
      status: 'active',
      description: 'x',
      code: 'race',
      base: ['Patient'],
      type: 'token',
      expression: 'x',
    });
    expect(stored.status).toBe(201);
    expect(await named()).toBe(true);
  });

  test('nothing but GET is anonymous', async () => {
    const cloud = await fhirCloud();
    for (const path of ['/metadata', '/.well-known/smart-configuration', '/health/check']) {
      expect((await cloud.call(path, { method: 'POST', body: {} })).status).toBe(401);
      expect((await cloud.call(path)).status).toBe(200);
    }
  });
});

describe('CORS', () => {
  const APP = 'https://app.example';
  const cors = { origins: [APP], methods: ['GET', 'POST'], headers: ['authorization', 'accept'] };
  const asked: Call = { method: 'OPTIONS', headers: { origin: APP, 'access-control-request-method': 'GET' } };
  const header = (answer: { headers: Headers }, name: string) => answer.headers.get(`access-control-${name}`);

  test.each<[string, Record<string, unknown>, string | null, string | null, string | null]>([
    ['a named origin', cors, APP, null, null],
    ['any origin', { ...cors, origins: ['*'] }, '*', null, null],
    ['any origin with credentials', { ...cors, origins: ['*'], allowCredentials: true }, APP, 'true', null],
    ['a named origin with credentials', { ...cors, allowCredentials: true }, APP, 'true', null],
    ['a time to keep it', { ...cors, maxAge: 600 }, APP, null, '600'],
    ['another origin', { ...cors, origins: ['https://other.example'] }, null, null, null],
    ['an origin that only begins like it', { ...cors, origins: [`${APP}:8443`] }, null, null, null],
    ['no configuration', {}, null, null, null],
    [
      'a configuration of other types',
      { origins: APP, methods: 5, headers: null, maxAge: '600' },
      null,
      null,
      null,
    ],
  ])('a preflight with %s', async (_name, corsConfiguration, origin, credentials, age) => {
    const cloud = await fhirCloud({ properties: { corsConfiguration } });
    const answer = await cloud.call('/Patient', asked);
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect([
      header(answer, 'allow-origin'),
      header(answer, 'allow-credentials'),
      header(answer, 'max-age'),
    ]).toEqual([origin, credentials, age]);
    expect(header(answer, 'allow-methods')).toBe(origin === null ? null : 'GET,POST');
    expect(header(answer, 'allow-headers')).toBe(origin === null ? null : 'authorization,accept');
  });

  test('answers and refusals carry the origin, and say that they vary by it', async () => {
    const cloud = await fhirCloud({ properties: { corsConfiguration: cors } });
    for (const [path, status] of [
      ['/metadata', 200],
      ['/Patient', 401],
    ] as const) {
      const answer = await cloud.call(path, { headers: { origin: APP } });
      expect([answer.status, header(answer, 'allow-origin'), answer.headers.get('vary')]).toEqual([
        status,
        APP,
        'Origin',
      ]);
      expect(header(await cloud.call(path), 'allow-origin')).toBeNull();
    }
  });

  test('OPTIONS that is no preflight needs a token like everything', async () => {
    const cloud = await fhirCloud({ properties: { corsConfiguration: cors } });
    expect((await cloud.call('/Patient', { method: 'OPTIONS', headers: { origin: APP } })).status).toBe(401);
  });
});

test('every answer carries the headers that browsers and support need', async () => {
  const cloud = await fhirCloud();
  for (const path of ['/metadata', '/Patient', '/Patient/nobody']) {
    const { headers } = await cloud.admin(path, { headers: { 'x-request-id': 'mine' } });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-correlation-id')).toBe('mine');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toBe("frame-src 'self';");
  }
});
