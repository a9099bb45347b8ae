import { badRequest, searchRefused } from '../fhir-error.ts';
import { dateRange } from '../store/date-range.ts';
import { normalized } from '../store/index-values.ts';
import type { Parameter } from '../store/parameter-table.ts';
import { isResourceType, splitReference } from '../store/reference.ts';
import { type Clause, clause, marks, type ValueRows } from './clause.ts';

/** What reading a search value needs besides the value. */
export interface ValueContext {
  readonly p: number;
  readonly parameter: Parameter;
  readonly modifier: string;
  readonly base: string;
  readonly now: number;
}

const TABLES = {
  token: 'tok',
  string: 'str',
  date: 'dat',
  number: 'num',
  quantity: 'num',
  reference: 'ref',
  uri: 'uri',
} as const;

const LAST_CHARACTER = '\u{10FFFF}';

export function tableOf(parameter: Parameter): ValueRows['table'] {
  return TABLES[parameter.type];
}

/**
 * The rows of the value table for one value of a parameter (FHIR R4 section 3.1.1.4, as the service applies it).
 *
 * @throws FhirError 400 for malformed values, 403 for modifiers the service does not support
 */
export function valueRows(context: ValueContext, value: string): ValueRows {
  return { table: tableOf(context.parameter), where: valueClause(context, value) };
}

function valueClause(context: ValueContext, value: string): Clause {
  switch (context.parameter.type) {
    case 'token':
      allowModifiers(context, '', 'not');
      return tokenClause(context.p, value);
    case 'string':
      allowModifiers(context, '', 'exact', 'contains');
      return stringClause(context, unescaped(value));
    case 'date':
      allowModifiers(context, '');
      return rangeClause(context.p, dateCondition(value, 'lo', 'hi', context.now));
    case 'number':
      allowModifiers(context, '');
      return rangeClause(context.p, numberCondition(value));
    case 'quantity':
      allowModifiers(context, '');
      return quantityClause(context.p, value);
    case 'uri':
      allowModifiers(context, '');
      return clause('p = ? AND v = ?', context.p, unescaped(value));
    case 'reference':
      return referenceClause(context, unescaped(value));
  }
}

/** `,` separates alternatives unless escaped. */
export function alternatives(value: string): string[] {
  return value.split(/(?<!\\),/).filter((item) => item !== '');
}

/** Do values of this parameter take comparators? */
export function isOrdered(parameter: Parameter): boolean {
  return parameter.type === 'date' || parameter.type === 'number' || parameter.type === 'quantity';
}

/** Does the value carry a comparator other than equality? The service takes none beside alternatives. */
export function hasComparator(value: string): boolean {
  return /^(ne|gt|lt|ge|le|sa|eb|ap)[\d-]/.test(value);
}

/** A condition on the columns `lo` and `hi`: equality is containment in the searched range. */
export function dateCondition(value: string, lo: string, hi: string, now: number): Clause {
  const { prefix, rest } = prefixed(value);
  const range = dateRange(rest);
  if (range === undefined) throw badRequest(`The date time string '${rest}' is not in a correct format.`);
  if (prefix === 'ap') {
    const slack = Math.abs(now - range.lo) * 0.1;
    return clause(`${lo} <= ? AND ${hi} >= ?`, range.hi + slack, range.lo - slack);
  }
  return comparison(prefix, lo, hi, range.lo, range.hi);
}

function comparison(prefix: string, lo: string, hi: string, low: number, high: number): Clause {
  switch (prefix) {
    case 'ne':
      return clause(`(${lo} < ? OR ${hi} > ?)`, low, high);
    case 'lt':
      return clause(`${lo} < ?`, low);
    case 'gt':
      return clause(`${hi} > ?`, high);
    case 'le':
      return clause(`${lo} <= ?`, high);
    case 'ge':
      return clause(`${hi} >= ?`, low);
    case 'sa':
      return clause(`${lo} > ?`, high);
    case 'eb':
      return clause(`${hi} < ?`, low);
    default:
      return clause(`${lo} >= ? AND ${hi} <= ?`, low, high);
  }
}

