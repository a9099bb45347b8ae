import { describe, expect, test } from 'vitest';
import { CookieJar } from '../../../src/smart/app/cookie-jar.ts';
import { parseForms } from '../../../src/smart/app/html-forms.ts';
import { signIn } from '../../../src/smart/app/sign-in.ts';
import type { HttpRequest } from '../../../src/smart/recorder.ts';
import { wireTo } from '../wire.ts';

const PAGE = { 'content-type': 'text/html' };
const REDIRECT = 'http://app.localhost:3000/callback';
const USER = { username: 'ana', password: 'correct horse' };
const start: HttpRequest = { url: 'https://auth.example.org/authorize' };

function page(body: string, headers: Record<string, string> = {}): Response {
  return new Response(`<!doctype html><html><body>${body}</body></html>`, {
    headers: { ...PAGE, ...headers },
  });
}

function move(location: string, headers: Record<string, string> = {}, status = 302): Response {
  return new Response(null, { status, headers: { location, ...headers } });
}

describe('walking sign-in pages', () => {
  test('fills known fields, keeps cookies, presses the primary button, ends at the redirect URI', async () => {
    const seen: string[] = [];
    const { wire } = wireTo(async (request) => {
      const { pathname } = new URL(request.url);
      seen.push(`${request.method} ${pathname} ${request.headers.get('cookie') ?? ''}`.trim());
      if (pathname === '/authorize')
        return move('/login', { 'set-cookie': 'session=1; Path=/; HttpOnly; Secure' });
      if (pathname === '/login' && request.method === 'GET') {
        return page(
          '<form method="post"><input name="loginfmt" type="email"><input type="hidden" name="ctx" value="a&amp;b"><input type="submit" value="Back" id="b"><input type="submit" value="Next"></form>',
        );
      }
      if (pathname === '/login') {
        expect(Object.fromEntries(new URLSearchParams(await request.text()))).toEqual({
          loginfmt: 'ana',
          ctx: 'a&b',
        });
        return page(
          '<form method="post" action="/password"><input type="password" name="passwd"><button>Sign in</button></form>',
        );
      }
      expect(await request.text()).toBe('passwd=correct+horse');
      return move(`${REDIRECT}?code=x&state=y`);
    });
    const ended = await signIn({ wire, request: start, redirectUri: REDIRECT, user: USER });
    expect(ended).toMatchObject({ kind: 'redirected', url: `${REDIRECT}?code=x&state=y` });
    expect(seen).toEqual([
      'GET /authorize',
      'GET /login session=1',
      'POST /login session=1',
      'POST /password session=1',
    ]);
  });

  const choice =
    '<form method="post"><input type="checkbox" name="scope" value="patient/Patient.rs" checked><input type="checkbox" name="scope" value="patient/Observation.rs" checked><button name="choice" value="allow">Allow</button><button name="choice" value="deny">Deny</button></form>';

  async function submittedBy(more: object): Promise<URLSearchParams> {
    let body = '';
    const { wire } = wireTo(async (request) => {
      if (request.method === 'GET') return page(choice);
      body = await request.text();
      return move(`${REDIRECT}?code=x`);
    });
    await signIn({ wire, request: start, redirectUri: REDIRECT, user: USER, ...more });
    return new URLSearchParams(body);
  }

  test('keeps every scope, unticks those that are declined, or denies', async () => {
    expect((await submittedBy({})).getAll('scope')).toEqual(['patient/Patient.rs', 'patient/Observation.rs']);
    const some = await submittedBy({ keepScope: (scope: string) => scope.includes('Patient.') });
    expect([some.getAll('scope'), some.get('choice')]).toEqual([['patient/Patient.rs'], 'allow']);
    expect((await submittedBy({ deny: true })).get('choice')).toBe('deny');
  });

  test('ends at a page that leads nowhere', async () => {
    const { wire } = wireTo(async () => page('<h1>Unknown client</h1>'));
    expect(await signIn({ wire, request: start, redirectUri: REDIRECT, user: USER })).toMatchObject({
      kind: 'stopped',
      text: 'Unknown client',
    });
  });

  test('never asks the redirect URI itself, whatever its query', async () => {
    const asked: string[] = [];
    const { wire } = wireTo(async (request) => {
      asked.push(request.url);
      return move(`${REDIRECT}?x=1&code=2`);
    });
    await signIn({ wire, request: start, redirectUri: `${REDIRECT}?x=1`, user: USER });
    expect(asked).toEqual([start.url]);
  });

  test('takes response_mode=form_post', async () => {
    const { wire } = wireTo(async () =>
      page(`<form method="post" action="${REDIRECT}"><input type="hidden" name="code" value="x"></form>`),
    );
    expect(await signIn({ wire, request: start, redirectUri: REDIRECT, user: USER })).toMatchObject({
      url: `${REDIRECT}?code=x`,
    });
  });

  test.each([
    ['a circle of redirects', async () => move('/authorize'), /did not end/],
    [
      'a password that is never accepted',
      async () => page('<form method="post"><input type="password" name="p"><button>Go</button></form>'),
      /again and again/,
    ],
    ['a redirect to no URL', async () => move('http://['), /no URL/],
  ])('gives up on %s', async (_, answer, message) => {
    const { wire } = wireTo(answer);
    await expect(signIn({ wire, request: start, redirectUri: REDIRECT, user: USER })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringMatching(message),
    });
  });

  test('says so when nobody is configured who could sign in', async () => {
    const { wire } = wireTo(async () => page('<form><input name="username"></form>'));
    await expect(
      signIn({ wire, request: start, redirectUri: REDIRECT, user: undefined }),
    ).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
  });

  test.each([
    [302, 'GET'],
    [303, 'GET'],
    [307, 'POST'],
    [308, 'POST'],
  ])('repeats the method after %i as browsers do', async (status, method) => {
    const methods: string[] = [];
    const { wire } = wireTo(async (request) => {
      methods.push(request.method);
      return methods.length === 1 ? move('/next', {}, status) : move(REDIRECT);
    });
    await signIn({
      wire,
      request: { ...start, method: 'POST', body: 'a=b' },
      redirectUri: REDIRECT,
      user: USER,
    });
    expect(methods).toEqual(['POST', method]);
  });
});

