import { HOUR, MINUTE, SECOND } from './clock.ts';
import { SmartfhirError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/** What a timer of Node.js can wait, about 24.8 days; one that is set for longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** `90s`, `20m`, `1h`, `500ms`: milliseconds. A bare number is refused, since its unit would be a guess. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) {
    throw new SmartfhirError('USAGE', `${option} "${text}" is not a duration`, {
      fix: 'write a number and its unit: 90s, 20m, 1h',
    });
  }
  const ms = Number(match[1]) * unit;
  if (ms <= LONGEST_MS) return ms;
  throw new SmartfhirError('USAGE', `${option} "${text}" is too long`, { fix: 'give at most 596h' });
}

/** Milliseconds for people: `340 ms`, `2.1 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < SECOND) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(ms / SECOND).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
