import { method, property, type TypeMembers } from './members.ts';
import { asInt, DateTime, Double, EvaluationError, TimeSpan, toText } from './value.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** The .NET format strings that policies use; another one is refused rather than guessed. */
function formatted(ms: number, format: unknown): string {
  const iso = new Date(ms).toISOString();
  if (format === undefined) return toText(new DateTime(ms));
  if (format === 'o' || format === 'O') return iso.replace('Z', '0000Z');
  if (format === 's') return iso.slice(0, 19);
  if (format === 'r' || format === 'R') return new Date(ms).toUTCString();
  if (format === 'yyyy-MM-ddTHH:mm:ssZ') return `${iso.slice(0, 19)}Z`;
  if (format === 'yyyy-MM-dd') return iso.slice(0, 10);
  throw new EvaluationError(`date format '${toText(format)}' is not supported`);
}

function amount(value: unknown): number {
  return value instanceof Double ? value.value : asInt(value);
}

function adding(unitMs: number): ReturnType<typeof method> {
  return method<DateTime>('DateTime', [1, 1], ({ ms }, [count]) => new DateTime(ms + amount(count) * unitMs));
}

export const DATE_TIME: TypeMembers = {
  members: {
    AddSeconds: adding(SECOND_MS),
    AddMinutes: adding(60 * SECOND_MS),
    AddHours: adding(HOUR_MS),
    AddDays: adding(24 * HOUR_MS),
    ToUniversalTime: method<DateTime>('DateTime', [0, 0], (date) => date),
    ToString: method<DateTime>('string', [0, 1], ({ ms }, [format]) => formatted(ms, format)),
    Year: property<DateTime>('int', ({ ms }) => new Date(ms).getUTCFullYear()),
    Hour: property<DateTime>('int', ({ ms }) => new Date(ms).getUTCHours()),
  },
};

export const TIME_SPAN: TypeMembers = {
  members: {
    TotalMilliseconds: property<TimeSpan>('double', ({ ms }) => new Double(ms)),
    TotalSeconds: property<TimeSpan>('double', ({ ms }) => new Double(ms / SECOND_MS)),
    TotalMinutes: property<TimeSpan>('double', ({ ms }) => new Double(ms / 60 / SECOND_MS)),
  },
};

export const timeSpan = (value: unknown): TimeSpan => new TimeSpan(amount(value) * SECOND_MS);
