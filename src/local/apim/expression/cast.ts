import { DateTime, Double, EvaluationError, fromJson, int, type Json, JsonToken, typeOf } from './value.ts';

/**
 * `(type)value`. A token gives its content (Newtonsoft's explicit conversions), an object is unboxed only to what it
 * is, numbers convert to each other.
 */
export function cast(value: unknown, type: string): unknown {
  if (type === 'object' || isA(value, type)) return value;
  if (value instanceof JsonToken) return castToken(value.value, type);
  if (value === null && !VALUE_TYPES.has(type)) return null;
  if (type === 'double' && typeof value === 'number') return new Double(value);
  if (type === 'int' && value instanceof Double) return int(Math.trunc(value.value));
  if (type === 'JToken' && isPrimitive(value)) return new JsonToken(value as Json);
  throw new EvaluationError(`unable to cast object of type '${typeOf(value)}' to type '${type}'`);
}

/** `value is type`. */
export function isA(value: unknown, type: string): boolean {
  const actual = typeOf(value);
  if (actual === 'null') return false;
  if (actual === type || type === 'object') return true;
  if (type === 'JToken') return value instanceof JsonToken;
  return type === 'array' && actual === 'byte[]';
}

const VALUE_TYPES = new Set(['int', 'bool', 'double', 'char', 'Guid', 'DateTime', 'TimeSpan']);

function castToken(value: Json, type: string): unknown {
  const content = fromJson(value);
  if (type === 'string') return tokenText(value);
  if (value === null && !VALUE_TYPES.has(type)) return null;
  if (type === 'int') return typeof value === 'string' ? parsedInt(value) : cast(content, 'int');
  if (type === 'double' && typeof value === 'number') return new Double(value);
  if (type === 'bool' && typeof value === 'string' && /^(?:true|false)$/i.test(value))
    return value.toLowerCase() === 'true';
  if (type === 'DateTime' && typeof value === 'string') return parsedDate(value);
  if (type === 'array' && Array.isArray(value)) return value.map(fromJson);
  if (isA(content, type)) return content;
  throw new EvaluationError(`can not convert ${typeOf(new JsonToken(value))} to ${type}`);
}

function tokenText(value: Json): string | null {
  if (value === null) return null;
  if (typeof value === 'object') throw new EvaluationError('can not convert Object to String');
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** `Int32.Parse` in the invariant culture. */
export function parsedInt(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new EvaluationError('input string was not in a correct format');
  return int(Number(text));
}

/** `DateTime.Parse` for ISO 8601; a text without a zone is taken as UTC. */
export function parsedDate(text: string): DateTime {
  const timed = /^\d{4}-\d\d-\d\d[T ]/i.test(text);
  const ms = Date.parse(timed && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(ms)) {
    throw new EvaluationError('string was not recognized as a valid DateTime');
  }
  return new DateTime(ms);
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
