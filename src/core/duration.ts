import { HOUR, MINUTE, SECOND } from './clock.ts';
import { SmartfhirError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/** `90s`, `20m`, `1h`, `500ms`: milliseconds. A bare number is refused, since its unit would be a guess. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) {
    throw new SmartfhirError('USAGE', `${option} "${text}" is not a duration`, {
      fix: 'write a number and its unit: 90s, 20m, 1h',
    });
  }
  return Number(match[1]) * unit;
}

/** Milliseconds for people: `340 ms`, `2.1 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  return `${Math.floor(ms / MINUTE)} min ${Math.round((ms % MINUTE) / SECOND)} s`;
}
