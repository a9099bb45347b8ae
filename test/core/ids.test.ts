import { describe, expect, test } from 'vitest';
import { derivedUuid, randomToken, sha256, shortHash } from '../../src/core/ids.ts';

describe('derived ids', () => {
  // Computed with another implementation of RFC 9562 section 5.5 (Python's uuid.uuid5).
  test.each([
    [['a'], 'f9ecd6c9-7d5c-59d5-9034-55353efdc507'],
    [['stack', 'dev'], '09af296f-204f-5c31-8881-b85dbefe78e3'],
  ])('of %j never change: what was provisioned is found by them', (parts, uuid) => {
    expect(derivedUuid(...parts)).toBe(uuid);
  });

  test('differ with the parts and their order', () => {
    const all = [derivedUuid('a', 'b'), derivedUuid('b', 'a'), derivedUuid('ab'), derivedUuid('a', 'b', '')];
    expect(new Set(all).size).toBe(4);
  });
});

test('SHA-256 of "abc" (FIPS 180-4) in base64url and as a short name', () => {
  expect(sha256('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  expect(shortHash(8, 'abc')).toBe('ba7816bf');
  expect(shortHash(8, 'a', 'b')).toBe(shortHash(8, 'a\nb'));
});

test('random tokens have the entropy that was asked for and fit into a URL', () => {
  const tokens = Array.from({ length: 50 }, () => randomToken());
  expect(new Set(tokens).size).toBe(50);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(randomToken(16)).toHaveLength(22);
});
