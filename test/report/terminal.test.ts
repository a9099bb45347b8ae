import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/core/exit-codes.ts';
import { type CheckResult, type Outcome, type ResultDocument, summarise } from '../../src/core/result.ts';
import { exitCodeOf } from '../../src/report/gate.ts';
import { renderLaunch } from '../../src/report/launch-terminal.ts';
import { renderResult } from '../../src/report/terminal.ts';

const PLAIN = { style: new Chalk({ level: 0 }), width: 100, verbose: false };

function result(id: string, outcome: Outcome, message: string | null = null): CheckResult {
  const severity = outcome === 'warn' ? 'warn' : 'error';
  const fix = outcome === 'fail' || outcome === 'warn' ? 'mend it' : null;
  const group = id.slice(0, id.indexOf('/'));
  return {
    id,
    title: `title of ${id}`,
    group,
    severity,
    outcome,
    message,
    fix,
    specs: [],
    requirements: ['SMART-WK-001'],
    inferno: [],
    exchanges: [7],
  };
}

function document(...results: CheckResult[]): ResultDocument {
  return {
    schema: 'smartfhir/result/v1',
    tool: { name: 'smartfhir', version: '0' },
    target: { fhirUrl: 'https://fhir.example.org/r4' },
    startedAt: '2026-11-24T12:00:00.000Z',
    durationMs: 2100,
    incomplete: false,
    summary: summarise(results),
    results,
    exchanges: [],
  };
}

describe('the terminal report', () => {
  test('is three lines when all is well', () => {
    const text = renderResult(document(result('a/x', 'pass'), result('a/y', 'na')), {
      ...PLAIN,
      reportDir: 'out',
    });
    expect(text.split('\n')).toEqual([
      'https://fhir.example.org/r4 · 2 checks',
      '✓ 1 of 2 pass (1 n/a)',
      '  report  out/result.json',
    ]);
  });

  test('is no success when nothing applied', () => {
    const text = renderResult(document(result('tls/x', 'na'), result('tls/y', 'na')), PLAIN);
    expect(text).not.toContain('✓');
    expect(text).toContain('2 n/a');
  });

  test('names findings by impact: failures, what could not be checked, warnings', () => {
    const text = renderResult(
      document(
        result('cors/w', 'warn', 'a warning'),
        result('token/e1', 'error', 'UNREACHABLE: x'),
        result('token/e2', 'error', 'UNREACHABLE: x'),
        result('discovery/f', 'fail', 'a failure'),
        result('bulk/s', 'skip', 'needs a backend client'),
      ),
      PLAIN,
    );
    const order = ['FAIL  discovery/f', 'COULD NOT CHECK  token/e1, token/e2', 'WARN  cors/w'].map((line) =>
      text.indexOf(line),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(text).toMatch(/✗ Discovery and capabilities/);
    expect(text).toMatch(/– Bulk export +1 skip {3}needs a backend client/);
    expect(text).toMatch(/saw {4}a failure {3}exchange #7/);
    expect(text).toMatch(/1 fail · 2 could not check · 1 warn · 1 skip {3}2\.1 s/);
    expect(text).toMatch(/why {5}smartfhir explain discovery\/f/);
  });

  test('counts what the skipped checks would need, most needed first', () => {
    const text = renderResult(
      document(
        result('a/x', 'pass'),
        result('bulk/s', 'skip', 'needs a group'),
        result('token/s', 'skip', 'needs a client'),
        result('token/t', 'skip', 'needs a client'),
        result('token/u', 'skip', 'what it builds on could not be gathered: x'),
      ),
      PLAIN,
    );
    expect(text).toContain('SKIPPED\n       2  needs a client\n       1  needs a group\n');
    expect(text).toContain('environments.NAME.server');
  });

  test('fits the needs to a small terminal', () => {
    const text = renderResult(
      document(result('a/x', 'pass'), result('bulk/s', 'skip', 'needs a client with launch: backend')),
      { ...PLAIN, width: 40 },
    );
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(1)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(40);
  });

  test('of a server that never answered has no table of groups', () => {
    const text = renderResult(
      document(result('discovery/served', 'error', 'UNREACHABLE: x'), result('token/s', 'skip', 'lost')),
      PLAIN,
    );
    expect(text).not.toContain('Tokens');
    expect(text).toContain('COULD NOT CHECK  discovery/served');
  });

  test('asks whether the URL is right when neither document is there', () => {
    const missing = [result('discovery/served', 'fail', '404'), result('fhir/capability-statement', 'fail')];
    expect(renderResult(document(...missing), PLAIN)).toContain('nor metadata is served');
    expect(renderResult(document(...missing.slice(0, 1)), PLAIN)).not.toContain('nor metadata');
  });

  test('lists what was skipped, and why, when asked to say more', () => {
    const text = renderResult(document(result('a/x', 'fail'), result('bulk/s', 'skip', 'needs a group')), {
      ...PLAIN,
      verbose: true,
    });
    expect(text).toMatch(/SKIP {2}bulk\/s\n +needs a group/);
  });

  test('has words beside marks, and no escape codes without colour', () => {
    const text = renderResult(document(result('a/x', 'fail', 'm')), PLAIN);
    expect(text).toContain('FAIL');
    expect(text).not.toContain('\u001b');
  });
});

test('the launch report shows steps, scopes, context and reads', () => {
  const steps = [
    result('launch/discovery', 'pass'),
    result('launch/token', 'pass', 'client_secret_basic'),
    result('launch/scopes', 'warn', 'not given: offline_access'),
  ];
  const launch = {
    asked: { client: 'app', kind: 'standalone', scope: 'openid offline_access' },
    granted: { scope: 'openid' },
    context: { patient: 'p1' },
    reads: [{ path: 'Patient/p1', status: 200, rows: 1 }],
  };
  const text = renderLaunch({ ...document(...steps), launch }, PLAIN);
  expect(text).toMatch(/app · standalone launch/);
  expect(text).toMatch(/asked {2}openid offline_access\n +given {2}openid/);
  expect(text).toMatch(/context patient=p1/);
  expect(text).toMatch(/read +Patient\/p1 +200 +1 resource/);
  expect(text).toMatch(/with findings/);
});

describe('the gate', () => {
  test.each([
    [['pass'], 'error', ExitCode.ok],
    [['pass', 'warn'], 'error', ExitCode.ok],
    [['pass', 'warn'], 'warn', ExitCode.findings],
    [['pass', 'fail', 'error'], 'error', ExitCode.findings],
    [['pass', 'fail'], 'never', ExitCode.ok],
    [['pass', 'error'], 'error', ExitCode.couldNotCheck],
    [['skip', 'na'], 'error', ExitCode.couldNotCheck],
    [[], 'never', ExitCode.couldNotCheck],
  ] as const)('%j under --fail-on %s exits %i', (outcomes, failOn, code) => {
    const results = outcomes.map((outcome, index) => result(`a/${index}`, outcome));
    expect(exitCodeOf(document(...results), failOn)).toBe(code);
  });
});
