import { beforeAll, describe, expect, test } from 'vitest';
import { R4_COMPOSITE_PARAMETERS } from '../../../src/standards/generated/composite-parameters.ts';
import { R4_SEARCH_PARAMETERS } from '../../../src/standards/generated/search-parameters.ts';
import { US_CORE_SEARCH } from '../../../src/standards/generated/us-core-search.ts';
import { US_CORE_SEARCH_PARAMETERS } from '../../../src/standards/generated/us-core-search-parameters.ts';
import { type Answer, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;

/** A service that knows US Core: all its SearchParameters are stored. */
beforeAll(async () => {
  cloud = await fhirCloud();
  await cloud.put(patient('a'));
  for (const [type, codes] of Object.entries(US_CORE_SEARCH_PARAMETERS)) {
    for (const [code, [kind, , url]] of Object.entries(codes)) {
      const answer = await cloud.put({
        resourceType: 'SearchParameter',
        id: `${type}-${code}`,
        url,
        name: 'x',
        status: 'active',
        description: 'x',
        code,
        base: [type],
        type: kind,
        expression: 'x',
      });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    }
  }
});

/** A value that each kind of parameter can read. */
const VALUES: Readonly<Record<string, string>> = {
  token: 'http%3A%2F%2Fexample.org%7Cx',
  string: 'x',
  date: '2020-01-01',
  number: '5',
  quantity: '5%7Chttp%3A%2F%2Funitsofmeasure.org%7Cmg',
  reference: 'Patient%2Fa',
  uri: 'http%3A%2F%2Fexample.org',
};
const valueAt = (type: string, code: string): string =>
  VALUES[(R4_SEARCH_PARAMETERS[type]?.[code] ?? US_CORE_SEARCH_PARAMETERS[type]?.[code])?.[0] ?? 'token'] ??
  'x';

const strictly = (query: string): Promise<Answer> =>
  cloud.admin(query, { headers: { prefer: 'handling=strict' } });

/** References by canonical URL and one duration, which the service itself does not support. */
const isUnsupported = (type: string, code: string): boolean => {
  const [kind, paths] = R4_SEARCH_PARAMETERS[type]?.[code] ?? ['', []];
  if (type === 'Encounter' && code === 'length') return true;
  return kind === 'reference' && paths.every((path) => path.endsWith(':canonical'));
};

describe('every parameter of R4 can be searched by, and told to be missing', () => {
  test.each(Object.keys(R4_SEARCH_PARAMETERS))('%s', async (type) => {
    for (const code of Object.keys(R4_SEARCH_PARAMETERS[type] ?? {})) {
      const expected = isUnsupported(type, code) ? 400 : 200;
      for (const query of [`${code}=${valueAt(type, code)}`, `${code}:missing=true`]) {
        const answer = await strictly(`/${type}?${query}`);
        expect([query, answer.status]).toEqual([query, expected]);
      }
    }
  });
});

test('composite parameters are refused aloud, each one', async () => {
  for (const [type, codes] of Object.entries(R4_COMPOSITE_PARAMETERS)) {
    for (const code of codes) {
      const answer = await strictly(`/${type}?${code}=x$y`);
      expect([type, code, answer.status]).toEqual([type, code, 501]);
    }
  }
});

/** US Core's CapabilityStatement: what a server shall and should do for each resource type. */
describe('everything US Core expects of a search is taken when handling is strict, but canonical references', () => {
  test.each(Object.entries(US_CORE_SEARCH))('%s', async (type, expected) => {
    const pair = (code: string, prefix = ''): string =>
      `${code}=${prefix}${code === '_id' ? 'a' : valueAt(type, code)}`;
    const queries = [
      ...Object.keys(expected.params).map((code) =>
        code === '_lastUpdated' ? '_lastUpdated=ge2020' : pair(code),
      ),
      ...Object.keys(expected.combos).map((combo) =>
        combo
          .split('+')
          .map((code) => pair(code))
          .join('&'),
      ),
      ...Object.keys(expected.includes).map((include) => `_include=${include}`),
      ...Object.keys(expected.revincludes).map((include) => `_revinclude=${include}`),
      ...Object.keys(expected.comparators).map((comparator) => {
        const [code = '', prefix] = comparator.split(':');
        return code === '_lastUpdated' ? `_lastUpdated=${prefix}2020` : pair(code, prefix);
      }),
      ...Object.keys(expected.multipleOr).map((code) => `${pair(code)},${valueAt(type, code)}x`),
    ];
    for (const query of queries) {
      const codes = query.split('&').map((part) => part.split('=')[0] ?? '');
      const status = codes.some((code) => isUnsupported(type, code)) ? 400 : 200;
      const answer = await strictly(`/${type}?${query}`);
      expect([query, answer.status]).toEqual([query, status]);
      if (status === 200) expect([query, outcomes(answer)]).toEqual([query, []]);
    }
  });
});

/** Outcome entries: what the service had to say beside its matches. */
function outcomes(answer: Answer): unknown[] {
  const entries: { search: { mode: string } }[] = answer.body.entry ?? [];
  return entries.filter((entry) => entry.search.mode === 'outcome');
}
