import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { exchange, reasonOf, withoutQuery } from '../../src/core/http.ts';
import { Stop } from '../../src/core/io.ts';

const get = (url = 'https://fhir.example.org/r4/metadata?token=planted#f'): Request => new Request(url);

function endless(chunk = new Uint8Array(1024)): { response: Response; cancelled: () => boolean } {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(chunk),
    cancel: () => {
      cancelled = true;
    },
  });
  return { response: new Response(body), cancelled: () => cancelled };
}

describe('one exchange', () => {
  test('gives status, headers and the whole body, as bytes and as text', async () => {
    const answer = await exchange(
      async () => new Response('größe', { status: 418, headers: { 'x-a': 'b' } }),
      get(),
    );
    expect(answer).toMatchObject({ status: 418, text: 'größe' });
    expect([...answer.body]).toEqual([...new TextEncoder().encode('größe')]);
    expect(answer.headers.get('x-a')).toBe('b');
  });

  test('without a body is empty, not an error', async () => {
    expect(await exchange(async () => new Response(null, { status: 204 }), get())).toMatchObject({
      status: 204,
      text: '',
    });
  });

  test('reads a body up to its limit and cancels what is longer', async () => {
    const limits = { bodyLimitBytes: 4 };
    expect((await exchange(async () => new Response('four'), get(), limits)).text).toBe('four');
    await expect(exchange(async () => new Response('fives'), get(), limits)).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
    });
    const { response, cancelled } = endless();
    await expect(exchange(async () => response, get(), { bodyLimitBytes: 10_000 })).rejects.toThrow(
      /more than 10000 bytes/,
    );
    expect(cancelled()).toBe(true);
  });

  test.each(['file:///etc/passwd', 'javascript:alert(1)', 'data:text/plain,x'])(
    'never opens %s',
    async (url) => {
      let asked = false;
      const fetch = async (): Promise<Response> => {
        asked = true;
        return new Response();
      };
      await expect(exchange(fetch, get(url))).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
      expect(asked).toBe(false);
    },
  );

  test('names host and path in its errors, never the query', async () => {
    const failing = exchange(async () => Promise.reject(new TypeError('fetch failed')), get());
    await expect(failing).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'GET https://fhir.example.org/r4/metadata: fetch failed',
    });
  });
});

describe('the budget', () => {
  test('covers a host that never answers, even behind a fetch that ignores its signal', async () => {
    const deaf = (): Promise<Response> => new Promise(() => undefined);
    await expect(exchange(deaf, get(), { budgetMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('0.02 s'),
    });
  });

  test('covers the last byte: a body that stops in the middle', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(3)) });
    await expect(exchange(async () => new Response(body), get(), { budgetMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });

  test('a stop of the run is thrown as itself, not as a timeout of the host', async () => {
    const stop = new Stop('interrupt');
    const controller = new AbortController();
    const running = exchange(
      () => {
        controller.abort(stop);
        return new Promise(() => undefined);
      },
      get(),
      { signal: controller.signal },
    );
    await expect(running).rejects.toBe(stop);
  });

  test('a stop before the first byte sends nothing on', async () => {
    const signal = AbortSignal.abort(new Stop('timeout'));
    await expect(exchange(async () => endless().response, get(), { signal })).rejects.toBeInstanceOf(Stop);
  });
});

describe('over real sockets', () => {
  async function at<T>(
    handler: Parameters<typeof createServer>[1],
    use: (url: string) => Promise<T>,
  ): Promise<T> {
    const server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('a connection that is reset is unreachable, with the reason of the socket', async () => {
    const run = at(
      (request) => request.socket.destroy(),
      (url) => exchange((request) => fetch(request), get(url)),
    );
    await expect(run).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(run).rejects.not.toThrow(/fetch failed/);
  });

  test('a body shorter than its content-length is unreachable', async () => {
    const run = at(
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('short');
        setImmediate(() => response.destroy());
      },
      (url) => exchange((request) => fetch(request), get(url)),
    );
    await expect(run).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('the reason of a failure', () => {
  const refused = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
  test.each([
    ['below fetch failed', new TypeError('fetch failed', { cause: refused }), 'ECONNREFUSED: connect failed'],
    ['of several addresses', new TypeError('x', { cause: new AggregateError([refused]) }), 'connect failed'],
    ['that names its code already', Object.assign(new Error('read EPIPE'), { code: 'EPIPE' }), 'read EPIPE'],
    ['that is no error', 'just text', 'just text'],
  ])('%s', (_, error, expected) => {
    expect(reasonOf(error)).toBe(expected);
  });
});

test.each([
  ['https://a.example/x?code=1', 'https://a.example/x'],
  ['https://a.example/x#t\nq', 'https://a.example/x'],
  ['https://a.example/x', 'https://a.example/x'],
])('%j without its query', (url, expected) => {
  expect(withoutQuery(url)).toBe(expected);
});