describe('cookies', () => {
  const stored = (line: string, url = 'https://auth.example.org/a/b'): CookieJar => {
    const jar = new CookieJar();
    jar.store(url, new Headers([['set-cookie', line]]));
    return jar;
  };

  test.each([
    ['a=1', 'https://auth.example.org/a/c', 'a=1'],
    ['a=1', 'https://auth.example.org/other', undefined],
    ['a=1; Path=/', 'https://auth.example.org/other', 'a=1'],
    ['a=1; Path=/', 'https://other.example.org/', undefined],
    ['a=1; Path=/; Domain=example.org', 'https://other.example.org/', 'a=1'],
    ['a=1; Path=/; Domain=evil.example', 'https://evil.example/', undefined],
    ['a=1; Path=/; Secure', 'http://auth.example.org/', undefined],
    ['a=1; Path=/a', 'https://auth.example.org/ab', undefined],
  ])('%s at %s', (line, url, expected) => {
    expect(stored(line).header(url)).toBe(expected);
  });

  test('are replaced and removed', () => {
    const jar = stored('a=1; Path=/');
    jar.store('https://auth.example.org/', new Headers([['set-cookie', 'a=2; Path=/']]));
    expect(jar.header('https://auth.example.org/')).toBe('a=2');
    jar.store('https://auth.example.org/', new Headers([['set-cookie', 'a=; Path=/; Max-Age=0']]));
    expect(jar.header('https://auth.example.org/')).toBeUndefined();
  });
});

describe('forms', () => {
  test('are read whatever their spelling, scripts and comments are not', () => {
    const html = `<!-- <form><input name=hidden></form> --><script>document.write('<form>')</script>
      <FORM action='../next?a=1&amp;b=2' METHOD=POST><input name=plain value=x><select name=s><option value=1><option value=2 selected></select>
      <textarea name="t">a &lt; b</textarea><button name=go type=submit>Go <b>on</b></button></FORM>`;
    const [form, ...rest] = parseForms(html, 'https://auth.example.org/x/y');
    expect(rest).toEqual([]);
    expect(form).toMatchObject({ method: 'POST', action: 'https://auth.example.org/next?a=1&b=2' });
    expect(form?.controls.map(({ name, value, label }) => [name, value, label])).toEqual([
      ['plain', 'x', 'x'],
      ['s', '2', ''],
      ['t', 'a < b', ''],
      ['go', '', 'Go on'],
    ]);
  });

  test('of a hostile page end in time', () => {
    expect(parseForms(`<form ${'a '.repeat(200_000)}`, 'https://x.example/')).toEqual([]);
    expect(parseForms('<'.repeat(400_000), 'https://x.example/')).toEqual([]);
  });
});
