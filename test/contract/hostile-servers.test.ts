import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultDocument } from '../../src/core/result.ts';
import { runCli } from '../support/run-cli.ts';
import { type Behaviour, hostileServer, sendJson, smartConfiguration } from './hostile-server.ts';

const BOMB = gzipSync(Buffer.alloc(100_000_000, 0x20));
const DEEP = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
const ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b2J\u202e\r\n✓ 226 of 226 pass';
const SECRETS = {
  SMARTFHIR_CLIENT_ID: 'abc',
  SMARTFHIR_CLIENT_SECRET: 'planted-client-secret-1',
  SMARTFHIR_REFRESH_TOKEN: 'planted-refresh-token-2',
};
/** Everything a terminal acts upon except the line feed, and what turns text around. */
const CONTROL = /[\p{Cc}--\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/v;

const isConfiguration = (request: IncomingMessage): boolean =>
  request.url?.includes('smart-configuration') === true;

function html(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<html><script>alert(1)</script>Welcome</html>');
}

/** A configuration whose members all have this value. */
function allMembers(value: unknown): Behaviour {
  return (_, response, origin) =>
    sendJson(
      response,
      Object.fromEntries(Object.keys(smartConfiguration(origin)).map((key) => [key, value])),
    );
}

/** A good configuration, and this for everything else. */
function behind(rest: Behaviour, changes: Record<string, unknown> = {}): Behaviour {
  return (request, response, origin) =>
    isConfiguration(request)
      ? sendJson(response, { ...smartConfiguration(origin), ...changes })
      : rest(request, response, origin);
}

function redirectTo(location: (origin: string, path: string) => string): Behaviour {
  return (request, response, origin) => {
    response.writeHead(302, { location: location(origin, request.url ?? '') });
    response.end();
  };
}

/** Answers that can be judged: findings, exit 3. */
const JUDGED: Readonly<Record<string, Behaviour>> = {
  'HTML everywhere': (_, response) => html(response),
  'HTML behind a good configuration': behind((_, response) => html(response)),
  '500': (_, response) => response.writeHead(500).end('boom at /srv/x.js:1:1'),
  'an empty body': (_, response) => response.writeHead(200).end(),
  '204': (_, response) => response.writeHead(204).end(),
  'broken JSON': (_, response) => sendJson(response, '{"issuer": "http'),
  'invalid UTF-8': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(Buffer.from([0xff, 0xfe, 0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]));
  },
  'JSON nested 100,000 deep': (_, response) => sendJson(response, DEEP),
  'arrays for strings': allMembers([['x'], {}]),
  'huge numbers': allMembers(1e308),
  nulls: allMembers(null),
  'prototype keys': (_, response, origin) =>
    sendJson(
      response,
      JSON.stringify(smartConfiguration(origin)).replace(
        /^\{/,
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}},"toString":"x",',
      ),
    ),
  'arrays behind a good configuration': behind(allMembers([['x'], {}])),
  'a CapabilityStatement of wrong types': behind((_, response) =>
    sendJson(response, {
      resourceType: 'CapabilityStatement',
      fhirVersion: [],
      rest: [null, 5, { security: [], resource: { a: 1 } }, { security: { service: [{ coding: [null] }] } }],
    }),
  ),
  'lists of wrong types': behind((_, response) => sendJson(response, { keys: {} }), {
    scopes_supported: [1, null, {}],
    capabilities: [null, {}, 1],
    code_challenge_methods_supported: [[]],
    grant_types_supported: 'authorization_code',
    associated_endpoints: [null, 1],
  }),
  'a redirect circle': redirectTo((origin, path) => `${origin}${path}`),
  'a redirect to a file': redirectTo(() => 'file:///etc/passwd'),
  'a redirect to another host': redirectTo(() => 'http://127.0.0.1:9/'),
  'terminal escapes': allMembers(ESCAPES),
  'terminal escapes behind a good configuration': behind(allMembers(ESCAPES), { issuer: ESCAPES }),
};

/** Answers that cannot be judged: exit 5, incomplete. */
const UNJUDGED: Readonly<Record<string, Behaviour>> = {
  'a body of 20 MB': (_, response) => sendJson(response, `{"a":"${'x'.repeat(20_000_000)}"}`),
  'a gzip bomb': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(BOMB);
  },
  'gzip that is none': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end('not gzip');
  },
  'a reset': (request) => request.socket.resetAndDestroy(),
  'an early close': (request, response) => {
    response.writeHead(200, { 'content-length': '1000', 'content-type': 'application/json' });
    response.write('{');
    request.socket.end();
  },
  'a flood of headers': (_, response) => {
    for (let at = 0; at < 3000; at += 1) response.setHeader(`x-${at}`, 'y'.repeat(100));
    response.end('{}');
  },
  'another protocol': (request) => request.socket.end('SSH-2.0-OpenSSH\r\n'),
};

