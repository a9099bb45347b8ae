import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { compare, type Expected, type InfernoResult, updated } from '../../scripts/run/inferno-expected.ts';

const result = (short_id: string, value: string, more: Partial<InfernoResult> = {}): InfernoResult => ({
  short_id,
  result: value,
  test_id: `test-${short_id}`,
  required: true,
  ...more,
});

describe('results of the official suite against what is expected', () => {
  const expected: Expected = {
    '1.1': { result: 'pass' },
    '1.2': { result: 'omit', why: 'plain HTTP' },
    '10.1': { result: 'pass' },
  };

  test('the same is no surprise; groups that did not run and group results do not count', () => {
    const results = [
      result('1', 'pass', { test_id: null }),
      result('1.1', 'pass'),
      result('1.2', 'omit', { required: false }),
    ];
    expect(compare(results, expected, ['1'])).toEqual({
      surprises: [],
      counts: { pass: 1, omit: 1 },
      failed: [],
    });
  });

  test.each<[string, InfernoResult[], RegExp]>([
    ['worse', [result('1.1', 'fail'), result('1.2', 'omit')], /^1\.1 expected pass, got fail/],
    ['better', [result('1.1', 'pass'), result('1.2', 'pass')], /^1\.2 expected omit, got pass/],
    ['missing', [result('1.1', 'pass')], /^1\.2 expected omit, got nothing/],
    [
      'new',
      ['1.1', '1.3'].map((id) => result(id, 'pass')).concat(result('1.2', 'omit')),
      /^1\.3 expected nothing/,
    ],
    ['twice', ['1.1', '1.1'].map((id) => result(id, 'pass')).concat(result('1.2', 'omit')), /two results/],
  ])('%s is one surprise', (_, results, text) => {
    expect(compare(results, expected, ['1']).surprises).toEqual([expect.stringMatching(text)]);
  });

  test('a failure that is expected is still a failure, unless the test is optional', () => {
    const known: Expected = {
      '1.1': { result: 'fail', why: 'known' },
      '1.2': { result: 'fail', why: 'known' },
    };
    const results = [result('1.1', 'fail'), result('1.2', 'fail', { required: false })];
    expect(compare(results, known, ['1'])).toMatchObject({ surprises: [], failed: ['1.1'] });
  });

  test('whatever is not a pass needs a reason', () => {
    const silent: Expected = { '1.1': { result: 'skip', why: ' ' } };
    expect(compare([result('1.1', 'skip')], silent, ['1']).surprises).toEqual([
      '1.1 expected skip without saying why',
    ]);
  });

  test('an update keeps other groups and the reasons of what stayed the same', () => {
    const results = [result('1.10', 'pass'), result('1.2', 'omit'), result('1.1', 'skip')];
    const made = updated(expected, results, ['1']);
    expect(Object.entries(made)).toEqual([
      ['1.1', { result: 'skip', why: '' }],
      ['1.2', { result: 'omit', why: 'plain HTTP' }],
      ['1.10', { result: 'pass' }],
      ['10.1', { result: 'pass' }],
    ]);
  });

  test('the committed list explains everything that is not a pass and expects no failure', async () => {
    const file = new URL('expected.json', import.meta.url);
    const list = JSON.parse(await readFile(file, 'utf8')) as Expected;
    const bad = Object.entries(list).filter(
      ([, { result: value, why }]) =>
        !['pass', 'omit', 'skip'].includes(value) || (value !== 'pass' && (why ?? '').length < 10),
    );
    expect(bad).toEqual([]);
  });
});
