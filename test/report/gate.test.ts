import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, type ResultDocument, summarise } from '../../src/core/result.ts';
import { exitCodeOf } from '../../src/report/gate.ts';
import { readRun } from '../../src/report/runs.ts';
import { writeReports } from '../../src/report/write-reports.ts';

function documentOf(...outcomes: Outcome[]): ResultDocument {
  return {
    schema: 'smartfhir/result/v1',
    tool: { name: 'smartfhir', version: '0.0.0' },
    target: { fhirUrl: 'https://fhir.example.org' },
    startedAt: '2026-11-24T12:00:00.000Z',
    durationMs: 1,
    incomplete: false,
    summary: summarise(outcomes.map((outcome) => ({ outcome }))),
    results: [],
    exchanges: [],
  };
}

describe('the exit code of a run', () => {
  test.each<[string, Outcome[], [error: number, warn: number, never: number]]>([
    ['all is well', ['pass', 'na', 'skip'], [0, 0, 0]],
    ['there is a failure', ['pass', 'fail'], [3, 3, 0]],
    ['there is a warning', ['pass', 'warn'], [0, 3, 0]],
    ['a failure and something that could not be checked', ['fail', 'error'], [3, 3, 5]],
    ['a warning and something that could not be checked', ['warn', 'error'], [5, 3, 5]],
    ['one of many could not be checked', ['pass', 'pass', 'error'], [5, 5, 5]],
    ['everything was skipped', ['skip', 'skip'], [5, 5, 5]],
    ['nothing applies', ['na'], [5, 5, 5]],
    ['nothing was asked', [], [5, 5, 5]],
    ['what is left of failures was waived', ['pass', 'waived'], [0, 0, 0]],
    ['only manual work is left', ['manual'], [5, 5, 5]],
  ])('when %s', (_, outcomes, [error, warn, never]) => {
    const document = documentOf(...outcomes);
    expect([
      exitCodeOf(document, 'error'),
      exitCodeOf(document, 'warn'),
      exitCodeOf(document, 'never'),
    ]).toEqual([error, warn, never]);
  });
});

describe('kept runs', () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'smartfhir-runs-'));
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  test('are written whole, for the owner only, and read back alike', async () => {
    const document = documentOf('pass', 'fail');
    const folder = join(cwd, 'report');
    const [file = '', ...more] = await writeReports(folder, document);
    expect([file, more]).toEqual([join(folder, 'result.json'), []]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(document, null, 2)}\n`);
    for (const given of [file, folder, 'report', join('report', 'result.json')])
      expect(await readRun(cwd, given)).toEqual(document);
  });

  test('are found by their id below .smartfhir/runs', async () => {
    await mkdir(join(cwd, '.smartfhir', 'runs', '7f3a'), { recursive: true });
    await writeFile(join(cwd, '.smartfhir', 'runs', '7f3a', 'result.json'), '{"n":1}');
    expect(await readRun(cwd, '7f3a')).toEqual({ n: 1 });
  });

  test.each([
    ['a run that is not there', 'nothing-here', /there is no run "nothing-here"/],
    ['a folder without a result', '.smartfhir', /there is no run/],
    ['a file that is no JSON', 'broken.json', /broken\.json is not a JSON document/],
  ])('%s is a usage error', async (_, given, message) => {
    await writeFile(join(cwd, 'broken.json'), '{"half":');
    await expect(readRun(cwd, given)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });
});
