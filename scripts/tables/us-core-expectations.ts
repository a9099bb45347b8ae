import { tsvRows } from './tsv.ts';
import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

type Row = Readonly<Record<string, string>>;

/** What US Core expects a server to search by and to hold, from our extracts of its capability statement and profiles. */
export function usCoreModules(capability: string, elements: string): GeneratedModule[] {
  const import_ = "import type { UsCoreElements, UsCoreSearch } from '../us-core-tables.ts';\n";
  return [
    constantModule(
      'us-core-search.ts',
      'US_CORE_SEARCH',
      'Readonly<Record<string, UsCoreSearch>>',
      searches(tsvRows(capability)),
    ),
    constantModule(
      'us-core-elements.ts',
      'US_CORE_ELEMENTS',
      'Readonly<Record<string, UsCoreElements>>',
      profiles(tsvRows(elements)),
    ),
  ].map((module) => {
    const name = module.name === 'us-core-search.ts' ? 'UsCoreSearch' : 'UsCoreElements';
    const line = import_.replace('UsCoreElements, UsCoreSearch', name);
    return { name: module.name, text: module.text.replace('\n\nexport', `\n${line}\nexport`) };
  });
}

function searches(rows: readonly Row[]): Record<string, unknown> {
  const types = [...new Set(rows.map((row) => row['resource'] ?? ''))];
  return sortedRecord(
    types.map((type) => {
      const own = rows.filter((row) => row['resource'] === type);
      const expectations = (kind: string): Record<string, string> =>
        sortedRecord(
          own
            .filter((row) => row['kind'] === kind)
            .map((row) => [row['name'] ?? '', row['expectation'] ?? ''] as const),
        );
      const profiles = own.find((row) => row['kind'] === 'resource')?.['detail'] ?? '';
      return [
        type,
        {
          profiles: profiles
            .split(',')
            .filter((item) => item !== '')
            .sort(),
          interactions: expectations('interaction'),
          params: expectations('searchParam'),
          combos: expectations('combo'),
          includes: expectations('include'),
          revincludes: expectations('revinclude'),
          comparators: expectations('comparator'),
          multipleOr: expectations('multipleOr'),
        },
      ] as const;
    }),
  );
}

function profiles(rows: readonly Row[]): Record<string, unknown> {
  const names = [...new Set(rows.map((row) => row['profile'] ?? ''))];
  return sortedRecord(
    names.map((profile) => {
      const own = rows.filter((row) => row['profile'] === profile);
      const list = (...kinds: string[]): string[] =>
        own
          .filter((row) => kinds.includes(row['kind'] ?? '') && row['uscdi_only'] !== 'yes')
          .map(
            (row) =>
              (row['fixed'] === '' || row['kind'] === 'must-support-slice'
                ? row['element']
                : `${row['element']}=${row['fixed']}`) ?? '',
          );
      return [
        profile,
        {
          resource: own[0]?.['resource'] ?? '',
          mandatory: list('mandatory'),
          mustSupport: list('must-support'),
          extensions: list('must-support-extension'),
          slices: list('must-support-slice'),
          choices: list('choice'),
          uscdi: own.filter((row) => row['uscdi_only'] === 'yes').map((row) => row['element'] ?? ''),
        },
      ] as const;
    }),
  );
}
