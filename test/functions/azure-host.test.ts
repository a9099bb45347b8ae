import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { toHostResponse, toWebRequest } from '../../src/functions/azure-host.ts';
import { settingsFromEnvironment } from '../../src/functions/settings.ts';

describe('the host’s request', () => {
  test('loses /api and keeps method, query, headers and body', async () => {
    const request = toWebRequest(
      new HttpRequest({
        method: 'POST',
        url: 'https://app.azurewebsites.net/api/auth/token?x=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: { string: 'grant_type=x' },
      }),
    );
    expect(new URL(request.url).pathname).toBe('/auth/token');
    expect(new URL(request.url).search).toBe('?x=1');
    expect(request.method).toBe('POST');
    expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(await request.text()).toBe('grant_type=x');
  });

  test('does not touch paths that only look alike', () => {
    const request = toWebRequest(
      new HttpRequest({ method: 'GET', url: 'https://app.azurewebsites.net/apix/fhir' }),
    );
    expect(new URL(request.url).pathname).toBe('/apix/fhir');
  });
});

describe('the host’s response', () => {
  test('carries every cookie as a cookie, with its attributes', async () => {
    const headers = new Headers({ 'x-one': '1' });
    headers.append('set-cookie', 'a=1; Path=/auth; Max-Age=900; HttpOnly; SameSite=Lax; Secure');
    headers.append('set-cookie', 'b=2=2');
    const response = await toHostResponse(new Response('text', { status: 201, headers }));
    expect(response.status).toBe(201);
    expect(response.headers).toMatchObject({ 'x-one': '1' });
    expect(response.headers).not.toHaveProperty('set-cookie');
    expect(response.cookies).toEqual([
      { name: 'a', value: '1', path: '/auth', maxAge: 900, httpOnly: true, sameSite: 'Lax', secure: true },
      { name: 'b', value: '2=2' },
    ]);
    expect(await new Response(response.body as ReadableStream).text()).toBe('text');
  });

  test('has no body where there is none', async () => {
    expect(await toHostResponse(new Response(null, { status: 204 }))).not.toHaveProperty('body');
  });
});

const ENVIRONMENT = {
  SMARTFHIR_PUBLIC_URL: 'https://gw.azure-api.net/',
  SMARTFHIR_FILES_URL: 'https://app.azurewebsites.net/api/files',
  SMARTFHIR_FHIR_URL: 'https://ws-fhir.fhir.azurehealthcareapis.com',
  SMARTFHIR_FHIR_AUDIENCE: 'guid',
  SMARTFHIR_SCOPE_PREFIX: 'api://guid',
  SMARTFHIR_AUTHORITY: 'https://login.microsoftonline.com/tid/v2.0',
  SMARTFHIR_SIGN_IN_CLIENT_ID: 'sign-in',
  SMARTFHIR_SIGN_IN_CLIENT_SECRET: 'secret-value',
  SMARTFHIR_SESSION_KEY: Buffer.alloc(32, 7).toString('base64url'),
  SMARTFHIR_TABLE_URL: 'https://a.table.core.windows.net/',
  SMARTFHIR_BLOB_URL: 'https://a.blob.core.windows.net/',
  SMARTFHIR_VAULT_URL: 'https://v.vault.azure.net/',
  SMARTFHIR_CLIENTS: '[]',
  SMARTFHIR_LAUNCH_ROLE: 'launch.create',
};

describe('settings', () => {
  test('are read without trailing slashes', () => {
    const settings = settingsFromEnvironment(ENVIRONMENT);
    expect(settings.publicUrl).toBe('https://gw.azure-api.net');
    expect(settings.sessionKey.byteLength).toBe(32);
  });

  test.each<[string, Record<string, string | undefined>, RegExp]>([
    [
      'missing',
      { SMARTFHIR_FHIR_URL: undefined, SMARTFHIR_TABLE_URL: '' },
      /FHIR_URL is missing.*TABLE_URL is missing/,
    ],
    [
      'an unresolved Key Vault reference',
      { SMARTFHIR_SIGN_IN_CLIENT_SECRET: '@Microsoft.KeyVault(SecretUri=https://v/secrets/s)' },
      /SIGN_IN_CLIENT_SECRET: its Key Vault reference/,
    ],
    ['a short session key', { SMARTFHIR_SESSION_KEY: 'AAAA' }, /32 bytes/],
    ['no URL', { SMARTFHIR_PUBLIC_URL: 'nonsense' }, /PUBLIC_URL is not a URL/],
    ['broken clients', { SMARTFHIR_CLIENTS: '{' }, /not JSON/],
  ])('%s', (_, change, message) => {
    const read = () => settingsFromEnvironment({ ...ENVIRONMENT, ...change });
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret-value') }));
  });
});
