import { describe, expect, test } from 'vitest';
import { infernoPreset } from '../../src/smart/inferno-preset.ts';
import type { ProfileClient, ServerProfile } from '../../src/smart/server-profile.ts';

const client = (clientId: string, more: Partial<ProfileClient> = {}): ProfileClient => ({
  kind: 'secret',
  launch: 'standalone',
  clientId,
  scopes: [],
  secret: `secret-${clientId}`,
  ...more,
});

const PROFILE: ServerProfile = {
  fhirUrl: 'https://smart.example.org/fhir/',
  clients: {
    'patient-confidential': client('confidential'),
    introspector: client('watcher', { launch: 'none' }),
    'patient-public': { kind: 'public', launch: 'standalone', clientId: 'public', scopes: [] },
  },
  users: {},
  patients: ['patient-a', 'patient-b'],
  group: 'group-abc',
};
const ENDPOINTS = {
  authorizeUrl: 'https://smart.example.org/auth/authorize',
  tokenUrl: 'https://smart.example.org/auth/token',
};

const inputs = (profile: ServerProfile): Record<string, unknown> =>
  Object.fromEntries(infernoPreset(profile, ENDPOINTS).inputs.map(({ name, value }) => [name, value]));

describe('the preset of the official suite', () => {
  test('names the server, the group and its patients', () => {
    expect(inputs(PROFILE)).toMatchObject({
      url: 'https://smart.example.org/fhir',
      bulk_server_url: 'https://smart.example.org/fhir',
      group_id: 'group-abc',
      bulk_patient_ids_in_group: 'patient-a,patient-b',
      expected_resources: 'patient, condition, observation',
    });
  });

  test('fills what clients exist for, complete, and leaves the rest and the attestations out', () => {
    const made = inputs(PROFILE);
    expect(made['standalone_smart_auth_info']).toMatchObject({
      auth_type: 'symmetric',
      use_discovery: 'true',
      auth_url: ENDPOINTS.authorizeUrl,
      token_url: ENDPOINTS.tokenUrl,
      client_id: 'confidential',
      client_secret: 'secret-confidential',
      pkce_support: 'enabled',
      pkce_code_challenge_method: 'S256',
      auth_request_method: 'GET',
    });
    expect(made['public_smart_auth_info']).toMatchObject({ auth_type: 'public', client_id: 'public' });
    expect(made['public_smart_auth_info']).not.toHaveProperty('client_secret');
    expect(made).not.toHaveProperty('bulk_smart_auth_info');
    expect(Object.keys(made).filter((name) => /attestation/.test(name))).toEqual([]);
  });

  test('lets Inferno introspect as the client that may', () => {
    const pair = Buffer.from('watcher:secret-watcher').toString('base64');
    expect(inputs(PROFILE)['custom_authorization_header']).toBe(`Authorization: Basic ${pair}`);
    const { introspector: _, ...clients } = PROFILE.clients;
    expect(inputs({ ...PROFILE, clients })).not.toHaveProperty('custom_authorization_header');
  });

  test('needs a group and the confidential client', () => {
    const { group: _, ...rest } = PROFILE;
    expect(() => inputs(rest)).toThrow(expect.objectContaining({ code: 'MISSING_INPUT' }));
    expect(() => inputs({ ...PROFILE, clients: {} })).toThrow(
      expect.objectContaining({ code: 'MISSING_INPUT' }),
    );
  });
});
