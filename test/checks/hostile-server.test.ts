import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { runChecks } from '../../src/checks/runner.ts';
import { selectChecks } from '../../src/checks/select.ts';
import { systemClock } from '../../src/core/clock.ts';
import { exitCodeOf } from '../../src/report/gate.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
}

async function doctor(
  fhirUrl: string,
  options: { budgetMs?: number; only?: string[]; signal?: AbortSignal } = {},
) {
  const document = await runChecks({
    checks: selectChecks(checks, { only: options.only ?? [], skip: [] }),
    profile: { fhirUrl, clients: {}, users: {}, patients: [] },
    fetch: (request) => fetch(request),
    clock: systemClock,
    version: '0.0.0',
    exchangeBudgetMs: options.budgetMs ?? 5000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return { document, of: (id: string) => document.results.find((result) => result.id === id) };
}

const json = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
};

describe('a hostile or broken server gives a coded outcome, never a crash or a hang', () => {
  test('HTML everywhere', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Welcome</title>');
    });
    const { document, of } = await doctor(url);
    expect(of('discovery/served')).toMatchObject({
      outcome: 'fail',
      message: expect.stringContaining('HTML page'),
    });
    expect(of('fhir/capability-statement')?.outcome).toBe('fail');
    expect(of('token/exchange')?.outcome).toBe('skip');
    expect(exitCodeOf(document, 'error')).toBe(3);
  });

  test('500 everywhere', async () => {
    const url = await serve((_, response) => json(response, 500, '{"error":"down"}'));
    const { of } = await doctor(url);
    expect(of('discovery/served')).toMatchObject({ outcome: 'fail', message: 'answered 500 down' });
    expect(of('discovery/pkce-s256')?.outcome).toBe('skip');
  });

  test('broken JSON', async () => {
    const url = await serve((_, response) => json(response, 200, '{"token_endpoint": "https://'));
    const { of } = await doctor(url);
    expect(of('discovery/served')).toMatchObject({
      outcome: 'fail',
      message: expect.stringContaining('no JSON object'),
    });
  });

  test('JSON of the wrong types in every member', async () => {
    const body = JSON.stringify({
      token_endpoint: {},
      capabilities: { a: 1 },
      issuer: 7,
      scopes_supported: 'openid',
      jwks_uri: [],
      code_challenge_methods_supported: 'S256',
    });
    const { document } = await doctor(await serve((_, response) => json(response, 200, body)));
    expect(
      document.results.filter((result) => result.message?.startsWith('the check itself failed')),
    ).toEqual([]);
  });

  test('redirect circles', async () => {
    const url = await serve((request, response) => {
      response.writeHead(302, { location: request.url ?? '/' });
      response.end();
    });
    const { of } = await doctor(url);
    expect(of('discovery/anonymous')).toMatchObject({
      outcome: 'fail',
      message: expect.stringContaining('302'),
    });
  });

  test('a body of 20 MB', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(Buffer.alloc(20 * 1024 * 1024, 0x20));
    });
    const { document, of } = await doctor(url, { only: ['discovery'] });
    expect(of('discovery/served')).toMatchObject({
      outcome: 'error',
      message: expect.stringMatching(/^RESPONSE_INVALID/),
    });
    expect(of('discovery/pkce-s256')?.outcome).toBe('skip');
    expect(document.incomplete).toBe(true);
    expect(exitCodeOf(document, 'error')).toBe(5);
  });

  test('a slow drip', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const { of } = await doctor(url, { budgetMs: 300, only: ['discovery/served'] });
    expect(of('discovery/served')).toMatchObject({
      outcome: 'error',
      message: expect.stringMatching(/^TIMEOUT/),
    });
  });

  test('connections that are reset', async () => {
    const url = await serve((request) => request.socket.destroy());
    const { document, of } = await doctor(url);
    expect(of('discovery/served')).toMatchObject({
      outcome: 'error',
      message: expect.stringMatching(/^UNREACHABLE/),
    });
    expect(exitCodeOf(document, 'error')).toBe(5);
  });

  test('nobody listens', async () => {
    const { document, of } = await doctor('http://127.0.0.1:1/fhir');
    expect(of('discovery/served')?.message).toMatch(/^UNREACHABLE/);
    expect(document.summary.fail).toBe(0);
  });

  test('a configuration that leads everywhere', async () => {
    const url = await serve((_, response) =>
      json(
        response,
        200,
        JSON.stringify({
          token_endpoint: 'file:///etc/passwd',
          authorization_endpoint: 'javascript:alert(1)',
          capabilities: ['launch-ehr'],
        }),
      ),
    );
    const { document } = await doctor(url);
    expect(
      document.results.filter((result) => result.message?.startsWith('the check itself failed')),
    ).toEqual([]);
  });

  test('a run that is stopped is judged from what it has', async () => {
    const url = await serve((request, response) => {
      if (request.url?.includes('well-known') === true) json(response, 404, '{}');
    });
    const { document } = await doctor(url, { signal: AbortSignal.timeout(400), budgetMs: 20_000 });
    expect(document.incomplete).toBe(true);
    expect(document.results.some((result) => result.message?.includes('stopped') === true)).toBe(true);
  });
});
