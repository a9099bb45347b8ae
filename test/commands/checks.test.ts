import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-doctor-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe('checks list and show', () => {
  test('list every check with id, severity and title', async () => {
    const { code, stdout } = await runCli(['checks', 'list', '--only', 'discovery']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^discovery\/pkce-s256 +error +PKCE with S256 is offered$/m);
    expect(stdout).not.toMatch(/^token\//m);
  });

  test('as JSON name clauses, requirements, Inferno tests and evidence', async () => {
    const { checks } = (await runCli(['checks', 'list', '-o', 'json'])).json<{
      checks: { id: string; requirements: string[]; needs: string[] }[];
    }>();
    expect(checks.length).toBeGreaterThanOrEqual(60);
    expect(checks.filter((check) => check.requirements.length === 0 || check.needs.length === 0)).toEqual([]);
  });

  test('show one, and say what looks alike when there is none', async () => {
    expect((await runCli(['checks', 'show', 'token/code-single-use'])).stdout).toMatch(/SMART-TOKEN-015/);
    const missing = await runCli(['checks', 'show', 'tokens/code-single-use']);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('did you mean token/code-single-use?'),
    ]);
  });
});

describe('explain', () => {
  test.each([
    ['launch/aud-wrong-post', /SMART-AUTHZ-010/],
    ['UNREACHABLE', /exit code 5/],
    ['unreachable', /exit code 5/],
    ['AADSTS65001', /consent/],
    ['7000215', /secret/],
    ['vaultalreadyexists', /VaultAlreadyExists {2}an error code of Azure\n {2}cause /],
    ['Forbidden', /an error code of Azure/],
    ['FORBIDDEN', /exit code 4/],
  ])('%s', async (code, expected) => {
    const run = await runCli(['explain', code]);
    expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(expected)]);
  });

  test.each([
    ['pkce', /did you mean discovery\/pkce-s256, discovery\/pkce-plain/],
    ['discovery', /is a group of \d+ checks[\s\S]*smartfhir checks list --only discovery/],
    ['UNREACHABEL', /smartfhir explain UNREACHABLE/],
    ['AADSTS99999', /login\.microsoftonline\.com\/error\?code=99999/],
  ])('%s leads to what was meant', async (given, expected) => {
    const run = await runCli(['explain', given]);
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(expected)]);
  });

  test('what nobody knows is a usage error', async () => {
    for (const code of ['discovery/nothing', 'AADSTS99999', 'toString', ''])
      expect((await runCli(['explain', code])).code, code).toBe(2);
  });
});

describe('doctor', () => {
  async function withServer<T>(use: (url: string) => Promise<T>): Promise<T> {
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      response.setHeader('content-type', 'application/json');
      if (!path.includes('smart-configuration')) response.writeHead(401);
      response.end(
        JSON.stringify({
          token_endpoint: 'http://127.0.0.1/token',
          capabilities: ['launch-ehr'],
          code_challenge_methods_supported: ['plain'],
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  test('exits 3 for findings, writes the report, and judges it again alike without a request', async () => {
    const report = join(folder, 'report');
    const live = await withServer((url) =>
      runCli(['doctor', url, '--only', 'discovery', '--report-dir', report, '-o', 'json']),
    );
    expect(live.code).toBe(3);
    const document = live.json<{ schema: string; results: { id: string; outcome: string }[] }>();
    expect(document.schema).toBe('smartfhir/result/v1');
    expect(document.results.find((result) => result.id === 'discovery/pkce-plain')?.outcome).toBe('fail');
    expect(JSON.parse(await readFile(join(report, 'result.json'), 'utf8'))).toEqual(document);

    const again = await runCli(['doctor', '--from', report, '--only', 'discovery', '-o', 'json']);
    expect([again.code, again.json<typeof document>().results]).toEqual([3, document.results]);
  });

  test('prints groups, findings with their fix, and sums', async () => {
    const { stdout, code } = await withServer((url) =>
      runCli(['doctor', url, '--only', 'discovery', 'fhir/token-required']),
    );
    expect(code).toBe(3);
    expect(stdout).toMatch(/✗ Discovery and capabilities/);
    expect(stdout).toMatch(/FAIL {2}discovery\/pkce-s256/);
    expect(stdout).toMatch(/ fix {4}Publish "code_challenge_methods_supported"/);
    expect(stdout).toMatch(/\d+ fail · .*\d+ pass/);
  });

  test('--fail-on never forgives, --fail-on warn does not', async () => {
    const only = ['--only', 'discovery/revocation-endpoint'];
    const codes = await withServer(async (url) => [
      (await runCli(['doctor', url, ...only])).code,
      (await runCli(['doctor', url, ...only, '--fail-on', 'warn'])).code,
      (await runCli(['doctor', url, '--only', 'discovery', '--fail-on', 'never'])).code,
    ]);
    expect(codes).toEqual([0, 3, 0]);
  });

  test('exits 5 when the host cannot be reached or nothing was judged', async () => {
    const { code, stdout } = await runCli(['doctor', 'http://127.0.0.1:1/fhir', '--only', 'discovery']);
    expect(code).toBe(5);
    expect(stdout).toMatch(/could not check/i);
    expect((await runCli(['doctor', 'http://127.0.0.1:1/fhir', '--only', 'tls'])).code).toBe(5);
  });

  test('exits 124 within its --timeout when a server never answers', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
    expect((await runCli(['doctor', url, '--timeout', '400ms'])).code).toBe(124);
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ['an unknown check', ['doctor', 'http://127.0.0.1:1/fhir', '--only', 'nothing/at-all']],
    ['an unknown severity', ['doctor', 'http://127.0.0.1:1/fhir', '--fail-on', 'sometimes']],
    ['a run that is not there', ['doctor', '--from', 'no-such-run']],
    ['no URL', ['doctor', 'not a url']],
  ])('exits 2 for %s', async (_, argv) => {
    expect((await runCli(argv, { cwd: folder })).code).toBe(2);
  });

  test('refuses a file that is no result', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"schema":"smartfhir/plan/v1"}');
    expect((await runCli(['doctor', '--from', path])).code).toBe(2);
  });
});
