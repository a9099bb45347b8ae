import { describe, expect, test } from 'vitest';
import { Redactor } from '../../src/core/redact.ts';

const SECRET = 'p+ss w/rd!(1)é"\\';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl';

function redactor(...secrets: string[]): Redactor {
  const made = new Redactor();
  for (const secret of secrets) made.addSecret(secret);
  return made;
}

describe('a registered secret', () => {
  test.each([
    ['as it is', SECRET],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['percent-encoded in lower case', encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
    ['as a form field', new URLSearchParams({ v: SECRET }).toString().slice(2)],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('is taken out of a text %s', (_, form) => {
    const made = redactor(SECRET);
    expect(made.leaks(`before ${form} after`)).toHaveLength(1);
    const text = made.text(`before ${form} after`);
    expect(text).toBe(`before ${made.pseudonym(SECRET, 'secret')} after`);
    expect(made.leaks(text)).toEqual([]);
  });

  test('that begins with another one disappears whole, whichever was met first', () => {
    for (const secrets of [
      ['hunter2', 'hunter2-and-more'],
      ['hunter2-and-more', 'hunter2'],
    ]) {
      const made = redactor(...secrets);
      expect(made.text('is hunter2-and-more.')).toBe(`is ${made.pseudonym('hunter2-and-more', 'secret')}.`);
    }
  });

  test('keeps its pseudonym within a run, and has another in the next', () => {
    const [first, second] = [redactor(SECRET), redactor(SECRET)];
    expect(first.text(SECRET)).toBe(first.text(SECRET));
    expect(first.text(SECRET)).not.toBe(second.text(SECRET));
    expect(first.text(SECRET)).toMatch(/^‹secret [0-9a-f]{6}›$/);
  });

  test('of fewer than six characters would make every text unreadable, and is left', () => {
    expect(redactor('abc').text('abcdef')).toBe('abcdef');
  });

  test('is found by every member of a JSON value, at any depth', () => {
    const made = redactor(SECRET);
    const found = JSON.stringify(made.json({ a: [{ b: `x ${SECRET}` }], n: 1, z: null, t: true }));
    expect(found).toBe(`{"a":[{"b":"x ${made.pseudonym(SECRET, 'secret')}"}],"n":1,"z":null,"t":true}`);
  });

  test('with a lone surrogate does not break registration', () => {
    const made = redactor('broken-\ud800-secret');
    expect(made.leaks('broken-\ud800-secret')).toHaveLength(1);
  });
});

test('whatever has the shape of a JWT is a pseudonym', () => {
  const made = new Redactor();
  expect(made.text(`token ${JWT}, twice ${JWT}`)).toBe(
    `token ${made.pseudonym(JWT, 'jwt')}, twice ${made.pseudonym(JWT, 'jwt')}`,
  );
  expect(made.text('eyJ is no JWT')).toBe('eyJ is no JWT');
});

describe('URLs', () => {
  const made = new Redactor();
  test.each([
    ['https://a.example/cb?code=SplxlOBeZQ&state=xyz', 'code', 'SplxlOBeZQ', '&state=xyz'],
    ['https://a.example/#access_token=2YotnFZFEjr1zCsicMWpAA', 'access_token', '2YotnFZFEjr1zCsicMWpAA', ''],
    ['https://a.example/?Client_Secret=a%2Bb', 'client_secret', 'a+b', ''],
    ['https://a.example/?%63ode=hidden-code', '%63ode', 'hidden-code', ''],
    ['https://h.blob.example/f?sp=r&sig=abc%3D', 'sig', 'abc=', ''],
  ])('%s loses its secret parameter', (url, key, value, rest) => {
    expect(made.url(url)).toContain(`=${made.pseudonym(value, key)}${rest}`);
    expect(made.url(url)).not.toContain(value === 'a+b' ? 'a%2Bb' : value);
  });

  test('keep what is no secret, and empty values', () => {
    const url = 'https://a.example/authorize?client_id=app&scope=openid%20launch&launch=&code_challenge=abc';
    expect(made.url(url)).toBe(url);
  });

  test('a form body is treated alike from its first field on', () => {
    const form = made.form('client_secret=s3cr3t-value&grant_type=client_credentials');
    expect(form).toBe(
      `client_secret=${made.pseudonym('s3cr3t-value', 'client_secret')}&grant_type=client_credentials`,
    );
  });

  test('a broken percent sign is no crash', () => {
    expect(made.url('https://a.example/?code=%zz')).toBe(
      `https://a.example/?code=${made.pseudonym('%zz', 'code')}`,
    );
  });
});

describe('JSON by key', () => {
  const made = new Redactor();
  test.each([
    'access_token',
    'refresh_token',
    'id_token',
    'client_assertion',
    'code_verifier',
    'PassWord',
    'd',
  ])('%s is a secret wherever it stands', (key) => {
    expect(made.json({ deep: [{ [key]: 'the-value' }] })).toEqual({
      deep: [{ [key]: made.pseudonym('the-value', key.toLowerCase()) }],
    });
  });

  test('other keys, empty strings and numbers stay', () => {
    const value = { token_type: 'Bearer', expires_in: 3600, code: '', scope: 'openid', token: 7 };
    expect(made.json(value)).toEqual(value);
  });
});

describe('headers', () => {
  const headers = (entries: Record<string, string>): Record<string, string> =>
    new Redactor().headers(new Headers(entries));

  test('credentials lose their value and keep their scheme', () => {
    expect(headers({ authorization: 'Bearer 2YotnFZFEjr1zCsicMWpAA' })['authorization']).toMatch(
      /^Bearer ‹credential [0-9a-f]{6}›$/,
    );
    expect(headers({ authorization: 'raw-key-without-scheme' })['authorization']).toMatch(/^‹authorization/);
    expect(headers({ 'x-functions-key': 'host-key-value' })['x-functions-key']).toMatch(/^‹x-functions-key/);
    expect(headers({ cookie: 'session=abc' })['cookie']).not.toContain('abc');
    expect(headers({ 'set-cookie': 'session=abc; Path=/' })['set-cookie']).not.toContain('abc');
  });

  test('a redirect keeps its place and loses its code', () => {
    const { location } = headers({ location: 'https://app.example/cb?code=SplxlOBeZQ&state=s' });
    expect(location).toMatch(/^https:\/\/app\.example\/cb\?code=‹code [0-9a-f]{6}›&state=s$/);
  });
});

test('our own keys are never rewritten, long foreign ones are', () => {
  const made = redactor('outcome', 'a-secret-that-is-a-key-name');
  const { outcome, ...rest } = made.strings({ outcome: 'pass', 'a-secret-that-is-a-key-name': 1 });
  expect(outcome).toBe('pass');
  expect(Object.keys(rest)).toEqual([made.pseudonym('a-secret-that-is-a-key-name', 'secret')]);
});
