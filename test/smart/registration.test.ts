import { expect, test } from 'vitest';
import { parseRegistrations } from '../../src/smart/registration.ts';

const client = {
  name: 'app',
  clientId: 'id',
  auth: 'public',
  launch: 'standalone',
  redirectUris: ['https://app/cb'],
  launchUris: [],
  origins: [],
  scopes: ['openid'],
  permissions: [],
};

test('reads what provisioning writes', () => {
  expect(parseRegistrations(JSON.stringify([client]))).toEqual([client]);
});

test.each([
  ['no JSON', '{'],
  ['no array', '{}'],
  ['unknown kind', JSON.stringify([{ ...client, auth: 'magic' }])],
  ['unknown member', JSON.stringify([{ ...client, secret: 'x' }])],
  ['same id twice', JSON.stringify([client, { ...client, name: 'other' }])],
  ['same name twice', JSON.stringify([client, { ...client, clientId: 'other' }])],
])('refuses %s', (_, text) => {
  expect(() => parseRegistrations(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
