/** A failure while an expression runs; becomes `ExpressionValueEvaluationFailure`. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** C#'s `double`: JavaScript numbers stand for integers. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Char {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

export class Guid {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

/** An instant or a duration, in milliseconds. */
export class DateTime {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class TimeSpan {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A Newtonsoft token: `JObject`, `JArray` or `JValue` by what it holds. */
export class JsonToken {
  readonly value: Json;
  constructor(value: Json) {
    this.value = value;
  }
}

export class JsonProperty {
  readonly name: string;
  readonly value: Json;
  constructor(name: string, value: Json) {
    this.name = name;
    this.value = value;
  }
}

/** An object of the gateway seen by expressions; its members are listed under `type`. */
export class Host {
  readonly type: string;
  readonly data: unknown;
  constructor(type: string, data: unknown) {
    this.type = type;
    this.data = data;
  }
}

/** A static class (`Convert`, `String`) as the target of a member. */
export class StaticClass {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export type Lambda = (...args: unknown[]) => unknown;

/** The C# type of a value, as the member tables spell it. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (value instanceof Uint8Array) return 'byte[]';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Host) return value.type;
  if (value instanceof StaticClass) return `static ${value.name}`;
  if (value instanceof JsonToken) return tokenType(value.value);
  if (value instanceof RegExp) return 'Regex';
  if (value instanceof URL) return 'Uri';
  for (const [type, kind] of CLASSES) if (value instanceof kind) return type;
  return 'object';
}

const CLASSES: readonly [string, new (...args: never[]) => unknown][] = [
  ['double', Double],
  ['char', Char],
  ['Guid', Guid],
  ['DateTime', DateTime],
  ['TimeSpan', TimeSpan],
  ['JProperty', JsonProperty],
];

function tokenType(value: Json): string {
  if (Array.isArray(value)) return 'JArray';
  return typeof value === 'object' && value !== null ? 'JObject' : 'JValue';
}

/** `ToString()` and string concatenation as .NET does them: `True`, indented JSON, type names for arrays. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value instanceof Double || value instanceof Char || value instanceof Guid) return String(value.value);
  if (value instanceof JsonToken) {
    return typeof value.value === 'object' && value.value !== null
      ? JSON.stringify(value.value, null, 2)
      : toText(value.value);
  }
  if (value instanceof JsonProperty) return `${JSON.stringify(value.name)}: ${JSON.stringify(value.value)}`;
  if (value instanceof DateTime) return invariantDate(value.ms);
  if (value instanceof URL) return value.href;
  if (value instanceof Host && value.type === 'Match')
    return toText((value.data as RegExpExecArray | null)?.[0] ?? '');
  if (value instanceof Host && value.type === 'Url') return String(value.data);
  if (Array.isArray(value)) throw new EvaluationError('a sequence has no text of its own: use string.Join');
  throw new EvaluationError(`a value of type ${typeOf(value)} has no text`);
}

function invariantDate(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year} ${time.slice(0, 8)}`;
}

/** A value as a piece of JSON, for `new JProperty("a", value)` and the like. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (value instanceof JsonToken) return value.value;
  if (value instanceof Double) return value.value;
  if (value instanceof DateTime) return new Date(value.ms).toISOString();
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Char || value instanceof Guid) return value.value;
  throw new EvaluationError(`a value of type ${typeOf(value)} cannot become JSON`);
}

/** What a token holds, for arithmetic and comparison after a cast. */
export function fromJson(value: Json): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : new Double(value);
  return typeof value === 'object' && value !== null ? new JsonToken(value) : value;
}

export function asString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Char) return value.value;
  throw new EvaluationError(
    value === null ? 'value cannot be null' : `a string was expected, not ${typeOf(value)}`,
  );
}

export function asInt(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new EvaluationError(`an integer was expected, not ${typeOf(value)}`);
}

export function asBool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationError(`a Boolean was expected, not ${typeOf(value)}`);
}

export function asLambda(value: unknown): Lambda {
  if (typeof value === 'function') return value as Lambda;
  throw new EvaluationError('a lambda expression was expected');
}

/** Integers are 64 bit in C#; beyond what JavaScript holds exactly it is an error rather than a wrong number. */
export function int(value: number): number {
  if (!Number.isSafeInteger(value)) throw new EvaluationError('arithmetic operation resulted in an overflow');
  return value;
}
