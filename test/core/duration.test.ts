import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

describe('durations on the command line', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1.5s', 1500],
    ['20m', 1_200_000],
    ['1h', 3_600_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text, '--timeout')).toBe(ms);
  });

  test.each(['', '90', 's', '-1s', '1 s', '1d', '1.5.5s', '0x10s', '1e3s', '.5s', '1S', ' 1s', '1s\n'])(
    '%j is refused with the option it was given to',
    (text) => {
      expect(() => parseDuration(text, '--timeout')).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('--timeout') }),
      );
    },
  );

  test('longer than a timer can wait is refused, since it would end at once', () => {
    expect(parseDuration('596h', '--timeout')).toBeLessThan(2 ** 31);
    expect(() => parseDuration('597h', '--timeout')).toThrow(/too long/);
    expect(() => parseDuration(`${'9'.repeat(400)}h`, '--timeout')).toThrow(/too long/);
  });
});

describe('durations for people', () => {
  test.each([
    [0, '0 ms'],
    [340.4, '340 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1000, '1.0 s'],
    [2149, '2.1 s'],
    [59_949.9, '59.9 s'],
    [59_960, '1 min 0 s'],
    [60_000, '1 min 0 s'],
    [119_700, '2 min 0 s'],
    [200_000, '3 min 20 s'],
    [3_600_000, '60 min 0 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
