import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import type { KeptEvidence } from '../../src/checks/gatherer.ts';
import { checks } from '../../src/checks/index.ts';
import { judgeCheck } from '../../src/checks/judge.ts';
import type { CheckResult } from '../../src/core/result.ts';
import { type Change, VECTORS } from './vectors.ts';

/** Evidence of a sound server, redacted, recorded from the laptop stack; TLS facts added by hand. */
const GREEN: Readonly<Record<string, unknown>> = {
  ...(JSON.parse(readFileSync(new URL('green.json', import.meta.url), 'utf8')) as Record<string, unknown>),
  tlsHandshakes: {
    hosts: [
      {
        host: 'fhir.example.org',
        modern: { version: 'TLSv1.3', error: null },
        old: { version: null, error: 'EPROTO' },
      },
    ],
  },
};

function judge(check: Check, changes: readonly Change[]): CheckResult {
  const facts = structuredClone(GREEN) as Record<string, unknown>;
  for (const [path, value] of changes) set(facts, path, value);
  const evidence = Object.fromEntries(
    Object.entries(facts).map(([id, found]): [string, KeptEvidence] => [
      id,
      { state: 'gathered', facts: found },
    ]),
  );
  return judgeCheck(check, { evidence, numbers: new Map() });
}

function set(facts: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = facts;
  for (const name of names) {
    expect(at, `${path} leads nowhere at ${name}`).toHaveProperty([name]);
    at = at[name] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

test('every check has a vector, and no vector is without its check', () => {
  expect(Object.keys(VECTORS).sort()).toEqual(checks.map((check) => check.meta.id).sort());
});

describe.each(checks.map((check) => [check.meta.id, check] as const))('%s', (id, check) => {
  test('accepts a sound server', () => {
    expect(judge(check, [])).toMatchObject({ outcome: expect.stringMatching(/^(pass|na)$/), fix: null });
  });

  test.each(
    (VECTORS[id] ?? []).map((changes) => [changes.map(([path]) => path).join(', '), changes] as const),
  )('notices a defect of %s', (_, changes) => {
    const result = judge(check, changes);
    expect(result.fix, result.message ?? result.outcome).not.toBeNull();
    expect(result.message).not.toBeNull();
    const expected = { error: 'fail', warn: 'warn', info: 'pass' }[check.meta.severity];
    expect(result.outcome).toBe(expected);
  });
});
