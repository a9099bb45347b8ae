import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningStack, startStack } from '../../src/local/stack.ts';
import { stateFolder } from '../../src/local/state-folder.ts';
import { runCli } from '../support/run-cli.ts';

let folder: string;
let stack: RunningStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-broken-requests-'));
  await runCli(['init', '--local', '--no-input'], { cwd: folder });
  stack = await startStack({ folder: stateFolder(folder) });
  await runCli(['apply', '--local', '--yes'], { cwd: folder });
});

afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Sends the bytes, then resets the connection. */
function cutOff(origin: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 100));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

test('a request that is cut off in its body is given up by every stand-in on its way', async () => {
  const { gateway } = stack.access.origins;
  const head = `POST /auth/token HTTP/1.1\r\nHost: ${new URL(gateway).host}\r\nContent-Type: application/x-www-form-urlencoded`;
  const cut = [`Content-Length: 1000\r\n\r\ngrant_type=`, `Transfer-Encoding: chunked\r\n\r\n5\r\ngrant\r\n`];
  const given = async (): Promise<number> =>
    (await readFile(stateFolder(folder).log, 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"standIn":"functions"') && line.includes('/auth/token')).length;
  for (const rest of cut) {
    const before = await given();
    // A busy machine may not have passed a request on before it is cut off: then another one is.
    const givenUp = async (): Promise<boolean> => {
      await cutOff(gateway, `${head}\r\n${rest}`);
      return (await given()) > before;
    };
    await expect.poll(givenUp, { timeout: 30_000 }).toBe(true);
  }
  const health = await fetch(`${gateway}/fhir/.well-known/smart-configuration`);
  expect(health.status).toBe(200);
});
