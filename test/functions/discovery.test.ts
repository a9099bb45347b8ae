import { beforeAll, describe, expect, test } from 'vitest';
import { parseScope } from '../../src/smart/scopes.ts';
import { FHIR } from './fakes.ts';
import { AUTH, BASE, createWorld, send, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});

/** (g)(10) with SMART 2.2, standalone and EHR launch (Inferno 1.8.05 and 3.7.05). */
const NEEDED = [
  'launch-standalone',
  'launch-ehr',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-patient',
  'permission-user',
  'authorize-post',
  'permission-v2',
  'permission-v1',
];

describe('smart-configuration', () => {
  test('is anonymous, complete and absolute, whatever Accept says', async () => {
    const response = await send(world, '/fhir/.well-known/smart-configuration', {
      headers: { accept: 'text/html' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    const document = (await response.json()) as Record<string, string[]>;
    expect(document).toMatchObject({
      authorization_endpoint: `${AUTH}/authorize`,
      token_endpoint: `${AUTH}/token`,
      introspection_endpoint: `${AUTH}/introspect`,
      revocation_endpoint: `${AUTH}/revoke`,
      code_challenge_methods_supported: ['S256'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    });
    for (const capability of NEEDED) expect(document['capabilities']).toContain(capability);
    expect(document['token_endpoint_auth_signing_alg_values_supported']).toEqual(['RS384', 'ES384']);
    for (const scope of document['scopes_supported'] ?? []) expect(parseScope(scope), scope).toBeDefined();
  });

  test('forwarding headers change nothing', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      host: 'evil.example',
      'x-forwarded-proto': 'https',
    };
    const text = await (await send(world, '/fhir/.well-known/smart-configuration', { headers })).text();
    expect(text).not.toContain('evil');
  });

  test('issuer and keys are those of the tenant', async () => {
    const document = (await (await send(world, '/fhir/.well-known/smart-configuration')).json()) as Record<
      string,
      string
    >;
    expect(document['issuer']).toMatch(/^http:\/\/127\.0\.0\.1:7001\/.*\/v2\.0$/);
    expect(document['jwks_uri']).toContain('/discovery/v2.0/keys');
  });
});

test('metadata is the service’s, told as the gateway behaves', async () => {
  const response = await send(world, '/fhir/metadata');
  expect(response.headers.get('content-type')).toContain('application/fhir+json');
  const text = await response.text();
  expect(text).not.toContain(FHIR);
  const statement = JSON.parse(text);
  expect(statement.implementation.url).toBe(BASE);
  expect(statement.instantiates).toContain('http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data');
  expect(statement.instantiates).toContain('http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server');
  const [rest] = statement.rest;
  const capabilities = rest.security.extension
    .map((one: { valueCode?: string }) => one.valueCode)
    .filter((code: string | undefined) => code !== undefined);
  // Codes that R4's value set does not have make the statement invalid.
  expect(capabilities).toContain('launch-ehr');
  for (const later of ['authorize-post', 'client-confidential-asymmetric', 'context-banner', 'permission-v2'])
    expect(capabilities).not.toContain(later);
  const uris = rest.security.extension[0].extension.map((one: { url: string; valueUri: string }) => [
    one.url,
    one.valueUri,
  ]);
  expect(Object.fromEntries(uris)).toMatchObject({ authorize: `${AUTH}/authorize`, token: `${AUTH}/token` });
  const [group, patient] = rest.resource;
  expect(group.operation).toEqual([
    { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export' },
  ]);
  expect(patient.interaction).toEqual([{ code: 'read' }, { code: 'search-type' }]);
  expect(patient.updateCreate).toBeUndefined();
  expect(patient.supportedProfile).toEqual([
    'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient',
  ]);
  expect(group.supportedProfile).toBeUndefined();
});

test('keys that smartfhir made for a client have a URL; nothing private is in it', async () => {
  const response = await send(world, '/auth/clients/backend/jwks.json');
  expect(response.status).toBe(200);
  const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };
  expect(keys[0]).toMatchObject({ kid: 'k1', kty: 'EC' });
  expect(keys[0]).not.toHaveProperty('d');
  expect((await send(world, '/auth/clients/confidential/jwks.json')).status).toBe(404);
});

test('a failing dependency is a short answer with a reference', async () => {
  const broken = await createWorld();
  broken.settings satisfies object;
  broken.entra.fetch = async () => new Response('boom', { status: 500 });
  const response = await send(broken, '/fhir/.well-known/smart-configuration');
  expect(response.status).toBe(500);
  const body = await response.text();
  expect(body).not.toContain('boom');
  expect(broken.log.at(-1)?.correlationId).toBe(response.headers.get('x-request-id'));
  expect(body).toContain(response.headers.get('x-request-id') ?? 'nothing');
});
