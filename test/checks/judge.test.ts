import { describe, expect, test } from 'vitest';
import {
  type Check,
  defineCheck,
  fail,
  groupOf,
  judge,
  notApplicable,
  pass,
  skip,
  type Verdict,
} from '../../src/checks/check.ts';
import { describeCheck, findCheck, renderCheck } from '../../src/checks/describe.ts';
import { defineEvidence } from '../../src/checks/evidence/evidence.ts';
import type { KeptEvidence } from '../../src/checks/gatherer.ts';
import { judgeCheck } from '../../src/checks/judge.ts';
import { selectChecks } from '../../src/checks/select.ts';
import type { CheckResult, Severity } from '../../src/core/result.ts';

const number = defineEvidence<{ n: number }>({
  id: 'number',
  gather: async () => ({ facts: { n: 1 }, live: undefined }),
});
const other = defineEvidence<{ text: string }>({
  id: 'other',
  gather: async () => ({ facts: { text: '' }, live: undefined }),
});

function check(verdict: (n: number) => Verdict, severity: Severity = 'error', id = 'group/name'): Check {
  return defineCheck({
    meta: {
      ...{ id, title: 'a title', severity, specs: ['S 1'], requirements: ['R-1'], inferno: ['9.1'] },
      needs: { number, second: other },
      fix: 'the usual fix',
    },
    judge: ({ number: { n } }) => verdict(n),
  });
}

const gathered = (facts: unknown): KeptEvidence => ({ state: 'gathered', facts });
const ALL = { number: gathered({ n: 7 }), other: gathered({ text: 'x' }) };
const judged = (
  made: Check,
  evidence: Record<string, KeptEvidence> = ALL,
  numbers: readonly [string, number][] = [],
): CheckResult => judgeCheck(made, { evidence, numbers: new Map(numbers) });

describe('a verdict becomes a result', () => {
  test.each<[string, Check, Partial<CheckResult>]>([
    ['pass', check(() => pass()), { outcome: 'pass', message: null, fix: null }],
    [
      'pass with a remark',
      check(() => pass('by a hair')),
      { outcome: 'pass', message: 'by a hair', fix: null },
    ],
    ['fail', check(() => fail('bad')), { outcome: 'fail', message: 'bad', fix: 'the usual fix' }],
    [
      'fail with its own fix',
      check(() => fail('bad', { fix: 'another' })),
      { outcome: 'fail', fix: 'another' },
    ],
    ['warn, when less severe', check(() => fail('bad'), 'warn'), { outcome: 'warn', fix: 'the usual fix' }],
    ['a remark, when only told', check(() => fail('bad'), 'info'), { outcome: 'pass', message: 'bad' }],
    ['skip', check(() => skip('no patient')), { outcome: 'skip', message: 'no patient', fix: null }],
    ['na', check(() => notApplicable('no tls')), { outcome: 'na', message: 'no tls', fix: null }],
    ['no problem', check(() => judge(undefined, { fix: 'unused' })), { outcome: 'pass', fix: null }],
    ['a problem', check((n) => judge(`${n} is odd`)), { outcome: 'fail', message: '7 is odd' }],
  ])('%s', (_, made, expected) => {
    expect(judged(made)).toMatchObject({ id: 'group/name', group: 'group', ...expected });
  });

  test('carries what the check says of itself', () => {
    expect(judged(check(() => pass()))).toEqual({
      ...{ id: 'group/name', title: 'a title', group: 'group', severity: 'error', outcome: 'pass' },
      ...{ message: null, fix: null, specs: ['S 1'], requirements: ['R-1'], inferno: ['9.1'], exchanges: [] },
    });
  });

  test('what a server said stays in one line and cannot steer the terminal', () => {
    expect(judged(check(() => fail('a\r\n  FAIL b\u001b[2J'))).message).toBe('a FAIL b\\u001b[2J');
  });

  test('a check that breaks is an error of its own, not a crash', () => {
    const broken = check(() => {
      throw new TypeError('x is undefined');
    });
    expect(judged(broken)).toMatchObject({
      outcome: 'error',
      message: 'the check itself failed: x is undefined',
      fix: null,
    });
  });
});

