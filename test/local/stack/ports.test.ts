import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { choosePorts, originsOf } from '../../../src/local/ports.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-ports-'));
  file = join(folder, 'ports.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the ports of a stack', () => {
  test('are neighbours of the one asked for, and kept', async () => {
    const chosen = await choosePorts(file, 20_000);
    expect(chosen).toEqual({ proxy: 20_000, gateway: 20_001, login: 20_002, functions: 20_003, app: 20_004 });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(chosen);
    expect(await choosePorts(file, undefined)).toEqual(chosen);
    expect(await choosePorts(file, 20_000)).toEqual(chosen);
    expect((await choosePorts(file, 21_000)).app).toBe(21_004);
  });

  test('are free where nobody asked, and differ from one another', async () => {
    const chosen = await choosePorts(file, undefined);
    expect(new Set(Object.values(chosen)).size).toBe(5);
    expect(await choosePorts(file, undefined)).toEqual(chosen);
  });

  test('are others when one of them is taken', async () => {
    const first = await choosePorts(file, undefined);
    await rm(file);
    const server = await listening(first.login);
    expect(Object.values(await choosePorts(file, undefined))).not.toContain(first.login);
    server.close();
  });

  test.each(['{', '{}', '[]', '{"proxy":0}', '{"proxy":1,"gateway":2,"login":3,"functions":4,"app":65536}'])(
    'kept as %s they are broken state',
    async (text) => {
      await writeFile(file, text);
      await expect(choosePorts(file, undefined)).rejects.toMatchObject({ code: 'LOCAL_STATE_BROKEN' });
    },
  );

  test('make origins of which each is another to a browser', () => {
    const origins = originsOf({ proxy: 1, gateway: 2, login: 3, functions: 4, app: 5 });
    expect(origins).toEqual({
      gateway: 'http://localhost:2',
      login: 'http://127.0.0.1:3',
      functions: 'http://localhost:4',
      app: 'http://app.localhost:5',
    });
  });
});

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server));
  });
}
