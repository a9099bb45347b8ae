import { describe, expect, test } from 'vitest';
import type { ClientConfig } from '../../src/config/config.ts';
import { clientPermissions, isInteractive } from '../../src/provision/client-permissions.ts';

const client = (more: Partial<ClientConfig>): ClientConfig => ({
  name: 'app',
  auth: 'secret',
  launch: 'standalone',
  redirectUris: [],
  launchUris: [],
  origins: [],
  scopes: [],
  permissions: [],
  jwks: undefined,
  consent: 'admin',
  ...more,
});

describe('what Entra must know of a scope', () => {
  test.each<[string, object]>([
    ['openid', { graphScopes: ['openid'] }],
    ['profile', { graphScopes: ['profile'] }],
    ['offline_access', { graphScopes: ['offline_access'] }],
    ['fhirUser', { scopes: ['fhirUser'] }],
    ['launch', { scopes: ['launch'] }],
    ['launch/patient', { scopes: ['launch.patient'] }],
    ['online_access', { scopes: ['online_access'] }],
    ['patient/Patient.rs', { scopes: ['patient.Patient.rs'] }],
    ['patient/*.rs', { scopes: ['patient.all.rs'] }],
    ['user/*.read', { scopes: ['user.all.read'] }],
    ['system/*.rs', { roles: ['system.all.rs'] }],
  ])('%s', (scope, expected) => {
    expect(clientPermissions(client({ scopes: [scope] }))).toEqual({
      scopes: [],
      graphScopes: [],
      roles: [],
      ...expected,
    });
  });

  test.each([
    'patient/*.cruds',
    'patient/Patient.c',
    'user/Patient.write',
    'patient/Basic.rs',
    'nonsense',
    '',
  ])('%j cannot be granted, and is told with its client', (scope) => {
    expect(() => clientPermissions(client({ scopes: ['openid', scope] }))).toThrow(
      `clients.app: the scope ${scope} cannot be granted`,
    );
  });

  test('only permissions that are roles become roles', () => {
    const { roles } = clientPermissions(client({ permissions: ['launch.create', 'introspect'] }));
    expect(roles).toEqual(['launch.create']);
  });
});

test.each([
  ['standalone', true],
  ['ehr', true],
  ['backend', false],
  ['none', false],
] as const)('launch %s: somebody signs in: %s', (launch, expected) => {
  expect(isInteractive(client({ launch }))).toBe(expected);
});
