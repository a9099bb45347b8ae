import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ForeignServer } from '../../src/config/schema.ts';
import { foreignProfile, profileFromEnvironment } from '../../src/environment/foreign-profile.ts';
import { profileSecrets } from '../../src/smart/server-profile.ts';

const URL_ = 'https://fhir.example.org/r4';
const KEY = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', d: 'private-part', kid: 'k1' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-profile-'));
  await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [KEY] }));
  await writeFile(join(folder, 'secret'), 'from-a-file\n');
  await writeFile(join(folder, 'empty'), '\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fromEnvironment = (env: Record<string, string>, url = URL_) =>
  profileFromEnvironment(url, { env, folder });

describe('a URL alone', () => {
  test('is a server of which nothing else is known', async () => {
    expect(await fromEnvironment({})).toEqual({ fhirUrl: URL_, clients: {}, users: {}, patients: [] });
  });

  test.each([
    'not a url',
    'fhir.example.org/r4',
    'ftp://fhir.example.org',
    'file:///etc/passwd',
    'https://ana:planted@fhir.example.org',
    'https://:planted@fhir.example.org',
    'https://fhir.example.org/r4?token=planted-in-query',
    'https://fhir.example.org/r4#x',
    '',
  ])('%j is refused', async (url) => {
    await expect(fromEnvironment({}, url)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('is never quoted with the password in it', async () => {
    const failure = await fromEnvironment({}, 'https://ana:planted@fhir.example.org').catch(String);
    expect(failure).toContain('https://…@fhir.example.org');
    expect(failure).not.toContain('planted');
  });
});

describe('one client from variables', () => {
  test.each<[string, Record<string, string>, object]>([
    ['an id alone', {}, { kind: 'public', launch: 'standalone', scopes: [] }],
    [
      'a secret',
      { SMARTFHIR_CLIENT_SECRET: 's3cr3t', SMARTFHIR_SCOPE: 'openid  launch/patient' },
      { kind: 'secret', launch: 'standalone', secret: 's3cr3t', scopes: ['openid', 'launch/patient'] },
    ],
    [
      'keys',
      { SMARTFHIR_JWKS_FILE: 'jwks.json' },
      { kind: 'private_key_jwt', launch: 'backend', jwks: { keys: [KEY] } },
    ],
    ['a refresh token', { SMARTFHIR_REFRESH_TOKEN: 'r' }, { kind: 'public', refreshToken: 'r' }],
    [
      'variables that CI set to nothing',
      {
        SMARTFHIR_CLIENT_SECRET: '',
        SMARTFHIR_JWKS_FILE: '',
        SMARTFHIR_REFRESH_TOKEN: '',
        SMARTFHIR_SCOPE: '',
      },
      { kind: 'public', scopes: [] },
    ],
  ])('%s', async (_, env, expected) => {
    const { clients } = await fromEnvironment({ SMARTFHIR_CLIENT_ID: 'app', ...env });
    expect(Object.keys(clients)).toEqual(['client']);
    expect(clients['client']).toMatchObject({ clientId: 'app', ...expected });
    if (Object.values(env).includes('')) expect(clients['client']).not.toHaveProperty('secret');
  });

  test('needs an id: a secret alone names no client', async () => {
    const env = { SMARTFHIR_CLIENT_ID: '', SMARTFHIR_CLIENT_SECRET: 's' };
    expect((await fromEnvironment(env)).clients).toEqual({});
  });

  test.each([
    ['no JSON', 'nope'],
    ['no key set', '{"kty":"RSA"}'],
    ['a list', '[]'],
    ['keys that are none', '{"keys":[null]}'],
    ['keys of text', '{"keys":["a"]}'],
  ])('keys in a file with %s are a configuration error', async (_, text) => {
    await writeFile(join(folder, 'bad.json'), text);
    const env = { SMARTFHIR_CLIENT_ID: 'app', SMARTFHIR_JWKS_FILE: 'bad.json' };
    await expect(fromEnvironment(env)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('keys in a file that is not there are missing input', async () => {
    const env = { SMARTFHIR_CLIENT_ID: 'app', SMARTFHIR_JWKS_FILE: 'absent.json' };
    await expect(fromEnvironment(env)).rejects.toMatchObject({
      code: 'MISSING_INPUT',
      message: expect.stringContaining('absent.json'),
    });
  });
});

describe('a server of smartfhir.yaml', () => {
  const server = (more: Partial<ForeignServer> = {}): ForeignServer => ({
    url: URL_,
    clients: {},
    users: {},
    patients: [],
    ...more,
  });
  const profileOf = (more: Partial<ForeignServer>, env: Record<string, string> = {}) =>
    foreignProfile(server(more), { env, folder });

  test('has the secrets that its references lead to', async () => {
    const profile = await profileOf(
      {
        clients: {
          web: {
            kind: 'secret',
            clientId: 'w',
            redirectUri: 'https://app.example/cb',
            scopes: ['openid'],
            secret: 'env:WEB',
          },
          filed: { kind: 'secret', clientId: 'f', scopes: [], secret: 'file:secret' },
          batch: { kind: 'private_key_jwt', clientId: 'b', scopes: ['system/*.rs'], jwks: 'file:jwks.json' },
        },
        users: { ana: { username: 'ana', password: 'env:PASSWORD', fhirUser: 'Patient/1' } },
        patients: ['1', '2'],
        otherPatient: '2',
        group: 'g',
        launch: 'handle',
      },
      { WEB: 'web-secret', PASSWORD: 'correct horse' },
    );
    expect(profile).toMatchObject({
      fhirUrl: URL_,
      clients: {
        web: { secret: 'web-secret', launch: 'standalone', redirectUri: 'https://app.example/cb' },
        filed: { secret: 'from-a-file' },
        batch: { jwks: { keys: [KEY] }, launch: 'backend' },
      },
      users: { ana: { username: 'ana', password: 'correct horse', fhirUser: 'Patient/1' } },
      ...{ patients: ['1', '2'], otherPatient: '2', group: 'g', launch: 'handle' },
    });
    expect([...profileSecrets(profile)].sort()).toEqual(
      ['correct horse', 'from-a-file', 'private-part', 'web-secret'].sort(),
    );
  });

  test('keys with a redirect URI are an app, without one a backend service; what is written wins', async () => {
    const client = { kind: 'private_key_jwt' as const, clientId: 'c', scopes: [], jwks: 'file:jwks.json' };
    const { clients } = await profileOf({
      clients: {
        app: { ...client, redirectUri: 'https://app.example/cb' },
        service: client,
        ehr: { ...client, launch: 'ehr' },
      },
    });
    expect(Object.entries(clients).map(([name, { launch }]) => [name, launch])).toEqual([
      ['app', 'standalone'],
      ['service', 'backend'],
      ['ehr', 'ehr'],
    ]);
  });

  test.each([
    ['a variable that is not set', 'env:ABSENT', 'MISSING_INPUT'],
    ['a variable that is empty', 'env:EMPTY', 'MISSING_INPUT'],
    ['a file that is not there', 'file:absent', 'MISSING_INPUT'],
    ['a file with an empty line', 'file:empty', 'MISSING_INPUT'],
    ['a vault without a credential', 'keyvault:kv-demo/name', 'NOT_SUPPORTED'],
  ])('%s is named', async (_, secret, code) => {
    const clients = { c: { kind: 'secret' as const, clientId: 'c', scopes: [], secret } };
    await expect(profileOf({ clients }, { EMPTY: '' })).rejects.toMatchObject({ code });
  });

  test('what it does not say is absent, not empty', async () => {
    expect(Object.keys(await profileOf({}))).toEqual(['fhirUrl', 'clients', 'users', 'patients']);
  });
});
