/** First and last millisecond covered by a FHIR date, inclusive. */
export interface DateRange {
  readonly lo: number;
  readonly hi: number;
}

const PATTERN =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/** A date, partial date or dateTime as a range; no zone means UTC. Undefined when it is not one. */
export function dateRange(text: string): DateRange | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const y = Number(year);
  const mo = month === undefined ? 0 : Number(month) - 1;
  const d = day === undefined ? 1 : Number(day);
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  const time = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] as const;
  const plain = utc(y, mo, d, time[0], time[1], time[2], ms);
  if (plain === undefined) return undefined;
  const lo = plain - offsetOf(zone);
  if (month === undefined) return { lo, hi: (utc(y + 1, 0, 1) ?? lo) - 1 };
  if (day === undefined)
    return { lo, hi: (mo === 11 ? (utc(y + 1, 0, 1) ?? lo) : (utc(y, mo + 1, 1) ?? lo)) - 1 };
  if (hour === undefined) return { lo, hi: lo + 86_400_000 - 1 };
  if (second === undefined) return { lo, hi: lo + 60_000 - 1 };
  return { lo, hi: fraction === undefined ? lo + 999 : lo };
}

/** The outer bounds of several ranges: of Timing events, or of a Period's ends. */
export function spanOf(ranges: readonly DateRange[]): DateRange | undefined {
  if (ranges.length === 0) return undefined;
  return { lo: Math.min(...ranges.map((item) => item.lo)), hi: Math.max(...ranges.map((item) => item.hi)) };
}

/** Open ends of a Period reach to these (years 0001 and 9999). */
export const BEGINNING_OF_TIME = -62_135_596_800_000;
export const END_OF_TIME = 253_402_300_799_999;

function utc(y: number, mo: number, d: number, h = 0, mi = 0, s = 0, ms = 0): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(y, mo, d);
  date.setUTCHours(h, mi, Math.min(s, 59), ms);
  const valid =
    y > 0 && mo < 12 && date.getUTCMonth() === mo && date.getUTCDate() === d && h < 24 && mi < 60 && s < 61;
  return valid ? date.getTime() : undefined;
}

function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