/** Answers that never end. */
const ENDLESS: Readonly<Record<string, Behaviour>> = {
  silence: () => undefined,
  'one byte a second': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 1000);
    response.on('close', () => clearInterval(timer));
  },
};

async function judge(behave: Behaviour, ...options: string[]) {
  const server = await hostileServer(behave);
  try {
    return await runCli(['doctor', server.url, '--timeout', '50s', ...options], { env: SECRETS });
  } finally {
    await server.close();
  }
}

function expectHarmless(run: { stdout: string; stderr: string }): void {
  const text = run.stdout + run.stderr;
  expect(text).not.toMatch(CONTROL);
  expect(text).not.toContain('planted-');
  expect(text).not.toMatch(/Maximum call stack|Cannot read prop|is not a function|not iterable|INTERNAL/);
}

describe('doctor against a server that answers', () => {
  test.each(Object.entries(JUDGED))('%s: findings', async (_, behave) => {
    const run = await judge(behave, '-o', 'json');
    const document = run.json<ResultDocument & Record<string, unknown>>();
    expectHarmless(run);
    const broken = document.results.filter(({ outcome }) => outcome === 'error');
    // What the kept refresh token was answered may be beyond judging; then it is said, and the run is incomplete.
    for (const { message } of broken) expect(message).toMatch(/^RESPONSE_INVALID: /);
    expect(document.incomplete).toBe(broken.length > 0);
    expect([run.code, document.summary.fail > 0]).toEqual([3, true]);
    expectHarmless(await judge(behave, '-v'));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each(Object.entries(UNJUDGED))('%s: could not check', async (_, behave) => {
    const run = await judge(behave, '-o', 'json');
    const document = run.json<ResultDocument & Record<string, unknown>>();
    expectHarmless(run);
    expect([run.code, document.incomplete]).toEqual([5, true]);
    for (const { message } of document.results.filter(({ outcome }) => outcome === 'error')) {
      expect(message).toMatch(/^(RESPONSE_INVALID|UNREACHABLE): /);
    }
  });

  test.each(Object.entries(ENDLESS))('%s: ends with the time budget', async (_, behave) => {
    const server = await hostileServer(behave);
    try {
      const run = await runCli(['doctor', server.url, '--timeout', '2s', '-o', 'json']);
      expect([run.code, run.json<{ error: object }>().error]).toMatchObject([124, { code: 'TIMEOUT' }]);
    } finally {
      await server.close();
    }
  });

  test('endpoints that are no web addresses are not opened', async () => {
    const run = await judge(
      behind((_, response) => sendJson(response, {}, 404), {
        authorization_endpoint: 'file:///etc/passwd',
        token_endpoint: 'file:///etc/passwd',
        jwks_uri: 'data:application/json,{"keys":[]}',
        introspection_endpoint: 'javascript:alert(1)',
        revocation_endpoint: 'http://[::1',
        issuer: 'data:,x',
      }),
      '-o',
      'json',
    );
    expectHarmless(run);
    const { results } = run.json<ResultDocument & Record<string, unknown>>();
    for (const { message } of results.filter(({ outcome }) => outcome === 'error')) {
      expect(message).toContain('is no http(s) request');
    }
  });

  test.each(['127.0.0.1:1', 'nowhere.invalid'])('nobody listens at %s', async (host) => {
    const run = await runCli(['doctor', `http://${host}/fhir`, '-o', 'json', '--timeout', '50s']);
    const document = run.json<ResultDocument & Record<string, unknown>>();
    expect([run.code, document.incomplete]).toEqual([5, true]);
    expect(document.results.find(({ outcome }) => outcome === 'error')?.message).toMatch(/^UNREACHABLE: /);
  });
});

describe('doctor with clients against hostile token and export endpoints', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smartfhir-hostile-'));
    const { privateKey } = await generateKeyPair('RS384', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'RS384' };
    await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function judgeBackend(behave: Behaviour, timeout = '50s', ...more: string[]) {
    const server = await hostileServer(behave);
    const client = `{kind: private_key_jwt, clientId: bc, scopes: [system/*.rs], jwks: 'file:jwks.json'}`;
    const profile = `{url: '${server.url}', group: g1, clients: {b: ${client}}}`;
    await writeFile(
      join(folder, 'smartfhir.yaml'),
      `version: 1\nname: hostile\nenvironments: {x: {server: ${profile}}}\n`,
    );
    try {
      const args = ['doctor', '-e', 'x', '-o', 'json', '--timeout', timeout, ...more];
      return { ...(await runCli(args, { cwd: folder })), requests: server.requests };
    } finally {
      await server.close();
    }
  }

  /** Issues this token; accepts exports; the rest is 404. */
  function issuing(token: Record<string, unknown>, status?: Behaviour): Behaviour {
    const body = { access_token: 'planted-access-token-3', token_type: 'bearer', expires_in: 300 };
    return behind((request, response, origin) => {
      const path = request.url ?? '';
      if (path.startsWith('/token')) return sendJson(response, { ...body, scope: 'system/*.rs', ...token });
      if (status !== undefined && path.startsWith('/status')) return status(request, response, origin);
      if (status !== undefined && path.includes('$export') && request.headers.authorization !== undefined) {
        response.writeHead(202, { 'content-location': `${origin}/status` });
        return response.end();
      }
      return sendJson(response, {}, path.includes('$export') ? 401 : 404);
    });
  }

  test.each([
    { access_token: 'gathered' },
    { access_token: 'unavailable', refresh_token: 'outcome' },
    { access_token: 'exchanges', id_token: 'message' },
    { access_token: '","' },
    { access_token: '"},"facts' },
    { access_token: 'abc\r\nX-Evil: 1' },
    { access_token: 'tök€n\u0000\ud800' },
    { access_token: { a: 1 }, refresh_token: [1], expires_in: 'x', scope: {} },
    { access_token: 'a'.repeat(2_000_000) },
  ])('a token that is no token: case %$', async (token) => {
    const run = await judgeBackend(issuing(token));
    expect(run.code).toBe(3);
    expectHarmless(run);
    const { results } = run.json<ResultDocument & Record<string, unknown>>();
    for (const { message } of results.filter(({ outcome }) => outcome === 'error')) {
      expect(message).toMatch(/^RESPONSE_INVALID: /);
    }
  });

  test.each(['0', '-1', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'an export that never ends is not polled without pause (Retry-After %s)',
    async (retryAfter) => {
      const run = await judgeBackend(
        issuing({}, (_, response) => response.writeHead(202, { 'retry-after': retryAfter }).end()),
        '4s',
      );
      expect(run.code).toBe(124);
      expect(run.requests.filter(({ path }) => path === '/status').length).toBeLessThan(12);
    },
  );

  test('a manifest of strange addresses; the token goes nowhere but where the protocol sends it', async () => {
    const stranger = await hostileServer((_, response) => sendJson(response, {}));
    try {
      const run = await judgeBackend(
        issuing({}, (_, response) =>
          sendJson(response, {
            requiresAccessToken: false,
            output: [
              null,
              { type: 'Patient', url: 'file:///etc/passwd' },
              { type: 'Patient', url: 'data:application/fhir+ndjson,{}' },
              { type: 'Patient', url: `${stranger.origin}/f` },
              { type: 1, url: 2 },
            ],
          }),
        ),
        '50s',
        '--report-dir',
        'report',
      );
      expect([3, 5]).toContain(run.code);
      expectHarmless(run);
      expect(stranger.requests.map(({ authorization }) => authorization).join('')).toBe('');
      expect(await readFile(join(folder, 'report', 'result.json'), 'utf8')).not.toContain('planted-');
    } finally {
      await stranger.close();
    }
  });

  test.each([
    ['cut off', '{"access_token":"planted-access-token-4","refresh_token":"planted-refresh-5'],
    ['a form', 'access_token=planted-access-token-4&refresh_token=planted-refresh-5'],
    ['nested too deep', `{"access_token":"planted-access-token-4","x":${DEEP}}`],
  ])('a token in an answer that is no JSON (%s) is not kept', async (_, body) => {
    const run = await judgeBackend(
      behind((request, response) => sendJson(response, request.url === '/token' ? body : {}, 200)),
    );
    expect(run.code).toBe(3);
    expectHarmless(run);
  });

  test('a token endpoint that redirects gets no second request', async () => {
    const thief = await hostileServer((_, response) => sendJson(response, {}));
    try {
      const run = await judgeBackend(
        behind((request, response, origin) =>
          request.url === '/token'
            ? response.writeHead(307, { location: `${thief.origin}/steal` }).end()
            : sendJson(response, { origin }, 404),
        ),
      );
      expect([run.code, thief.requests]).toEqual([3, []]);
    } finally {
      await thief.close();
    }
  });
});
