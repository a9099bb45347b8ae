import { tsvRows } from './tsv.ts';
import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

const LONGEST_TITLE = 100;

/** Requirement ids and the short numbers of Inferno's (g)(10) tests, with short titles: what a check may refer to. */
export function idModules(requirements: string, g10Tests: string, usCoreTests: string): GeneratedModule[] {
  const type = 'Readonly<Record<string, string>>';
  const required = tsvRows(requirements).map(
    (row) => [row['req_id'] ?? '', short(row['requirement'] ?? '')] as const,
  );
  const inferno = [
    ...tsvRows(g10Tests).map(
      (row) => [lastStep(row['suite_group_path']), short(row['title'] ?? '')] as const,
    ),
    ...tsvRows(usCoreTests).map((row) => [row['short_id'] ?? '', usCoreTitle(row)] as const),
  ].filter(([number]) => /^[\d.]+$/.test(number));
  return [
    constantModule('requirement-ids.ts', 'REQUIREMENT_IDS', type, sortedRecord(required)),
    constantModule('inferno-test-ids.ts', 'INFERNO_TEST_IDS', type, sortedRecord(inferno)),
  ];
}

/** `1/1.8/1.8.01` leads to test 1.8.01. */
function lastStep(path: string | undefined): string {
  return path?.split('/').at(-1) ?? '';
}

function usCoreTitle(row: Readonly<Record<string, string>>): string {
  const detail = (row['search_parameters_or_assertion'] ?? '').split(';')[0] ?? '';
  return short(`${row['profile']}: ${(row['kind'] ?? '').replaceAll('_', ' ')} ${detail}`.trim());
}

function short(text: string): string {
  if (text.length <= LONGEST_TITLE) return text;
  const cut = text.slice(0, LONGEST_TITLE);
  return `${cut.slice(0, cut.lastIndexOf(' '))} …`;
}
