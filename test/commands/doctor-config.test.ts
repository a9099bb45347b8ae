import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliRun, runCli } from '../support/run-cli.ts';

/** doctor and its neighbours on a server of others that smartfhir.yaml describes. */

let folder: string;
let server: Server;
let url: string;
const asked: string[] = [];
const ANSWERS: Readonly<Record<string, () => [status: number, body: object]>> = {
  '/fhir/.well-known/smart-configuration': () => [200, { token_endpoint: `${url}/token`, capabilities: [] }],
  '/fhir/token': () => [400, { error: 'invalid_grant' }],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-foreign-'));
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    asked.push(`${pathname} ${request.headers.authorization ?? ''}`.trim());
    const [status, body] = ANSWERS[pathname]?.() ?? [401, {}];
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
/** A project of its own, so that no test sees another's file. */
async function project(more: string): Promise<(...argv: string[]) => Promise<CliRun>> {
  count += 1;
  const cwd = join(folder, String(count));
  await mkdir(cwd);
  const head = `version: 1\nname: claims\nenvironments:\n  theirs:\n    server:\n      url: ${url}\n`;
  await writeFile(join(cwd, 'smartfhir.yaml'), `${head}${more}`);
  return (...argv) => runCli(argv, { cwd, env: { APP_SECRET: 'planted-app-secret' } });
}

const CLIENTS = `      clients:
        web: { kind: secret, clientId: web, redirectUri: 'https://app.example/cb', scopes: [openid], secret: 'env:APP_SECRET' }
`;
type Document = {
  results: { id: string; outcome: string; message: string }[];
  summary: Record<string, number>;
};

describe('a server of smartfhir.yaml', () => {
  test('is judged without naming its URL, and its secret is used but never written', async () => {
    const smartfhir = await project(CLIENTS);
    const run = await smartfhir('doctor', '--only', 'token', '--report-dir', 'report', '-o', 'json');
    const { results } = run.json<Document>();
    expect(results.find(({ id }) => id === 'token/bogus-code')?.outcome).toBe('pass');
    const basic = `Basic ${Buffer.from('web:planted-app-secret').toString('base64')}`;
    expect(asked).toContain(`/fhir/token ${basic}`);
    expect(run.stdout).not.toContain(basic);
    expect(run.stdout).not.toMatch(/planted-app-secret|cGxhbnRlZC1hcHAtc2VjcmV0/);
    expect(results.find(({ id }) => id === 'token/exchange')).toMatchObject({ outcome: 'skip' });
  });

  test('whose secret is not there is refused before anything is asked', async () => {
    const smartfhir = await project(CLIENTS.replace('APP_SECRET', 'ABSENT'));
    asked.length = 0;
    const run = await smartfhir('doctor', '-o', 'json');
    expect([run.code, run.json()]).toMatchObject([2, { error: { code: 'MISSING_INPUT' } }]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['launch standalone --headless', /no client with launch: standalone/],
    ['launch ehr --headless', /no client with launch: ehr/],
    ['launch backend', /no client with launch: backend/],
  ])('without clients cannot be launched: %s', async (command, message) => {
    const smartfhir = await project('');
    const run = await smartfhir(...command.split(' '));
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test('has no preset, since nothing of it was provisioned', async () => {
    const run = await (await project(''))('inferno', 'preset', '-o', 'json');
    expect([run.code, run.json()]).toMatchObject([2, { error: { code: 'NOT_SUPPORTED' } }]);
  });
});

describe('what makes the exit code 3', () => {
  const only = ['--only', 'discovery/pkce-s256', 'discovery/served', 'discovery/revocation-endpoint'];
  test.each([
    ['by default, failures', '', [], 3],
    ['doctor.failOn: never', '    doctor: { failOn: never }\n', [], 0],
    ['--fail-on over doctor.failOn', '    doctor: { failOn: never }\n', ['--fail-on', 'error'], 3],
    ['--fail-on never over the default', '', ['--fail-on', 'never'], 0],
    ['--skip what fails', '', ['--skip', 'discovery/pkce-s256'], 0],
    [
      'warnings, by doctor.failOn: warn',
      '    doctor: { failOn: warn }\n',
      ['--skip', 'discovery/pkce-s256'],
      3,
    ],
  ] as const)('%s', async (_, more, argv, code) => {
    const smartfhir = await project(more);
    expect((await smartfhir('doctor', ...only, ...argv)).code).toBe(code);
  });

  test('the same for a kept run, from which nothing is asked again', async () => {
    const smartfhir = await project('');
    await smartfhir('doctor', ...only, '--report-dir', 'kept');
    asked.length = 0;
    const again = ['doctor', '--from', 'kept', ...only];
    expect((await smartfhir(...again)).code).toBe(3);
    expect((await smartfhir(...again, '--fail-on', 'never')).code).toBe(0);
    expect(asked).toEqual([]);
  });

  test('what a kept run did not gather is skipped, not passed', async () => {
    const smartfhir = await project('');
    await smartfhir('doctor', ...only, '--report-dir', 'kept');
    const run = await smartfhir('doctor', '--from', 'kept', '--only', 'fhir/token-required', '-o', 'json');
    expect([run.code, run.json<Document>().results]).toMatchObject([
      5,
      [{ outcome: 'skip', message: expect.stringMatching(/not gathered in this run/) }],
    ]);
  });
});

describe('smartfhir.yaml', () => {
  test('validate checks every environment, not only the first', async () => {
    const smartfhir = await project('  other:\n    target: nowhere\n');
    const run = await smartfhir('config', 'validate', '-e', 'theirs');
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(/smartfhir\.yaml:\d+:\d+: .*target/)]);
  });

  test('a secret that is written out is refused without being quoted', async () => {
    const smartfhir = await project(CLIENTS.replace('env:APP_SECRET', 'planted-in-the-file'));
    const run = await smartfhir('config', 'validate');
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(/env:VARIABLE, file:PATH/)]);
    expect(run.stderr + run.stdout).not.toContain('planted-in-the-file');
  });

  test('an environment that is not there is named with those that are', async () => {
    const run = await (await project(''))('doctor', '-e', 'theris');
    expect([run.code, run.stderr]).toEqual([2, expect.stringMatching(/did you mean "theirs"\?/)]);
  });
});

describe('what doctor judges', () => {
  test.each([
    ['a URL and an environment', ['https://fhir.example/r4', '-e', 'theirs']],
    ['a URL and the laptop', ['https://fhir.example/r4', '--local']],
    ['an environment and a kept run', ['-e', 'theirs', '--from', 'run']],
  ])('is one thing: %s are refused', async (_name, argv) => {
    const { code, stderr } = await (await project(''))('doctor', ...argv);
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be judged at once');
  });
});
