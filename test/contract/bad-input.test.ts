import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-bad-input-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a command that must fail; its error in both forms says code, cause, fix and next command. */
async function failing(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const plain = await runCli(args, { cwd: folder, env });
  expect(plain.stderr).toMatch(
    /^✗ [A-Z_]+ {2}\S[\s\S]*\n {2}cause {2}\S.*\n {2}fix {4}\S.*\n {2}next {3}\S/m,
  );
  expect(plain.stderr).not.toMatch(/INTERNAL|\n {4}at /);
  const json = await runCli(['-o', 'json', ...args], { cwd: folder, env });
  expect(json.code).toBe(plain.code);
  const document = json.json<{ schema: string; exitCode: number; error: Record<string, string> }>();
  expect([document.schema, document.exitCode]).toEqual(['smartfhir/error/v1', plain.code]);
  expect(Object.values(document.error).every((text) => text !== '')).toBe(true);
  return { code: plain.code, error: document.error['code'], message: document.error['message'] ?? '' };
}

function server(client: string): string {
  return `version: 1\nname: demo\nenvironments:\n  x:\n    server: {url: 'https://a.example/fhir', clients: {c: ${client}}}\n`;
}

describe('smartfhir.yaml', () => {
  test.each([
    ['no YAML', 'version: 1\nname: [oops\n', /smartfhir\.yaml:3:1: /],
    [
      'an unknown key',
      'version: 1\nname: demo\ngatway: {}\n',
      /:3:1: unknown key "gatway"; did you mean "gateway"\?/,
    ],
    ['a key twice', 'version: 1\nname: demo\nversion: 1\n', /:3:1: Map keys must be unique/],
    ['a prototype key', 'version: 1\nname: demo\n__proto__: {x: 1}\n', /:3:1: unknown key "__proto__"/],
    ['an alias to nowhere', 'a: &a [x]\nc: *zz\n', /smartfhir\.yaml:\d+:\d+: /],
    ['nothing', '', /:1:1: /],
    ['two documents', '---\nversion: 1\n---\nversion: 1\n', /:3:1: /],
    ['bytes', '\u00ff\u00fe\u0000bin', /:1:1: /],
    [
      'a secret',
      server('{kind: secret, clientId: a, secret: "8Q~planted-secret-value"}'),
      /:5:\d+: .*secrets are never written here/,
    ],
  ])('with %s is refused with its place', async (_, text, message) => {
    await writeFile(join(folder, 'smartfhir.yaml'), text);
    for (const args of [
      ['config', 'validate'],
      ['plan', '--local'],
      ['doctor', '-e', 'x'],
    ]) {
      const failure = await failing(args);
      expect(failure).toMatchObject({ code: 2, error: 'CONFIG_INVALID' });
      expect(failure.message).toMatch(message);
      expect(failure.message).not.toContain('planted');
    }
  });

  test.each([
    ['env:NOPE', {}],
    ['file:nope.txt', {}],
    ['env:EMPTY', { EMPTY: '' }],
  ])('whose secret %s is not there', async (secret, env) => {
    await writeFile(
      join(folder, 'smartfhir.yaml'),
      server(`{kind: secret, clientId: a, secret: '${secret}'}`),
    );
    const failure = await failing(['doctor', '-e', 'x'], env);
    expect(failure).toMatchObject({ code: 2, error: 'MISSING_INPUT' });
    expect(failure.message).toContain(secret);
  });

  test('that is a folder, or is not there', async () => {
    expect(await failing(['plan'])).toMatchObject({ code: 2, error: 'CONFIG_NOT_FOUND' });
    await mkdir(join(folder, 'smartfhir.yaml'));
    expect(await failing(['plan', '--local'])).toMatchObject({ code: 2, error: 'CONFIG_NOT_FOUND' });
  });
});

describe('the command line', () => {
  test.each([
    [['--frobnicate']],
    [['doctro']],
    [['doctor', '--onyl', 'x']],
    [['launch']],
    [['local']],
    [['-v']],
    [['doctor', 'ftp://x']],
    [['doctor', 'http://user:password@h/']],
    [['doctor', 'http://']],
    [['doctor', 'https://a', 'b']],
    [['doctor', 'https://a', '--timeout', '5x']],
    [['doctor', 'https://a', '--timeout']],
    [['doctor', 'https://a', '--only', 'nosuch']],
    [['doctor', 'https://a', '--fail-on', 'maybe']],
    [['doctor', '--from', 'nope']],
    [['doctor', '--from', '/etc/passwd']],
    [['doctor', '--from', '/']],
    [['explain', 'NOPE']],
    [['checks', 'show', 'nope']],
    [['apply', '/etc/passwd']],
    [['apply', 'nofile']],
    [['local', 'logs', '--tail', 'x']],
    [['local', 'up', '--port-base', '70000']],
    [['init']],
  ])('%j is refused with exit code 2', async (args) => {
    expect((await failing(args)).code).toBe(2);
  });

  test('a likely word is offered', async () => {
    expect((await failing(['doctro'])).message).toContain('doctor');
    expect((await failing(['doctor', '--onyl', 'x'])).message).toContain('--only');
  });

  test.each([
    ['apply', '--local', '--yes'],
    ['plan', '--local'],
    ['outputs', '--local'],
    ['destroy', '--local'],
    ['client', 'list', '--local'],
    ['inferno', 'preset', '--local'],
  ])('%s %s: nothing runs here', async (...args) => {
    expect(await failing(args)).toMatchObject({ code: 5, error: 'LOCAL_NOT_RUNNING' });
  });

  test('init never overwrites', async () => {
    expect((await runCli(['init', '--local', '--no-input'], { cwd: folder })).code).toBe(0);
    expect(await failing(['init', '--local', '--no-input'])).toMatchObject({
      code: 2,
      error: 'ALREADY_EXISTS',
    });
    expect(await readdir(folder)).toEqual(['smartfhir.yaml']);
  });
});

describe('a place that cannot be written', () => {
  test('a file where a folder should be', async () => {
    await writeFile(join(folder, 'taken'), '');
    const failure = await failing([
      'doctor',
      'http://127.0.0.1:1',
      '--only',
      'tls',
      '--report-dir',
      'taken/x',
    ]);
    expect(failure).toMatchObject({ code: 5, error: 'FILE_UNUSABLE' });
    await writeFile(join(folder, '.smartfhir'), '');
    expect(await failing(['local', 'up', '--foreground'])).toMatchObject({ code: 5, error: 'FILE_UNUSABLE' });
  });

  test.skipIf(process.getuid?.() === 0)('a folder without the right to write', async () => {
    await chmod(folder, 0o500);
    expect(await failing(['init', '--local', '--no-input'])).toMatchObject({
      code: 5,
      error: 'FILE_UNUSABLE',
    });
    await chmod(folder, 0o700);
    expect(await readdir(folder)).toEqual([]);
  });
});
