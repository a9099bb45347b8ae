import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningStack, startStack } from '../../src/local/stack.ts';
import { stateFolder } from '../../src/local/state-folder.ts';

let folder: string;
let stack: RunningStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-loopback-'));
  stack = await startStack({ folder: stateFolder(folder) });
});

afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

function statusOf(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

/** The first line that comes back for these bytes; empty when the connection is just closed. */
function firstLine(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(text.split('\r\n', 1)[0] ?? '');
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n')) done();
    });
    socket.on('close', done);
    socket.on('error', done);
  });
}

const portOf = (url: string): number => Number(new URL(url).port);

describe('the sockets of the laptop stack', () => {
  test('no origin answers to a name that was pointed at it', async () => {
    for (const origin of [
      stack.access.origins.gateway,
      stack.access.origins.login,
      stack.access.origins.functions,
    ]) {
      const port = portOf(origin);
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        `0.0.0.0:${port}`,
        'localhost',
        'management.azure.com',
        `${new URL(origin).host}.evil.example`,
      ]) {
        expect([origin, host, await statusOf(`http://127.0.0.1:${port}/fhir/metadata`, host)]).toEqual([
          origin,
          host,
          421,
        ]);
      }
    }
    const proxy = portOf(stack.access.proxyUrl);
    expect(await statusOf(`http://127.0.0.1:${proxy}/health`, 'evil.example')).toBe(403);
    expect(await statusOf(`http://127.0.0.1:${proxy}/health`, `127.0.0.1:${proxy}`)).toBe(200);
  });

  test.each([
    'example.com:443',
    '127.0.0.1:22',
    '169.254.169.254:80',
    '[::1]:443',
    'management.azure.com:80',
    'management.azure.com:22',
    'management.azure.com',
    'management.azure.com.evil.example:443',
    'evil.management.azure.com:443',
    'management.azure.com:443@evil.example:1',
  ])('the proxy leads nobody to %s', async (target) => {
    const port = portOf(stack.access.proxyUrl);
    expect(await firstLine(port, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)).toMatch(
      / 40[03] /,
    );
    expect(await firstLine(port, `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\n\r\n`)).toMatch(
      / 40[03] /,
    );
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello'],
    [
      'a length and chunks',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a huge header', `X: ${'y'.repeat(100_000)}\r\n\r\n`],
  ])('%s end a request', async (_, rest) => {
    const { host, port } = new URL(stack.access.origins.gateway);
    const line = await firstLine(Number(port), `POST /auth/token HTTP/1.1\r\nHost: ${host}\r\n${rest}`);
    expect(line).toMatch(/^HTTP\/1\.1 4(00|31) /);
  });
});
