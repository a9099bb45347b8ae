import { describe, expect, test } from 'vitest';
import type { StandIn } from '../../../src/local/fabric.ts';
import { createRouter, type RequestLine, type RouterOptions } from '../../../src/local/router.ts';

const echo: StandIn = {
  name: 'echo',
  serves: (host) => host === 'echo.example',
  fetch: async (request) => {
    request.signal.throwIfAborted();
    return new Response(request.headers.get('x-note') ?? request.url);
  },
};

function router(options: Partial<RouterOptions> = {}) {
  const lines: RequestLine[] = [];
  const defects: string[] = [];
  let time = 0;
  const { fetch } = createRouter({
    mounted: () => [{ standIn: echo, origins: ['http://localhost:1'] }],
    now: () => (time += 7),
    onRequest: (line) => lines.push(line),
    onDefect: (_standIn, text) => defects.push(text),
    ...options,
  });
  return { fetch, lines, defects };
}

describe('what the router leads nowhere', () => {
  test.each([
    'https://unknown.example/',
    'https://echo.example:8443/',
    'http://echo.example/',
    'http://localhost:2/',
    'http://127.0.0.1:1/',
    'https://echo.example.evil.example/',
  ])('%s fails as a name that does not resolve', async (url) => {
    const { fetch, lines } = router();
    const error = await fetch(new Request(`${url}?token=secret`)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).cause).toMatchObject({ code: 'ENOTFOUND', hostname: new URL(url).hostname });
    expect(lines).toMatchObject([{ standIn: 'router', status: null, error: 'unknown host' }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test.each([
    ['echo.example', 200],
    ['ECHO.example', 200],
    ['evil.example', 421],
    ['echo.example:443', 421],
    ['', 421],
  ])('the Host header %j answers %i', async (host, status) => {
    const { fetch, lines } = router();
    expect((await fetch(new Request('https://echo.example/', { headers: { host } }))).status).toBe(status);
    expect(lines).toMatchObject([{ standIn: 'echo', status }]);
  });
});

describe('on the way', () => {
  test('a planned failure is the answer, before anybody else sees the request', async () => {
    const seen: string[] = [];
    const { fetch, lines } = router({
      failures: (_standIn, request) =>
        request.url.endsWith('/fail') ? new Response(null, { status: 429 }) : undefined,
      wrap: (standIn, request, next) => {
        seen.push(`${standIn} ${new URL(request.url).pathname}`);
        return next(request);
      },
    });
    expect((await fetch(new Request('https://echo.example/fail'))).status).toBe(429);
    expect((await fetch(new Request('https://echo.example/pass'))).status).toBe(200);
    expect(seen).toEqual(['echo /pass']);
    expect(lines.map((line) => line.status)).toEqual([429, 200]);
  });

  test('a wrapper may change the request, answer itself, or fail', async () => {
    const { fetch, lines, defects } = router({
      wrap: async (_standIn, request, next) => {
        const { pathname } = new URL(request.url);
        if (pathname === '/own') return new Response('own');
        if (pathname === '/cut') throw new TypeError('fetch failed');
        return next(new Request(request, { headers: { 'x-note': 'changed' } }));
      },
    });
    const text = async (path: string) => (await fetch(new Request(`https://echo.example${path}`))).text();
    expect(await text('/a')).toBe('changed');
    expect(await text('/own')).toBe('own');
    await expect(text('/cut')).rejects.toThrow('fetch failed');
    expect(lines.at(-1)).toMatchObject({ status: null, error: 'fetch failed' });
    expect(defects).toEqual([]);
  });

  test('a caller that gave up is no defect', async () => {
    const { fetch, lines, defects } = router();
    const request = new Request('https://echo.example/', { signal: AbortSignal.abort() });
    await expect(fetch(request)).rejects.toMatchObject({ name: 'AbortError' });
    expect(defects).toEqual([]);
    expect(lines).toMatchObject([{ status: null }]);
  });

  test('the plain origin keeps its URL, and a line tells the time taken', async () => {
    const { fetch, lines } = router();
    const response = await fetch(new Request('http://localhost:1/a?b=c'));
    expect(await response.text()).toBe('http://localhost:1/a?b=c');
    expect(lines).toEqual([
      {
        at: '1970-01-01T00:00:00.007Z',
        ...{ standIn: 'echo', method: 'GET', host: 'localhost:1', path: '/a', status: 200, ms: 7 },
      },
    ]);
  });
});
