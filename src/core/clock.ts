/** Time as a dependency: every wait and every timestamp goes through it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // Loaded by the first wait: most runs have none.
    const { setTimeout: delay } = await import('node:timers/promises');
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/**
 * A clock on which waits last `timeScale` times as long as asked for (0 < timeScale ≤ 1 shrinks them), while
 * timestamps stay real. Used to shrink polling intervals and propagation delays, never token lifetimes.
 */
export function scaledClock(timeScale: number, base: Clock = systemClock): Clock {
  return { now: () => base.now(), sleep: (ms, signal) => base.sleep(ms * timeScale, signal) };
}

/** A clock that stands still until it is moved; `sleep` advances it at once. */
export function manualClock(start: number): Clock & { advance(ms: number): void } {
  let current = start;
  return {
    now: () => current,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      current += ms;
    },
    advance: (ms) => {
      current += ms;
    },
  };
}
