import { Chalk } from 'chalk';
import { expect, test } from 'vitest';
import type { CheckResult, ResultDocument } from '../../src/core/result.ts';
import { summarise } from '../../src/core/result.ts';
import { renderLaunch } from '../../src/report/launch-terminal.ts';

const FORGED = 'x\n\n  the launch worked   1 ms\n';

/** A token response may hold any text; what a launch shows of it must not look like lines of ours. */
test.each<[string, Partial<NonNullable<ResultDocument['launch']>>]>([
  ['context', { context: { patient: FORGED } }],
  ['reads', { reads: [{ path: FORGED, status: 200, rows: 1 }] }],
  ['names', { asked: { client: FORGED, kind: 'ehr' } }],
])('line breaks in %s forge no line', (_, more) => {
  const results: CheckResult[] = [
    {
      id: 'launch/token',
      title: 'app → token',
      group: 'launch',
      message: 'refused',
      fix: null,
      severity: 'error',
      outcome: 'fail',
      specs: [],
      requirements: [],
      inferno: [],
      exchanges: [],
    },
  ];
  const text = renderLaunch(
    {
      ...{ schema: 'smartfhir/result/v1', tool: { name: 'smartfhir', version: '0' } },
      ...{ target: { fhirUrl: 'https://fhir.example.org' }, startedAt: '', durationMs: 7, incomplete: false },
      ...{ summary: summarise(results), results, exchanges: [] },
      launch: { asked: {}, granted: {}, context: {}, reads: [], ...more },
    },
    { style: new Chalk({ level: 0 }), width: 100, verbose: false },
  );
  expect(text.split('\n').filter((line) => /^ {2}the launch/.test(line))).toEqual([
    '  the launch failed   7 ms',
  ]);
});
