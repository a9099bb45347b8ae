import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import type { CheckResult, ResultDocument } from '../../src/core/result.ts';
import { summarise } from '../../src/core/result.ts';
import { renderLaunch } from '../../src/report/launch-terminal.ts';

const FHIR = 'http://localhost:8610/fhir';

function step(id: string, title: string, message: string | null, exchanges: number[] = []): CheckResult {
  return {
    ...{ id: `launch/${id}`, title, group: 'launch', severity: 'error', outcome: 'pass', message },
    ...{ fix: null, specs: [], requirements: [], inferno: [], exchanges },
  };
}

function exchange(n: number, method: string, url: string): ResultDocument['exchanges'][number] {
  return {
    ...{ n, at: '2026-11-24T12:00:00.000Z', ms: 7, error: null },
    request: { method, url, headers: {}, body: null },
    response: { status: 200, headers: {}, body: null },
  };
}

const RESULTS = [
  step('discovery', 'app → discovery', '17 capabilities', [1]),
  step('user', 'user', `signed in as ${'demo-practitioner'.repeat(2)}@contoso.onmicrosoft.com`),
  step('token', 'app → token', 'client_secret_basic, verifier matches', [2]),
  {
    ...step('read', 'app → fhir', 'refused: Goal 403', []),
    outcome: 'warn',
    fix: 'compare the scopes',
  } as const,
];

const DOCUMENT: ResultDocument = {
  ...{
    schema: 'smartfhir/result/v1',
    tool: { name: 'smartfhir', version: '1.0.0' },
    target: { fhirUrl: FHIR },
  },
  ...{ startedAt: '2026-11-24T12:00:00.000Z', durationMs: 900, incomplete: false },
  summary: summarise(RESULTS),
  results: RESULTS,
  exchanges: [
    exchange(1, 'GET', `${FHIR}/.well-known/smart-configuration`),
    exchange(2, 'POST', 'http://localhost:8610/auth/token?secret=x'),
  ],
  launch: {
    asked: { kind: 'ehr', client: 'app', scope: 'launch openid fhirUser offline_access user/*.rs' },
    granted: { scope: 'launch openid' },
    context: {
      patient: 'patient-a',
      encounter: 'encounter-a',
      need_patient_banner: true,
      intent: 'reconcile-medications',
    },
    reads: [{ path: 'Patient/patient-a', status: 200, rows: 1 }],
  },
};

const style = new Chalk({ level: 0 });

describe.each([80, 120])('a launch at %i columns', (width) => {
  const lines = renderLaunch(DOCUMENT, { style, width, verbose: false }).split('\n');

  test('fits', () => {
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  test('has every step with its request, and status below status', () => {
    const requests = lines.filter((line) => / (GET|POST) /.test(line));
    expect(requests).toHaveLength(2);
    expect(new Set(requests.map((line) => line.indexOf(' 200 '))).size).toBe(1);
    expect(requests[1]).toMatch(/ \/auth\/token +200/);
    expect(lines.join('\n')).toMatch(/4 ! app → fhir +refused: Goal 403\n +fix +compare the scopes/);
  });
});

test('without a terminal no line is broken', () => {
  const text = renderLaunch(DOCUMENT, { style, width: Number.POSITIVE_INFINITY, verbose: false });
  expect(text).toMatch(/200 +7 ms {2}client_secret_basic, verifier matches\n/);
  expect(text).toContain(
    'context patient=patient-a  encounter=encounter-a  need_patient_banner=true  intent=',
  );
});
