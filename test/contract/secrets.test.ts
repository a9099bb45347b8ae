import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningStack, startStack } from '../../src/local/stack.ts';
import { stateFolder } from '../../src/local/state-folder.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';
import { SecretCollector } from './secret-collector.ts';

const collector = vi.hoisted(() => ({ current: undefined as SecretCollector | undefined }));

vi.mock(import('../../src/local/cloud.ts'), async (original) => {
  const module = await original();
  return {
    ...module,
    createCloud: (options) =>
      module.createCloud(
        collector.current === undefined ? options : { ...options, wrap: collector.current.wrap },
      ),
  };
});

/** The vault itself, the deployer's credential and the CA key: where secrets belong. */
const VAULTS = /^(cloud\.db(-wal|-shm)?|deployer\.json|ca-key\.pem)$/;
const runs: { readonly args: string; readonly run: CliRun }[] = [];
let folder: string;
let stack: RunningStack;

async function smartfhir(...args: string[]): Promise<CliRun> {
  const run = await runCli(args, { cwd: folder });
  runs.push({ args: args.join(' '), run });
  return run;
}

function output(args: string): string {
  const found = runs.find((item) => item.args === args);
  if (found === undefined) throw new Error(`${args} was not run`);
  return found.run.stdout + found.run.stderr;
}

const STATUS = 'local status -o json';
const SHOW = 'client show patient-confidential --local --with-secret -o json';
const SHOW_KEYS = 'client show backend --local --with-secret -o json';
const PRESET = 'inferno preset --local';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-secrets-'));
  collector.current = new SecretCollector();
  await smartfhir('init', '--local', '--no-input');
  stack = await startStack({ folder: stateFolder(folder) });
  collector.current.add('deployer', stack.access.clientSecret);
  await smartfhir('plan', '--local', '--out', 'first.plan', '-v');
  await smartfhir('apply', '--local', '--yes', '-v');
  await smartfhir('plan', '--local', '-o', 'json', '-v');
  await smartfhir('apply', '--local', '--yes', '-o', 'json');
  await smartfhir('outputs', '--local', '-o', 'json');
  await smartfhir(...STATUS.split(' '));
  await smartfhir('client', 'list', '--local', '-o', 'json');
  await smartfhir('client', 'show', 'backend', '--local', '-o', 'json');
  await smartfhir(...SHOW.split(' '));
  await smartfhir(...SHOW_KEYS.split(' '));
  await smartfhir(...PRESET.split(' '));
  await smartfhir('doctor', '--local', '-v', '-o', 'json', '--report-dir', 'report/doctor');
  await smartfhir('doctor', '--from', 'report/doctor/result.json', '-v');
  for (const format of ['json', 'plain']) {
    const common = ['--local', '-v', '-o', format, '--report-dir', `report/launch-${format}`];
    await smartfhir('launch', 'standalone', '--headless', ...common);
    await smartfhir('launch', 'ehr', '--headless', ...common);
    await smartfhir('launch', 'backend', ...common);
  }
  await failures();
  await smartfhir('local', 'logs', '--tail', '100000', '-o', 'json');
  await smartfhir('local', 'logs', '--tail', '100000');
}, 300_000);

/** The same server as somebody else's, with credentials that are wrong in one place each. */
async function failures(): Promise<void> {
  const { fhirUrl } = (await runCli(['outputs', '--local', '-o', 'json'], { cwd: folder })).json<{
    fhirUrl: string;
  }>();
  const shown = (await runCli(SHOW.split(' '), { cwd: folder })).json<Record<string, string>>();
  await writeFile(join(folder, 'secret.txt'), 'planted-wrong-client-secret');
  collector.current?.add('file', 'planted-wrong-client-secret');
  collector.current?.add('file', 'planted-wrong-password');
  const user = '{username: nobody@example.com, password: "env:PASSWORD"}';
  const client = {
    kind: 'secret',
    clientId: shown['clientId'],
    redirectUri: (shown['redirectUris'] as unknown as string[])[0],
    scopes: ['launch/patient', 'openid', 'fhirUser', 'patient/Patient.rs'],
    secret: 'file:secret.txt',
  };
  await writeFile(
    join(folder, 'foreign.yaml'),
    `version: 1\nname: foreign\nenvironments:\n  x:\n    server: {url: '${fhirUrl}', clients: {c: ${JSON.stringify(client)}}, users: {u: ${user}}}\n`,
  );
  for (const args of [
    ['launch', 'standalone', '--headless', '-c', 'foreign.yaml', '-e', 'x', '-v'],
    ['doctor', '-c', 'foreign.yaml', '-e', 'x', '-v', '-o', 'json', '--only', 'token'],
  ]) {
    const run = await runCli(args, { cwd: folder, env: { PASSWORD: 'planted-wrong-password' } });
    runs.push({ args: args.join(' '), run });
  }
}

afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !VAULTS.test(entry.name) && entry.name !== 'secret.txt')
    .map((entry) => join(entry.parentPath, entry.name));
}

function secrets(): SecretCollector {
  if (collector.current === undefined) throw new Error('nothing was collected');
  return collector.current;
}

describe('secrets of a provisioned and used stack', () => {
  test('were collected from everywhere, and the commands did their work', () => {
    const kinds = [...secrets().found.values()].join('\n');
    const wanted = [
      'key-vault',
      'access_token',
      'refresh_token',
      'id_token',
      'code',
      'code_verifier',
      'client_assertion',
      'cookie',
      'flowToken',
      'launch',
      'deployer',
    ];
    expect(wanted.filter((kind) => !kinds.includes(kind))).toEqual([]);
    const codes = runs.slice(0, -4).map(({ args, run }) => `${args}: ${run.code}`);
    expect(codes.filter((line) => !line.endsWith(': 0'))).toEqual([]);
  });

  test('are in no output', () => {
    const own = new Set([STATUS, SHOW, SHOW_KEYS, PRESET]);
    const leaks = runs
      .filter(({ args }) => !own.has(args))
      .flatMap(({ args, run }) =>
        secrets()
          .leaks(run.stdout + run.stderr)
          .map((leak) => `${args} ← ${leak}`),
      );
    expect(leaks).toEqual([]);
  });

  test('are in no file but their vaults', async () => {
    const leaks: string[] = [];
    for (const file of await filesBelow(folder)) {
      const found = secrets().leaks(await readFile(file, 'latin1'));
      leaks.push(...found.map((leak) => `${file} ← ${leak}`));
    }
    expect(leaks).toEqual([]);
  });

  test('are shown where they were asked for, and no others', () => {
    const passwords = (where: string): boolean => /secrets\/user-|passwd|password/.test(where);
    expect(secrets().leaks(output(STATUS), passwords)).toEqual([]);
    const shown = JSON.parse(output(SHOW)) as Record<string, string>;
    expect(shown['clientSecret']).toBeTypeOf('string');
    const itself = (_: string, value: string): boolean =>
      value === shown['clientSecret'] || value.includes(shown['clientId'] ?? '-');
    expect(secrets().leaks(output(SHOW), itself)).toEqual([]);
    const keys = (where: string): boolean => where.includes('/secrets/jwks-backend');
    expect(secrets().leaks(output(SHOW_KEYS), keys)).toEqual([]);
  });
});
