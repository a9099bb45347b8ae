import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCertificateAuthority } from '../../../src/local/certificates.ts';
import { proxiedFetch } from '../../../src/local/proxied-fetch.ts';
import { type RunningProxy, startProxy } from '../../../src/local/proxy.ts';

const KNOWN = ['https://vault1.vault.azure.net', 'http://localhost:4711'];

let folder: string;
let proxy: RunningProxy;
let pem: string;
const refused: string[] = [];
const seen: { url: string; method: string; body: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-proxy-'));
  const authority = await openCertificateAuthority(folder);
  pem = authority.pem;
  proxy = await startProxy({
    port: 0,
    authority,
    knows: (url) => KNOWN.includes(url.origin),
    onRefused: (host) => refused.push(host),
    health: () => ({ status: 'ok', pid: 1, x: 1 }),
    fetch: async (request) => {
      seen.push({ url: request.url, method: request.method, body: await request.text() });
      const headers = new Headers({ 'x-seen': 'yes', location: 'https://elsewhere.example/' });
      headers.append('set-cookie', 'a=1; Path=/');
      headers.append('set-cookie', 'b=2; Path=/');
      return new Response('answer', { status: 302, headers });
    },
  });
});

afterAll(async () => {
  await proxy.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the loopback proxy', () => {
  test.each(KNOWN)('carries %s unchanged, redirects and cookies included', async (origin) => {
    const client = proxiedFetch(proxy.url, pem);
    const url = `${origin}/secrets/x?api-version=7.4`;
    const response = await client.fetch(new Request(url, { method: 'POST', body: 'hello' }));
    expect(response.status).toBe(302);
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    expect(await response.text()).toBe('answer');
    expect(seen.at(-1)).toEqual({ url, method: 'POST', body: 'hello' });
    await client.close();
  });

  test.each(['https://example.com/', 'http://localhost:4712/', 'https://vault1.vault.azure.net:8443/'])(
    'refuses %s',
    async (url) => {
      const client = proxiedFetch(proxy.url, pem);
      await expect(client.fetch(new Request(url))).rejects.toThrow();
      expect(refused.at(-1)).toContain(new URL(url).hostname);
      await client.close();
    },
  );

  test('its certificate is worth nothing without its CA', async () => {
    const client = proxiedFetch(proxy.url, '');
    await expect(client.fetch(new Request(`${KNOWN[0]}/`))).rejects.toThrow();
    await client.close();
  });

  test('answers for an absolute-form request of a plain origin, and 403 for a stranger', async () => {
    expect(await plain('http://localhost:4711/x')).toBe(302);
    expect(seen.at(-1)?.url).toBe('http://localhost:4711/x');
    expect(await plain('http://example.com/x')).toBe(403);
    expect(await plain('/elsewhere')).toBe(403);
  });

  test('tells its health to who asks it itself', async () => {
    const response = await fetch(`${proxy.url}/health`);
    expect(await response.json()).toMatchObject({ status: 'ok' });
  });
});

function plain(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: proxy.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