describe('without its evidence a check', () => {
  const never = check(() => {
    throw new Error('judged without evidence');
  });
  test.each(['skip', 'na', 'error'] as const)('becomes %s, with the reason', (outcome) => {
    const missing: KeptEvidence = { state: 'unavailable', outcome, reason: 'the reason' };
    expect(judged(never, { ...ALL, number: missing })).toMatchObject({ outcome, message: 'the reason' });
    expect(judged(never, { ...ALL, other: missing })).toMatchObject({ outcome, message: 'the reason' });
  });

  test('that was never gathered is skipped', () => {
    expect(judged(never, { number: gathered({ n: 1 }) })).toMatchObject({
      outcome: 'skip',
      message: expect.stringContaining('what it needs was not gathered'),
    });
  });
});

describe('the exchanges of a result', () => {
  const numbers: [string, number][] = [
    ['number#0', 1],
    ['numbers#0', 2],
    ['other#0', 3],
    ['other#1', 4],
  ];
  test('are those of its evidence, and of no other whose name begins alike', () => {
    expect(
      judged(
        check(() => pass()),
        ALL,
        numbers,
      ).exchanges,
    ).toEqual([1, 3, 4]);
  });

  test('are those the verdict names', () => {
    expect(
      judged(
        check(() => fail('x', { at: ['other#1', 'number#0'] })),
        ALL,
        numbers,
      ).exchanges,
    ).toEqual([4, 1]);
  });

  test('are all of them when the named ones are not there', () => {
    expect(
      judged(
        check(() => fail('x', { at: ['gone#9'] })),
        ALL,
        numbers,
      ).exchanges,
    ).toEqual([1, 3, 4]);
  });

  test('are none when there are too many to help', () => {
    const many = Array.from({ length: 5 }, (_, n): [string, number] => [`number#${n}`, n + 1]);
    expect(
      judged(
        check(() => pass()),
        ALL,
        many,
      ).exchanges,
    ).toEqual([]);
  });
});

describe('finding checks', () => {
  const checks = ['a/one', 'a/two', 'ab/one', 'b/x.y'].map((id) => check(() => pass(), 'warn', id));
  const ids = (only: string[], skip: string[] = []): string[] =>
    selectChecks(checks, { only, skip }).map(({ meta }) => meta.id);

  test.each<[string[], string[], string[]]>([
    [[], [], ['a/one', 'a/two', 'ab/one', 'b/x.y']],
    [['a'], [], ['a/one', 'a/two']],
    [['a*'], [], ['a/one', 'a/two', 'ab/one']],
    [['*/one'], [], ['a/one', 'ab/one']],
    [['b', 'a/two'], [], ['a/two', 'b/x.y']],
    [['a', 'a/one'], [], ['a/one', 'a/two']],
    [['*'], ['a', 'b/x.y'], ['ab/one']],
    [[], ['a', 'ab', 'b'], []],
  ])('only %j, skip %j', (only, without, expected) => {
    expect(ids(only, without)).toEqual(expected);
  });

  test.each(['', 'a/', 'a/o', 'b/xzy', 'A', '(a', '[', 'a|b'])('%j fits nothing', (pattern) => {
    expect(() => ids([pattern])).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => ids([], [pattern])).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('one by its id, or what looks alike', () => {
    expect(findCheck(checks, 'ab/one').meta.id).toBe('ab/one');
    expect(() => findCheck(checks, 'c/one')).toThrow(
      expect.objectContaining({ code: 'USAGE', fix: 'did you mean a/one, ab/one?' }),
    );
    expect(() => findCheck(checks, 'nothing')).toThrow(
      expect.objectContaining({ fix: 'see the list of checks' }),
    );
  });

  test('described with group, evidence and fix, empty lines left out', () => {
    const described = describeCheck(check(() => pass()));
    expect(described).toMatchObject({ group: 'group', needs: ['number', 'other'], fix: 'the usual fix' });
    expect(renderCheck({ ...described, inferno: [] })).toBe(
      [
        'group/name  a title',
        '  severity     error',
        '  from         S 1',
        '  requirements R-1',
        '  looks at     number, other',
        '  fix          the usual fix',
      ].join('\n'),
    );
    expect(groupOf('a/b/c')).toBe('a');
  });
});
