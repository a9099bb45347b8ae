import { asArray, isObject, type JsonObject } from '../resource.ts';
import { BEGINNING_OF_TIME, type DateRange, dateRange, END_OF_TIME, spanOf } from './date-range.ts';
import { type Reference, splitReference } from './reference.ts';

export interface TokenValue {
  readonly code: string;
  readonly system: string;
}

export interface NumberValue {
  readonly lo: number;
  readonly hi: number;
  readonly system: string;
  readonly code: string;
}

const LOWEST = -Number.MAX_VALUE;

/** FHIR R4 section 3.1.1.4.9: what a token parameter matches in a value of this data type. */
export function tokensOf(value: unknown, leaf: string): TokenValue[] {
  if (leaf === 'deceased') return [{ code: String(value !== false), system: '' }];
  if (typeof value === 'string' || typeof value === 'boolean') return [{ code: String(value), system: '' }];
  if (!isObject(value)) return [];
  if (leaf === 'CodeableConcept') return asArray(value['coding']).flatMap((item) => tokensOf(item, 'Coding'));
  const code = leaf === 'Identifier' || leaf === 'ContactPoint' ? value['value'] : value['code'];
  if (typeof code !== 'string') return [];
  const system = leaf === 'ContactPoint' ? '' : value['system'];
  return [{ code, system: typeof system === 'string' ? system : '' }];
}

/** Every text of a name or address counts (FHIR R4 section 3.1.1.4.8). */
export function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!isObject(value)) return [];
  const parts = [
    'text',
    'family',
    'given',
    'prefix',
    'suffix',
    'line',
    'city',
    'district',
    'state',
    'postalCode',
    'country',
  ];
  return parts.flatMap((part) => asArray(value[part])).filter((item) => typeof item === 'string');
}

/** Lower case without accents: how strings compare unless `:exact`. */
export function normalized(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

export function datesOf(value: unknown, leaf: string): DateRange[] {
  if (typeof value === 'string') return present(dateRange(value));
  if (!isObject(value)) return [];
  if (leaf === 'Period') return present(periodRange(value));
  const repeat = isObject(value['repeat']) ? value['repeat']['boundsPeriod'] : undefined;
  const events = asArray(value['event']).flatMap((item) =>
    typeof item === 'string' ? present(dateRange(item)) : [],
  );
  return present(spanOf([...events, ...(isObject(repeat) ? present(periodRange(repeat)) : [])]));
}

export function numbersOf(value: unknown, leaf: string): NumberValue[] {
  if (typeof value === 'number') return [{ lo: value, hi: value, system: '', code: '' }];
  if (!isObject(value)) return [];
  if (leaf === 'Range') return rangeNumbers(value);
  if (leaf === 'SampledData') return isObject(value['origin']) ? numbersOf(value['origin'], 'Quantity') : [];
  const amount = value['value'];
  if (typeof amount !== 'number') return [];
  if (leaf === 'Money')
    return [{ lo: amount, hi: amount, system: 'urn:iso:std:iso:4217', code: text(value['currency']) }];
  const units = new Set([text(value['code']), text(value['unit'])].filter((item) => item !== ''));
  const names = units.size === 0 ? [''] : [...units];
  return names.map((code) => ({
    lo: amount,
    hi: amount,
    system: code === value['code'] ? text(value['system']) : '',
    code,
  }));
}

/** References by type and id; canonicals also without their version. Contained and logical references are not found. */
export function referencesOf(
  value: unknown,
  leaf: string,
  base: string,
  targets: readonly string[],
): Reference[] {
  if (leaf !== 'Reference') {
    const url = typeof value === 'string' ? value : '';
    if (url === '') return [];
    const bare = url.split('|')[0] ?? url;
    return (bare === url ? [url] : [bare, url]).map((id) => ({ type: '', id }));
  }
  const literal = isObject(value) ? value['reference'] : undefined;
  if (typeof literal !== 'string' || literal === '' || literal.startsWith('#')) return [];
  const reference = splitReference(literal, base);
  const allowed = targets.length === 0 || reference.type === '' || targets.includes(reference.type);
  return allowed ? [reference] : [];
}

function periodRange(period: JsonObject): DateRange | undefined {
  const start = typeof period['start'] === 'string' ? dateRange(period['start']) : undefined;
  const end = typeof period['end'] === 'string' ? dateRange(period['end']) : undefined;
  if (start === undefined && end === undefined) return undefined;
  return { lo: start?.lo ?? BEGINNING_OF_TIME, hi: end?.hi ?? END_OF_TIME };
}

function rangeNumbers(range: JsonObject): NumberValue[] {
  const low = isObject(range['low']) ? numbersOf(range['low'], 'Quantity') : [];
  const high = isObject(range['high']) ? numbersOf(range['high'], 'Quantity') : [];
  return (low.length > 0 ? low : high).map((item, index) => ({
    ...item,
    lo: low[index]?.lo ?? LOWEST,
    hi: high[index]?.hi ?? Number.MAX_VALUE,
  }));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
