import type { SQLInputValue } from 'node:sqlite';
import { expect, test } from 'vitest';
import { parseSearch } from '../../../src/local/fhir/search/search-request.ts';
import { runSearch } from '../../../src/local/fhir/search/search-run.ts';
import { parseClinicalScopes } from '../../../src/local/fhir/smart/clinical-scopes.ts';
import { FhirStore } from '../../../src/local/fhir/store/fhir-store.ts';
import { Store } from '../../../src/local/store.ts';
import { observation, patient } from './fhir-cloud.ts';

/** Keeps what it is asked, to be explained. */
class WatchedStore extends FhirStore {
  readonly asked: (readonly [sql: string, parameters: readonly SQLInputValue[]])[] = [];

  override all(sql: string, parameters: readonly SQLInputValue[]): Record<string, unknown>[] {
    this.asked.push([sql, parameters]);
    return super.all(sql, parameters);
  }
}

const store = new WatchedStore(new Store(':memory:').db, 'life', 'https://fhir.example');
for (let index = 0; index < 20; index++) {
  store.write(patient(`p${index}`) as never, `p${index}`, 'PUT', index);
  store.write(observation(`o${index}`, `p${index % 5}`) as never, `o${index}`, 'PUT', index);
}

const SMART = {
  restrictions: parseClinicalScopes('patient/*.rs'),
  user: { type: 'Patient', id: 'p1' },
} as const;

test.each([
  ['Observation', 'patient=p1', undefined],
  [
    'Observation',
    'category=vital-signs&date=gt2021&patient=Patient/p1&_sort=-date&_total=accurate',
    undefined,
  ],
  ['Observation', 'code=http://loinc.org%7C8867-4&value-quantity=gt10', undefined],
  ['Observation', 'patient.family=family', undefined],
  ['Observation', '_include=Observation:patient&_revinclude=Provenance:target', undefined],
  ['Patient', '_has:Observation:patient:code=8867-4', undefined],
  ['Patient', 'family=fam&birthdate=1980-02-03', undefined],
  ['Observation', 'category=vital-signs&_sort=-date', SMART],
  [undefined, '_type=Observation,Patient', SMART],
])('%s?%s reads no table from end to end, and is led by one list at most', (type, query, access) => {
  store.asked.length = 0;
  const request = parseSearch([...new URLSearchParams(query)]);
  runSearch({ scope: { store, now: 0, chainTypes: undefined }, access, type, request, strict: true });
  expect(store.asked.length).toBeGreaterThan(0);
  for (const [sql, parameters] of store.asked) {
    const plan = store.db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map((row) => String(row['detail']));
    expect(plan.filter((line) => /^SCAN (fhir_|r\b|x\b)/.test(line))).toEqual([]);
    expect(plan.filter((line) => line.includes('k=? AND rowid=?'))).toEqual([]);
  }
});
