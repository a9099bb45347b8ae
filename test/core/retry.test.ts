import { describe, expect, test } from 'vitest';
import { manualClock } from '../../src/core/clock.ts';
import { type RetryOptions, retry } from '../../src/core/retry.ts';

const busy = new Error('busy');

async function attempt(failures: number, more: Partial<RetryOptions> = {}) {
  const clock = manualClock(0);
  const waits: number[] = [];
  let calls = 0;
  const outcome = await retry(
    async () => {
      calls += 1;
      if (calls <= failures) throw busy;
      return 'done';
    },
    {
      clock,
      budgetMs: 10_000,
      firstWaitMs: 1000,
      maxWaitMs: 4000,
      reason: (error) => (error === busy ? 'busy' : undefined),
      onRetry: (_, wait) => waits.push(wait),
      ...more,
    },
  ).catch((error: unknown) => error);
  return { outcome, calls, waits, waited: clock.now() };
}

describe('retry', () => {
  test('does not wait for what works', async () => {
    expect(await attempt(0)).toEqual({ outcome: 'done', calls: 1, waits: [], waited: 0 });
  });

  test('doubles its wait up to the limit', async () => {
    expect(await attempt(4, { budgetMs: 60_000 })).toEqual({
      outcome: 'done',
      calls: 5,
      waits: [1000, 2000, 4000, 4000],
      waited: 11_000,
    });
  });

  test('throws the error itself when the next wait would break the budget', async () => {
    expect(await attempt(99)).toEqual({ outcome: busy, calls: 4, waits: [1000, 2000, 4000], waited: 7000 });
    expect(await attempt(99, { budgetMs: 7000 })).toMatchObject({ calls: 4 });
    expect(await attempt(99, { budgetMs: 6999 })).toMatchObject({ calls: 3 });
  });

  test('throws at once what has no reason to pass', async () => {
    expect(await attempt(99, { reason: () => undefined })).toMatchObject({
      outcome: busy,
      calls: 1,
      waited: 0,
    });
  });

  test('ends with the reason of the signal when it is stopped', async () => {
    const stopped = new Error('stopped');
    expect(await attempt(99, { signal: AbortSignal.abort(stopped) })).toMatchObject({
      outcome: stopped,
      calls: 1,
    });
  });
});
