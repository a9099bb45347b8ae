import type { BinaryOperator } from './ast.ts';
import {
  Char,
  DateTime,
  Double,
  EvaluationError,
  Guid,
  int,
  JsonToken,
  TimeSpan,
  toText,
  typeOf,
} from './value.ts';

/** The operators that evaluate both sides. */
export function applyBinary(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  if (operator === '==') return equal(left, right);
  if (operator === '!=') return !equal(left, right);
  if (operator === '+' && (typeof left === 'string' || typeof right === 'string'))
    return toText(left) + toText(right);
  const moments = timeArithmetic(operator, left, right);
  if (moments !== undefined) return moments;
  const a = numberOf(left, operator);
  const b = numberOf(right, operator);
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      return arithmetic(operator, a, b, left instanceof Double || right instanceof Double);
  }
}

/** `==`: by value for strings and value types, by reference for tokens and other objects. */
export function equal(left: unknown, right: unknown): boolean {
  if (left instanceof Double || right instanceof Double) {
    return isNumber(left) && isNumber(right) && numberOf(left, '==') === numberOf(right, '==');
  }
  if (left instanceof Char && right instanceof Char) return left.value === right.value;
  if (left instanceof Guid && right instanceof Guid) return left.value === right.value;
  if (left instanceof DateTime && right instanceof DateTime) return left.ms === right.ms;
  if (left instanceof TimeSpan && right instanceof TimeSpan) return left.ms === right.ms;
  if (left instanceof JsonToken !== right instanceof JsonToken && left !== null && right !== null) {
    // C# would compare references here and silently say false.
    throw new EvaluationError('a JToken is compared by reference: cast it first');
  }
  return (left ?? null) === (right ?? null);
}

function arithmetic(operator: BinaryOperator, a: number, b: number, real: boolean): unknown {
  const wrap = (value: number): unknown => (real ? new Double(value) : int(value));
  if (!real && b === 0 && (operator === '/' || operator === '%'))
    throw new EvaluationError('attempted to divide by zero');
  switch (operator) {
    case '+':
      return wrap(a + b);
    case '-':
      return wrap(a - b);
    case '*':
      return wrap(a * b);
    case '/':
      return wrap(real ? a / b : Math.trunc(a / b));
    case '%':
      return wrap(a % b);
    default:
      throw new EvaluationError(`operator ${operator} cannot be applied`);
  }
}

const COMPARISONS: ReadonlySet<BinaryOperator> = new Set(['<', '>', '<=', '>=']);

function timeArithmetic(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  const moment = left instanceof DateTime || left instanceof TimeSpan;
  if (!moment || !(right instanceof DateTime || right instanceof TimeSpan)) return undefined;
  const Kind = left instanceof DateTime ? DateTime : TimeSpan;
  if (right instanceof TimeSpan) {
    if (operator === '-') return new Kind(left.ms - right.ms);
    if (operator === '+') return new Kind(left.ms + right.ms);
  } else if (operator === '-' && Kind === DateTime) return new TimeSpan(left.ms - right.ms);
  if (Kind !== right.constructor || !COMPARISONS.has(operator)) return undefined;
  return applyBinary(operator, left.ms, right.ms);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || value instanceof Double;
}

function numberOf(value: unknown, operator: string): number {
  if (typeof value === 'number') return value;
  if (value instanceof Double) return value.value;
  throw new EvaluationError(`operator '${operator}' cannot be applied to operand of type '${typeOf(value)}'`);
}
