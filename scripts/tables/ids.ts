import { tsvRows } from './tsv.ts';
import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

const LONGEST_TITLE = 100;

/** Requirement ids and Inferno test ids with short titles: what a check may refer to. */
export function idModules(requirements: string, g10Tests: string, usCoreTests: string): GeneratedModule[] {
  const type = 'Readonly<Record<string, string>>';
  const required = tsvRows(requirements).map(
    (row) => [row['req_id'] ?? '', short(row['requirement'] ?? '')] as const,
  );
  const inferno = [
    ...tsvRows(g10Tests).map((row) => [row['test_id'] ?? '', short(row['title'] ?? '')] as const),
    ...tsvRows(usCoreTests).map((row) => [row['test_id'] ?? '', usCoreTitle(row)] as const),
  ];
  return [
    constantModule('requirement-ids.ts', 'REQUIREMENT_IDS', type, sortedRecord(required)),
    constantModule('inferno-test-ids.ts', 'INFERNO_TEST_IDS', type, sortedRecord(inferno)),
  ];
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
