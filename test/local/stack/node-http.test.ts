import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveNode } from '../../../src/local/node-http.ts';

const ORIGIN = 'http://localhost:8600';
let server: Server;
let asked: string[];

beforeEach(async () => {
  asked = [];
  const fetch = async ({ method, url }: Request): Promise<Response> => {
    asked.push(`${method} ${url}`);
    if (url.endsWith('/broken')) throw new Error('a stand-in broke');
    return new Response('ok');
  };
  server = createServer((incoming, outgoing) => void serveNode(fetch, ORIGIN, incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** The status of a request whose target is sent exactly like this. */
async function status(method: string, path: string): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo;
  return await new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

describe('a request line', () => {
  test.each([
    ['GET', '/a?b=c', `${ORIGIN}/a?b=c`],
    ['OPTIONS', '/a', `${ORIGIN}/a`],
    ['GET', '//other.example/a', `${ORIGIN}//other.example/a`],
    ['GET', 'http://other.example/a', `${ORIGIN}/a`],
  ])('%s %s leads to %s', async (method, path, url) => {
    expect(await status(method, path)).toBe(200);
    expect(asked).toEqual([`${method} ${url}`]);
  });

  test.each([
    ['OPTIONS', '*'],
    ['GET', 'no-url'],
    ['TRACE', '/'],
  ])('%s %s is a bad request and reaches nobody', async (method, path) => {
    expect(await status(method, path)).toBe(400);
    expect(asked).toEqual([]);
  });
});

test('what breaks behind it is a bad gateway', async () => {
  expect(await status('GET', '/broken')).toBe(502);
});
