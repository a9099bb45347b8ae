import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { issuerV1 } from '../../../src/local/entra/issuer.ts';
import type { StandInFactory } from '../../../src/local/fabric.ts';
import { AUDIENCE, BASE, diagnostics, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
let reader: string;
beforeAll(async () => {
  cloud = await fhirCloud();
  reader = cloud.principal('FHIR Data Reader');
});

const seconds = (): number => Math.floor(cloud.fabric.clock.now() / 1000);

describe('401 says nothing about the cause', () => {
  test.each<[string, () => Promise<string> | string]>([
    ['no token', () => ''],
    ['no JWT', () => 'abc'],
    ['another audience', () => cloud.token({ oid: reader, aud: `api://${AUDIENCE}` })],
    ['an audience with a slash', () => cloud.token({ oid: reader, aud: `${AUDIENCE}/` })],
    ['a list of audiences', () => cloud.token({ oid: reader, aud: [AUDIENCE] })],
    ['another issuer', () => cloud.token({ oid: reader, iss: 'https://login.example.org/' })],
    ['an expired token', () => cloud.token({ oid: reader, exp: seconds() - 1 })],
    ['a token for later', () => cloud.token({ oid: reader, nbf: seconds() + 600 })],
    ['a broken signature', async () => `${(await cloud.token({ oid: reader })).slice(0, -8)}AAAAAAAA`],
    [
      'no signature',
      async () => {
        const [, payload] = (await cloud.token({ oid: reader })).split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.AAAA`;
      },
    ],
    [
      'a key of somebody else',
      async () => {
        const { privateKey } = await generateKeyPair('RS256');
        return new SignJWT({ oid: reader, aud: AUDIENCE })
          .setProtectedHeader({ alg: 'RS256', kid: 'x' })
          .sign(privateKey);
      },
    ],
  ])('%s', async (_name, make) => {
    const token = await make();
    const answer = await cloud.call('/Patient', token === '' ? {} : { token });
    expect(answer.status).toBe(401);
    expect(answer.body.issue).toEqual([
      { severity: 'error', code: 'login', diagnostics: 'Authentication failed.' },
    ]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('v1 and v2 tokens of the tenant are taken', async () => {
    for (const iss of [undefined, issuerV1(cloud.fabric)]) {
      const token = await cloud.token({ oid: reader, ...(iss === undefined ? {} : { iss }) });
      expect((await cloud.call('/Patient', { token })).status).toBe(200);
    }
  });
});

describe('403 without the data action', () => {
  const as = async (
    role: string | undefined,
    path: string,
    call: { method?: string; body?: unknown } = {},
  ) => {
    const oid = role === undefined ? cloud.principal() : cloud.principal(role);
    return cloud.call(path, { token: await cloud.token({ oid }), ...call });
  };

  test.each<[string | undefined, string, string, number]>([
    [undefined, 'GET', '/Patient', 403],
    ['FHIR Data Reader', 'GET', '/Patient', 200],
    ['FHIR Data Reader', 'POST', '/Patient', 403],
    ['FHIR Data Reader', 'DELETE', '/Patient/x', 403],
    ['FHIR Data Writer', 'POST', '/Patient', 201],
    ['FHIR Data Writer', 'DELETE', '/Patient/x', 204],
    ['FHIR Data Writer', 'DELETE', '/Patient/x?_hardDelete=true', 403],
    ['FHIR Data Contributor', 'DELETE', '/Patient/x?_hardDelete=true', 204],
    ['FHIR Data Converter', 'GET', '/Patient', 403],
    ['Owner', 'GET', '/Patient', 403],
  ])('%s %s %s', async (role, method, path, status) => {
    const body = method === 'POST' ? { body: patient('x') } : {};
    const answer = await as(role, path, { method, ...body });
    expect(answer.status).toBe(status);
    if (status === 403) expect(diagnostics(answer)).toBe('Authorization failed.');
  });

  test('a token without oid has no roles', async () => {
    expect((await cloud.call('/Patient', { token: await cloud.token({ sub: 'x' }) })).status).toBe(403);
  });

  test('a role takes its time to have an effect', async () => {
    const slow = await fhirCloud({ timing: { rolePropagationMs: 60_000 } });
    expect((await slow.admin('/Patient')).status).toBe(200);
  });
});

test('a token in the URL is 400', async () => {
  const token = await cloud.token({ oid: reader });
  expect((await cloud.call(`/Patient?access_token=${token}`, { token })).status).toBe(400);
  expect((await cloud.call(`/Patient/${token}`)).status).toBe(400);
});

describe('discovery', () => {
  test('smart-configuration is anonymous and what the service itself offers', async () => {
    const answer = await cloud.call('/.well-known/smart-configuration', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.body).toMatchObject({
      authorization_endpoint: expect.stringContaining('/oauth2/v2.0/authorize'),
      token_endpoint: expect.stringContaining('/oauth2/v2.0/token'),
      scopes_supported: ['openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'online_access'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_jwt', 'none'],
    });
    expect(answer.body.capabilities).not.toContain('launch-ehr');
    expect(answer.body.issuer).toBe(issuerV1(cloud.fabric));
  });

  test('metadata is anonymous, names OAuth and what can be searched', async () => {
    const answer = await cloud.call('/metadata');
    expect(answer.body).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      kind: 'instance',
    });
    const [rest] = answer.body.rest;
    expect(rest.security.service[0].coding[0].code).toBe('OAuth');
    const [uris] = rest.security.extension;
    expect(uris.extension.map((item: { url: string }) => item.url)).toEqual(['token', 'authorize']);
    const observation = rest.resource.find((item: { type: string }) => item.type === 'Observation');
    expect(observation.searchParam.map((item: { name: string }) => item.name)).toContain('value-quantity');
    expect(observation.searchInclude).toContain('Observation:subject');
    expect(
      rest.resource.find((item: { type: string }) => item.type === 'Patient').searchRevInclude,
    ).toContain('Observation:patient');
  });

  test('without a readable authority there is no configuration', async () => {
    const lost = await fhirCloud();
    lost.configure({
      authenticationConfiguration: {
        authority: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000',
        audience: AUDIENCE,
      },
    });
    const answer = await lost.call('/.well-known/smart-configuration');
    expect([answer.status, diagnostics(answer)]).toEqual([503, 'Unable to obtain OpenID configuration.']);
    expect((await lost.admin('/Patient')).status).toBe(503);
  });

  test('health', async () => {
    expect((await cloud.call('/health/check')).body.overallStatus).toBe('Healthy');
  });
});

describe('the service exists as ARM says', () => {
  test('only its own host is served, and only once it succeeded', async () => {
    await expect(
      cloud.fetch(new Request('https://other-fhir.fhir.azurehealthcareapis.com/metadata')),
    ).rejects.toThrow();
    const creating = await fhirCloud();
    creating.configure({ provisioningState: 'Creating' });
    expect((await creating.call('/metadata')).status).toBe(503);
  });

  test('without public access everything is 403', async () => {
    const closed = await fhirCloud({ properties: { publicNetworkAccess: 'Disabled' } });
    expect((await closed.call('/metadata')).status).toBe(403);
    expect((await closed.admin('/Patient')).status).toBe(403);
  });

  test('CORS follows its configuration', async () => {
    const open = await fhirCloud({
      properties: {
        corsConfiguration: {
          origins: ['https://app.example'],
          methods: ['GET'],
          headers: ['*'],
          maxAge: 600,
        },
      },
    });
    const preflight = await open.call('/Patient', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://app.example',
    ]);
    const answer = await open.call('/metadata', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('smartIdentityProviders', () => {
  const ISSUER = 'https://gateway.example/auth';
  const keys = generateKeyPair('RS256', { extractable: true });
  const provider: StandInFactory = () => ({
    name: 'provider',
    serves: (host) => host === 'gateway.example',
    fetch: async (request) => {
      const { publicKey } = await keys;
      const isKeys = new URL(request.url).pathname === '/keys';
      return Response.json(
        isKeys
          ? { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] }
          : {
              issuer: ISSUER,
              jwks_uri: 'https://gateway.example/keys',
              authorization_endpoint: `${ISSUER}/authorize`,
              token_endpoint: `${ISSUER}/token`,
            },
      );
    },
  });
  const token = async (claims: JWTPayload): Promise<string> =>
    new SignJWT({
      iss: ISSUER,
      aud: 'aud-1',
      azp: 'client-1',
      fhirUser: `${BASE}/Patient/a`,
      scp: 'patient/Patient.rs',
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuedAt(seconds())
      .setExpirationTime(seconds() + 600)
      .sign((await keys).privateKey);
  let federated: FhirCloud;

  beforeAll(async () => {
    federated = await fhirCloud({ others: [provider] });
    federated.configure({
      authenticationConfiguration: {
        authority: `https://login.microsoftonline.com/${federated.fabric.tenantId}`,
        audience: AUDIENCE,
        smartIdentityProviders: [
          {
            authority: ISSUER,
            applications: [{ clientId: 'client-1', audience: 'aud-1', allowedDataActions: ['Read'] }],
          },
        ],
      },
    });
    await federated.put(patient('a'));
    await federated.put(patient('b'));
  });

  test('their tokens read as SMART tokens do, without any role', async () => {
    const bearer = await token({});
    expect((await federated.call('/Patient/a', { token: bearer })).status).toBe(200);
    expect((await federated.call('/Patient/b', { token: bearer })).status).toBe(404);
    expect(
      (await federated.call('/Patient/a', { token: bearer, method: 'PUT', body: patient('a') })).status,
    ).toBe(403);
  });

  test('another client, audience or key is 401', async () => {
    expect((await federated.call('/Patient/a', { token: await token({ azp: 'client-2' }) })).status).toBe(
      401,
    );
    expect((await federated.call('/Patient/a', { token: await token({ aud: 'aud-2' }) })).status).toBe(401);
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT({ iss: ISSUER, aud: 'aud-1', azp: 'client-1' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setExpirationTime(seconds() + 600)
      .sign(privateKey);
    expect((await federated.call('/Patient/a', { token: forged })).status).toBe(401);
  });

  test('the tenant still works, and discovery names the provider', async () => {
    expect((await federated.admin('/Patient/b')).status).toBe(200);
    expect((await federated.call('/.well-known/smart-configuration')).body.token_endpoint).toBe(
      `${ISSUER}/token`,
    );
  });
});
