import { describe, expect, test } from 'vitest';
import { newApplication } from '../../../src/local/directory/new-objects.ts';
import { checkVerifier, readChallenge } from '../../../src/local/entra/pkce.ts';
import { hasRedirectUris, platformOf } from '../../../src/local/entra/redirect-uri.ts';
import { CHALLENGE, VERIFIER } from './tenant.ts';

function app(web: string[], spa: string[] = [], publicClient: string[] = []) {
  const base = newApplication(0, { displayName: 'x' });
  return {
    ...base,
    web: { ...base.web, redirectUris: web },
    spa: { redirectUris: spa },
    publicClient: { redirectUris: publicClient },
  };
}

describe('redirect URI', () => {
  test('matches exactly: case, path, query and trailing slash count', () => {
    const registered = app(['https://a.example/cb?x=1']);
    expect(platformOf(registered, 'https://a.example/cb?x=1')).toBe('web');
    for (const uri of [
      'https://a.example/cb',
      'https://a.example/cb?x=2',
      'https://a.example/cb/?x=1',
      'https://a.example/CB?x=1',
      'https://A.example/cb?x=1',
      'https://a.example:443/cb?x=1',
      'https://a.example/cb?x=1#y',
      'https://a.example.evil.example/cb?x=1',
      'https://user@a.example/cb?x=1',
      '//a.example/cb?x=1',
      '',
    ]) {
      expect(platformOf(registered, uri), uri).toBeUndefined();
    }
  });

  test('without a path equals the one with only a slash', () => {
    expect(platformOf(app(['https://a.example']), 'https://a.example/')).toBe('web');
    expect(platformOf(app(['https://a.example/']), 'https://a.example')).toBe('web');
  });

  test('on loopback any port fits, on https only the registered one', () => {
    const native = app([], [], ['http://localhost/cb', 'http://127.0.0.1:1/cb']);
    expect(platformOf(native, 'http://localhost:50123/cb')).toBe('publicClient');
    expect(platformOf(native, 'http://127.0.0.1:50123/cb')).toBe('publicClient');
    expect(platformOf(native, 'http://localhost.evil.example/cb')).toBeUndefined();
    expect(platformOf(native, 'http://localhost:1@evil.example/cb')).toBeUndefined();
    expect(platformOf(app(['https://localhost:1/cb']), 'https://localhost:2/cb')).toBeUndefined();
  });

  test('the platform is where it is registered', () => {
    expect(platformOf(app([], ['https://s.example/']), 'https://s.example/')).toBe('spa');
    expect(platformOf(app([], [], ['myapp://cb']), 'myapp://cb')).toBe('publicClient');
    expect([hasRedirectUris(app([])), hasRedirectUris(app([], [], ['myapp://cb']))]).toEqual([false, true]);
  });
});

describe('PKCE', () => {
  test('reads challenges of both methods; plain is the default', () => {
    expect(readChallenge(CHALLENGE, 'S256')).toEqual({ value: CHALLENGE, method: 'S256' });
    expect(readChallenge(CHALLENGE, undefined)).toEqual({ value: CHALLENGE, method: 'plain' });
    expect(readChallenge(undefined, undefined)).toBeUndefined();
    expect(() => readChallenge(undefined, 'S256')).toThrow('AADSTS501491');
    expect(() => readChallenge(CHALLENGE, 's256')).toThrow('AADSTS501491');
    expect(() => readChallenge('x'.repeat(129), 'S256')).toThrow('AADSTS501491');
    expect(() => readChallenge(`${'x'.repeat(50)}=`, 'S256')).toThrow('AADSTS501491');
  });

  test('the verifier must be the one behind the challenge', () => {
    const challenge = { value: CHALLENGE, method: 'S256' } as const;
    expect(() => checkVerifier(challenge, VERIFIER)).not.toThrow();
    expect(() => checkVerifier(undefined, undefined)).not.toThrow();
    for (const verifier of [undefined, '', CHALLENGE, VERIFIER.toUpperCase(), 'short']) {
      expect(() => checkVerifier(challenge, verifier)).toThrow('AADSTS501481');
    }
    expect(() => checkVerifier(undefined, VERIFIER)).toThrow('AADSTS50147');
  });
});
