import type { Expr } from './ast.ts';
import { ExpressionError } from './scan.ts';

/** Types that only `+` and `==` know what to do with. */
export function isTextOrBool(type: string | undefined): boolean {
  return type === 'string' || type === 'bool';
}

const SIMPLE = new Set(['string', 'bool', 'char', 'int', 'double']);
const NUMERIC = new Set(['int', 'double']);

/** Two different simple types, of which no conversion makes one. */
export function neverEqual(left: string, right: string): boolean {
  return (
    left !== right && SIMPLE.has(left) && SIMPLE.has(right) && !(NUMERIC.has(left) && NUMERIC.has(right))
  );
}

export function notApplicable(
  { operator, at }: Expr & { kind: 'binary' },
  left = 'unknown',
  right = 'unknown',
): ExpressionError {
  return new ExpressionError(
    `operator '${operator}' cannot be applied to operands of type '${left}' and '${right}'`,
    at,
  );
}
