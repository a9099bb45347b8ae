import { describe, expect, test } from 'vitest';
import { CookieJar } from '../../../src/smart/app/cookie-jar.ts';
import { parseForms, plain } from '../../../src/smart/app/html-forms.ts';
import { signIn } from '../../../src/smart/app/sign-in.ts';
import { wireTo } from '../wire.ts';

const PAGE = 'https://login.example.org/a/b?x=1';

function control(html: string): Record<string, unknown> {
  const [form] = parseForms(`<form>${html}</form>`, PAGE);
  return { ...form?.controls[0] };
}

describe('what a form would send', () => {
  test.each([
    ['<input name=n>', { type: 'text', value: '' }],
    ['<INPUT NAME="n" TYPE="HIDDEN" VALUE="a&quot;b">', { type: 'hidden', value: 'a"b' }],
    ['<input name=n type=checkbox>', { type: 'checkbox', value: 'on', checked: false }],
    ['<input name=n type=checkbox value=v checked>', { value: 'v', checked: true }],
    ['<input name=n value="a > b">', { value: 'a > b' }],
    ["<input name='n' value='it&#39;s'>", { value: "it's" }],
    ['<input name=n value="&#x1F600;">', { value: '😀' }],
    ['<input name=n value="&#99999999;&#x110000;">', { value: '&#99999999;&#x110000;' }],
    ['<input name=n value="&constructor;&unknown;">', { value: '&constructor;&unknown;' }],
    ['<input name=n value=first value=second>', { value: 'first' }],
    ['<input name=n disabled value=v>', { disabled: true }],
    ['<button name=n value=v>Go <i>on</i></button>', { kind: 'button', type: 'submit', label: 'Go on' }],
    ['<button type=button name=n>Show</button>', { type: 'button' }],
    ['<select name=n><option value=1>One<option value=2 selected>Two</select>', { value: '2' }],
    ['<select name=n><option>One &amp; all</option><option>Two</option></select>', { value: 'One & all' }],
    ['<select name=n></select>', { value: '' }],
    ['<textarea name=n>a &lt; b</textarea>', { type: 'text', value: 'a < b' }],
  ])('%s', (html, expected) => {
    expect(control(html)).toMatchObject({ name: 'n', ...expected });
  });

  test.each([
    ['<form>', 'GET', PAGE],
    ['<form method=POST action="">', 'POST', PAGE],
    ['<form method=dialog action="/c">', 'GET', 'https://login.example.org/c'],
    ['<form method=post action="?y=2">', 'POST', 'https://login.example.org/a/b?y=2'],
    ['<form method=post action="https://other.example/p">', 'POST', 'https://other.example/p'],
    ['<form method=post action="http://[">', 'POST', PAGE],
  ])('%s goes by %s to %s', (html, method, action) => {
    expect(parseForms(`${html}<input name=n></form>`, PAGE)[0]).toMatchObject({ method, action });
  });

  test('controls outside a form and forms inside scripts and comments do not count', () => {
    const html =
      '<input name=a><!--<form>--><script>"<form>"</script><form><input name=b></form><input name=c>';
    expect(parseForms(html, PAGE).map((form) => form.controls.map(({ name }) => name))).toEqual([['b']]);
  });

  test('text of a page has no tags', () => {
    expect(plain('<h1>Sorry</h1>\n <p>no&nbsp;access &amp; no\tway</p>')).toBe('Sorry no access & no way');
  });
});

describe('cookies that end', () => {
  const SITE = 'https://login.example.org/';
  const NOW = 'Tue, 24 Nov 2026 12:00:00 GMT';
  function headerAfter(line: string): string | undefined {
    const jar = new CookieJar();
    jar.store(SITE, new Headers([['set-cookie', 'a=1; Path=/']]));
    jar.store(
      SITE,
      new Headers([
        ['date', NOW],
        ['set-cookie', line],
      ]),
    );
    return jar.header(SITE);
  }

  test.each([
    ['a=2; Path=/; Max-Age=0'],
    ['a=2; Path=/; Max-Age=-1'],
    ['a=2; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    ['a=2; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT'],
    ['a=2; Path=/; expires=Tue, 24 Nov 2026 11:59:59 GMT'],
    ['a=2; Path=/; Max-Age=0; Expires=Wed, 25 Nov 2026 12:00:00 GMT'],
  ])('%s', (line) => {
    expect(headerAfter(line)).toBeUndefined();
  });

  test.each([
    ['a=2; Path=/; Max-Age=60'],
    ['a=2; Path=/; Expires=Tue, 24 Nov 2026 12:00:01 GMT'],
    ['a=2; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    ['a=2; Path=/; Expires=some day'],
    ['a=2; Path=/; Max-Age=soon'],
  ])('%s stays', (line) => {
    expect(headerAfter(line)).toBe('a=2');
  });

  test('only the one of that name and path', () => {
    expect(headerAfter('b=2; Path=/')).toBe('a=1; b=2');
    expect(headerAfter('a=; Path=/other; Max-Age=0')).toBe('a=1');
  });

  test.each(['=nameless', 'novalue', ''])('%j is no cookie', (line) => {
    expect(headerAfter(line)).toBe('a=1');
  });
});

describe('what must not leave with the password', () => {
  const USER = { username: 'ana', password: 'correct horse' };
  const page =
    '<form method=post action=/in><input name=login><input type=password name=p><button>Go</button></form>';

  async function walk(location: string, status: number) {
    const sent: string[] = [];
    const { wire } = wireTo(async (request) => {
      sent.push(
        `${request.method} ${new URL(request.url).host} ${(await request.text()).includes('correct')}`,
      );
      if (request.method === 'GET') return new Response(page, { headers: { 'content-type': 'text/html' } });
      return new Response(null, { status, headers: { location } });
    });
    const request = { url: 'https://login.example.org/' };
    const ended = await signIn({ wire, request, redirectUri: 'https://app.example/cb', user: USER });
    return { ended, sent };
  }

  test.each([307, 308])('a %i to another host stops the walk', async (status) => {
    const { ended, sent } = await walk('https://evil.example/', status);
    expect(ended).toMatchObject({ kind: 'stopped', text: expect.stringContaining('evil.example') });
    expect(sent).toEqual(['GET login.example.org false', 'POST login.example.org true']);
  });

  test('a 302 to the app takes nothing along', async () => {
    const { ended } = await walk('https://app.example/cb?code=c', 302);
    expect(ended).toMatchObject({ kind: 'redirected', url: 'https://app.example/cb?code=c' });
  });
});
