import type { Clock } from './clock.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** Total time allowed for waiting between attempts, milliseconds. */
  readonly budgetMs: number;
  /** First wait; doubles up to `maxWaitMs`. */
  readonly firstWaitMs: number;
  readonly maxWaitMs: number;
  /** The reason to try again, or undefined when the error is final. */
  readonly reason: (error: unknown) => string | undefined;
  readonly onRetry?: (reason: string, waitMs: number) => void;
  readonly signal?: AbortSignal;
}

/** Repeats `work` while its error has a reason to be transient and the budget lasts; then throws that error. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  let waited = 0;
  let wait = options.firstWaitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const reason = options.reason(error);
      if (reason === undefined || waited + wait > options.budgetMs) throw error;
      options.onRetry?.(reason, wait);
      await options.clock.sleep(wait, options.signal);
      waited += wait;
      wait = Math.min(wait * 2, options.maxWaitMs);
    }
  }
}
