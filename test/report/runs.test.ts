import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ResultDocument, summarise } from '../../src/core/result.ts';
import { keepRun, readRun } from '../../src/report/runs.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-runs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const documentOf = (startedAt: string): ResultDocument => ({
  schema: 'smartfhir/result/v1',
  tool: { name: 'smartfhir', version: '0.0.0' },
  target: { fhirUrl: 'https://fhir.example/r4' },
  startedAt,
  durationMs: 1,
  incomplete: false,
  summary: summarise([]),
  results: [],
  exchanges: [],
});

describe('kept runs', () => {
  test('are found again by id, by folder and by file, from another folder too', async () => {
    const document = documentOf('2026-11-24T21:30:05.123Z');
    const id = await keepRun(folder, document);
    expect(id).toMatch(/^20261124T213005Z-[0-9a-f]{4}$/);
    const kept = join(folder, '.smartfhir', 'runs', id);
    for (const given of [id, kept, join(kept, 'result.json')]) {
      expect(await readRun(tmpdir(), given, folder)).toEqual(document);
    }
  });

  test('are readable by their owner only', async () => {
    const id = await keepRun(folder, documentOf('2026-11-24T21:30:05Z'));
    const mode = async (...path: string[]): Promise<number> =>
      (await stat(join(folder, '.smartfhir', 'runs', ...path))).mode & 0o777;
    expect(await mode(id)).toBe(0o700);
    expect(await mode(id, 'result.json')).toBe(0o600);
  });

  test('make room: the newest twenty stay, what is no run is left alone', async () => {
    await keepRun(folder, documentOf('2026-01-01T00:00:00Z'));
    for (let minute = 10; minute < 32; minute += 1)
      await keepRun(folder, documentOf(`2026-11-24T21:${minute}:00Z`));
    const ids = (await readdir(join(folder, '.smartfhir', 'runs'))).sort();
    expect(ids).toHaveLength(20);
    expect(ids[0]).toMatch(/^20261124T2112/);
  });

  test('an unknown one is a usage error that says where was looked', async () => {
    await expect(readRun(folder, 'nope')).rejects.toMatchObject({
      code: 'USAGE',
      why: expect.stringContaining('.smartfhir'),
    });
  });
});
