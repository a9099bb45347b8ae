import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultDocument } from '../../src/core/result.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-launch-'));
});

afterAll(() => rm(project, { recursive: true, force: true }));

type Launch = ResultDocument & Required<Pick<ResultDocument, 'launch'>>;

/** A whole launch against a stack of its own, which ends with the command. */
async function launch(...args: string[]): Promise<{ run: CliRun; document: Launch }> {
  const run = await runCli(['launch', ...args, '--local', '-o', 'json'], { cwd: project });
  return { run, document: run.json<Launch>() };
}

const OUTCOMES = ['pass', 'fail', 'warn', 'skip', 'na', 'waived', 'error', 'manual'];

/** Every key that scripts may rely on, in every launch. */
function expectContract({ run, document }: { run: CliRun; document: Launch }): void {
  expect(run.code, run.stderr).toBe(0);
  expect(Object.keys(document)).toEqual([
    'schema',
    'tool',
    'target',
    'startedAt',
    'durationMs',
    'incomplete',
    'summary',
    'results',
    'exchanges',
    'launch',
  ]);
  expect(document.schema).toBe('smartfhir/result/v1');
  expect(document.tool).toEqual({ name: 'smartfhir', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  expect(document.target).toEqual({ fhirUrl: expect.stringMatching(/^http:\/\/localhost:\d+\/fhir$/) });
  expect(new Date(document.startedAt).toISOString()).toBe(document.startedAt);
  expect(document.durationMs).toEqual(expect.any(Number));
  expect(document.incomplete).toBe(false);
  expect(Object.keys(document.summary)).toEqual(['total', ...OUTCOMES]);
  expect(document.summary).toMatchObject({ total: document.results.length, pass: document.results.length });
  expectResults(document);
  expectExchanges(document);
  expect(Object.keys(document.launch)).toEqual(['asked', 'granted', 'context', 'reads']);
}

function expectResults({ results, exchanges }: Launch): void {
  for (const result of results) {
    expect(Object.keys(result).sort()).toEqual(
      [
        ...['id', 'title', 'group', 'severity', 'outcome', 'message', 'fix'],
        ...['specs', 'requirements', 'inferno', 'exchanges'],
      ].sort(),
    );
    expect(result.id).toMatch(/^launch\/[a-z-]+$/);
    expect(result.fix).toBeNull();
    for (const n of result.exchanges) expect(exchanges.map((exchange) => exchange.n)).toContain(n);
  }
}

function expectExchanges({ exchanges }: Launch): void {
  expect(exchanges.map(({ n }) => n)).toEqual(exchanges.map((_, index) => index + 1));
  for (const exchange of exchanges) {
    expect(Object.keys(exchange)).toEqual(['n', 'at', 'ms', 'request', 'response', 'error']);
    expect(Object.keys(exchange.request)).toEqual(['method', 'url', 'headers', 'body']);
    expect(Object.keys(exchange.response ?? {})).toEqual(['status', 'headers', 'body']);
    expect(exchange.error).toBeNull();
  }
}

/** Bearer tokens, codes, passwords and client secrets are never in a document. */
function expectNoSecrets({ stdout, stderr }: CliRun): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/);
    expect(text).not.toMatch(/(?:passwd|client_secret|code_verifier|code)=[\w~.%-]{16,}/);
    expect(text).not.toMatch(/"authorization":"(?:Bearer|Basic) [\w=.-]{12,}"/i);
  }
}

describe('smartfhir launch -o json', () => {
  test('standalone', async () => {
    const done = await launch('standalone', '--headless');
    expectContract(done);
    expectNoSecrets(done.run);
    const { asked, granted, context, reads } = done.document.launch;
    const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
    expect(asked).toEqual({
      kind: 'standalone',
      client: 'patient-confidential',
      clientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope,
    });
    expect(granted).toMatchObject({ scope, idToken: true, refreshToken: true });
    expect(context).toEqual({ patient: 'patient-a' });
    expect(reads[0]).toEqual({ path: 'Patient/patient-a', status: 200, rows: 1 });
    expect(done.document.results.map(({ id }) => id)).toEqual([
      'launch/discovery',
      'launch/authorize',
      'launch/user',
      'launch/callback',
      'launch/token',
      'launch/scopes',
      'launch/id-token',
      'launch/read',
    ]);
  });

  test('ehr', async () => {
    const done = await launch('ehr', '--headless', '--patient', 'patient-b');
    expectContract(done);
    expectNoSecrets(done.run);
    const { asked, context, reads } = done.document.launch;
    expect(asked).toMatchObject({ kind: 'ehr', client: 'ehr-practitioner' });
    expect(context).toMatchObject({ patient: 'patient-b', need_patient_banner: true });
    expect(reads).toContainEqual({ path: 'Practitioner/practitioner-1', status: 200, rows: 1 });
    expect(done.document.results[0]?.id).toBe('launch/ehr');
  });

  test('backend', async () => {
    const done = await launch('backend');
    expectContract(done);
    expectNoSecrets(done.run);
    const { asked, granted, context, reads } = done.document.launch;
    expect(asked).toMatchObject({ kind: 'backend', client: 'backend', scope: 'system/*.rs' });
    expect(granted).toMatchObject({ scope: 'system/*.rs' });
    expect(context).toEqual({});
    expect(reads).toContainEqual({ path: 'Patient', status: 200, rows: 3 });
    expect(done.document.results.map(({ id }) => id)).toEqual(
      ['discovery', 'token', 'read', 'export', 'files'].map((step) => `launch/${step}`),
    );
  });

  test('an unknown client is a coded failure on stdout, with nothing else there', async () => {
    const run = await runCli(
      ['launch', 'standalone', '--client', 'nobody', '--local', '--headless', '-o', 'json'],
      {
        cwd: project,
      },
    );
    expect(run.code).toBe(2);
    expect(run.json()).toMatchObject({
      schema: 'smartfhir/error/v1',
      exitCode: 2,
      error: { code: 'MISSING_INPUT', message: 'no client "nobody"' },
    });
  });
});