function numberCondition(value: string): Clause {
  const { prefix, rest } = prefixed(value);
  if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(rest)) throw badRequest(`Malformed search value '${value}'.`);
  const number = Number(rest);
  if (prefix === 'ap') {
    const slack = Math.abs(number) * 0.1;
    return clause('lo <= ? AND hi >= ?', number + slack, number - slack);
  }
  const half = 0.5 * 10 ** -digitsAfterPoint(rest);
  if (prefix === 'eq' || prefix === 'ne') return comparison(prefix, 'lo', 'hi', number - half, number + half);
  return comparison(prefix, 'lo', 'hi', number, number);
}

/** `100` is precise to the unit, `1e2` to the hundred, `1.50` to the hundredth. */
function digitsAfterPoint(text: string): number {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  return (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
}

function prefixed(value: string): { prefix: string; rest: string } {
  const match = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d+-])(.*)$/s.exec(value);
  return match === null ? { prefix: 'eq', rest: value } : { prefix: match[1] ?? 'eq', rest: match[2] ?? '' };
}

function tokenClause(p: number, value: string): Clause {
  const parts = value.split(/(?<!\\)\|/);
  if (parts.length > 2) throw badRequest('Only one token separator can be specified.');
  const [first = '', second] = parts.map(unescaped);
  if (second === undefined) return clause('p = ? AND v = ?', p, first);
  if (second === '') return clause('p = ? AND sys = ?', p, first);
  return clause('p = ? AND v = ? AND sys = ?', p, second, first);
}

function stringClause({ p, modifier }: ValueContext, value: string): Clause {
  const plain = normalized(value);
  if (modifier === 'exact') return clause('p = ? AND n = ? AND v = ?', p, plain, value);
  if (modifier === 'contains') return clause('p = ? AND instr(n, ?) > 0', p, plain);
  return clause('p = ? AND n >= ? AND n <= ?', p, plain, plain + LAST_CHARACTER);
}

function quantityClause(p: number, value: string): Clause {
  const [number = '', system, code, extra] = value.split(/(?<!\\)\|/).map(unescaped);
  if (extra !== undefined) throw badRequest('No more than two token separators can be specified.');
  const range = rangeClause(p, numberCondition(number));
  const units: Clause[] = [];
  if (system !== undefined && system !== '') units.push(clause(' AND sys = ?', system));
  if (code !== undefined && code !== '') units.push(clause(' AND v = ?', code));
  return clause(
    range.sql + units.map((item) => item.sql).join(''),
    ...range.parameters,
    ...units.flatMap((item) => item.parameters),
  );
}

function rangeClause(p: number, condition: Clause): Clause {
  return clause(`p = ? AND ${condition.sql}`, p, ...condition.parameters);
}

function referenceClause(context: ValueContext, value: string): Clause {
  const { p, parameter, modifier, base } = context;
  if (modifier !== '' && !isResourceType(modifier)) throw modifierRefused(context);
  if (modifier !== '') return clause('p = ? AND rid = ? AND rtype = ?', p, idOf(value, base), modifier);
  const reference = splitReference(value, base);
  if (reference.type !== '')
    return clause('p = ? AND rid = ? AND rtype = ?', p, reference.id, reference.type);
  if (/[:/|]/.test(value) || parameter.targets.length === 0) return clause('p = ? AND rid = ?', p, value);
  const types = parameter.targets;
  return clause(`p = ? AND rid = ? AND rtype IN (${marks(types.length + 1)})`, p, value, '', ...types);
}

function idOf(value: string, base: string): string {
  const reference = splitReference(value, base);
  return reference.type === '' ? value : reference.id;
}

function allowModifiers(context: ValueContext, ...allowed: readonly string[]): void {
  if (!allowed.includes(context.modifier)) throw modifierRefused(context);
}

function modifierRefused({ modifier, parameter }: ValueContext): Error {
  return searchRefused(`Modifier '${modifier}' is not supported for search parameter '${parameter.code}'.`);
}

function unescaped(value: string): string {
  return value.replace(/\\([\\,|$])/g, '$1');
}
