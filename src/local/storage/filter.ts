import { invalidInput } from './table-call.ts';
import type { Entity } from './table-store.ts';

/** A parsed `$filter`. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'compare'; readonly name: string; readonly op: string; readonly literal: Literal };

/** A constant; values of one family can be compared with each other. */
interface Literal {
  readonly family: 'text' | 'number' | 'boolean' | 'instant' | 'guid' | 'binary';
  readonly value: string | number | bigint | boolean;
}

const TOKEN =
  /\s*(?:(datetime|guid|binary|X)'((?:[^']|'')*)'|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(L|l)?|([A-Za-z_][A-Za-z0-9_]*)|([()]))/y;
const OPERATORS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
/** The service takes no more (Querying tables and entities: supported query options). */
const MOST_COMPARISONS = 15;
/** Parentheses and negations within each other; what lies deeper could exhaust the stack. */
const MOST_LEVELS = 100;
const LONGEST_FILTER = 32 * 1024;

type Token =
  | { readonly kind: 'literal'; readonly literal: Literal }
  | { readonly kind: 'word' | 'paren'; readonly text: string };

/** @throws StorageError 400 `InvalidInput` for what is not a filter of the table service */
export function parseFilter(text: string): Filter {
  if (text.length > LONGEST_FILTER) throw invalidInput();
  return new Parser(tokenize(text)).parse();
}

/** Does the entity pass? Absent properties and other types never do. */
export function matches(filter: Filter, entity: Entity): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, entity) && matches(filter.right, entity);
    case 'or':
      return matches(filter.left, entity) || matches(filter.right, entity);
    case 'not':
      return !matches(filter.inner, entity);
    case 'compare':
      return compare(filter.op, propertyOf(entity, filter.name), filter.literal);
  }
}

/** The partition every match must lie in, when the filter says so. */
export function partitionOf(filter: Filter): string | undefined {
  if (filter.kind === 'and') return partitionOf(filter.left) ?? partitionOf(filter.right);
  if (filter.kind !== 'compare' || filter.name !== 'PartitionKey' || filter.op !== 'eq') return undefined;
  return filter.literal.family === 'text' ? String(filter.literal.value) : undefined;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #comparisons = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Filter {
    const filter = this.#either(0);
    if (this.#at < this.#tokens.length) throw invalidInput();
    return filter;
  }

  #either(level: number): Filter {
    let left = this.#both(level);
    while (this.#take('or')) left = { kind: 'or', left, right: this.#both(level) };
    return left;
  }

  #both(level: number): Filter {
    let left = this.#one(level);
    while (this.#take('and')) left = { kind: 'and', left, right: this.#one(level) };
    return left;
  }

  #one(level: number): Filter {
    if (level > MOST_LEVELS) throw invalidInput();
    if (this.#take('not')) return { kind: 'not', inner: this.#one(level + 1) };
    if (this.#take('(')) {
      const inner = this.#either(level + 1);
      if (!this.#take(')')) throw invalidInput();
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Filter {
    this.#comparisons += 1;
    if (this.#comparisons > MOST_COMPARISONS) throw invalidInput();
    const name = this.#tokens[this.#at];
    if (name?.kind !== 'word') throw invalidInput();
    this.#at += 1;
    const op = this.#tokens[this.#at];
    if (op?.kind !== 'word' || !OPERATORS.has(op.text)) {
      return { kind: 'compare', name: name.text, op: 'eq', literal: { family: 'boolean', value: true } };
    }
    const literal = this.#tokens[this.#at + 1];
    this.#at += 2;
    if (literal?.kind === 'literal')
      return { kind: 'compare', name: name.text, op: op.text, literal: literal.literal };
    if (literal?.kind !== 'word' || !/^(true|false)$/.test(literal.text)) throw invalidInput();
    const value = literal.text === 'true';
    return { kind: 'compare', name: name.text, op: op.text, literal: { family: 'boolean', value } };
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'literal' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw invalidInput();
    at = TOKEN.lastIndex;
    const [, prefix, prefixed, quoted, number, long, word, paren] = match;
    if (prefix !== undefined)
      tokens.push({ kind: 'literal', literal: prefixedLiteral(prefix, prefixed ?? '') });
    else if (quoted !== undefined) tokens.push(literalToken('text', quoted.replaceAll("''", "'")));
    else if (number !== undefined)
      tokens.push(literalToken('number', long === undefined ? Number(number) : bigOf(number)));
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'paren', text: paren ?? '' });
  }
  return tokens;
}

function literalToken(family: Literal['family'], value: Literal['value']): Token {
  return { kind: 'literal', literal: { family, value } };
}

function bigOf(text: string): bigint {
  if (!/^-?\d{1,19}$/.test(text)) throw invalidInput();
  return BigInt(text);
}

function prefixedLiteral(prefix: string, text: string): Literal {
  if (prefix === 'datetime') {
    if (Number.isNaN(Date.parse(text))) throw invalidInput();
    return { family: 'instant', value: instant(text) };
  }
  if (prefix === 'guid') return { family: 'guid', value: text.toLowerCase() };
  return { family: 'binary', value: text.toLowerCase() };
}

function propertyOf(entity: Entity, name: string): Literal | undefined {
  if (name === 'PartitionKey') return { family: 'text', value: entity.partitionKey };
  if (name === 'RowKey') return { family: 'text', value: entity.rowKey };
  if (name === 'Timestamp') return { family: 'instant', value: instant(entity.timestamp) };
  const property = Object.hasOwn(entity.properties, name) ? entity.properties[name] : undefined;
  if (property === undefined) return undefined;
  const { value, edm } = property;
  switch (edm) {
    case 'Edm.Boolean':
      return { family: 'boolean', value };
    case 'Edm.Int64':
      return { family: 'number', value: BigInt(value) };
    case 'Edm.Int32':
    case 'Edm.Double':
      return { family: 'number', value: Number(value) };
    case 'Edm.DateTime':
      return { family: 'instant', value: instant(String(value)) };
    case 'Edm.Guid':
      return { family: 'guid', value: String(value).toLowerCase() };
    case 'Edm.Binary':
      return { family: 'binary', value: Buffer.from(String(value), 'base64').toString('hex') };
    default:
      return { family: 'text', value: String(value) };
  }
}

/** Ticks of 100 ns as a number that sorts; dates carry up to seven decimals. */
function instant(text: string): bigint {
  const fraction = /\.(\d{1,7})/.exec(text)?.[1]?.padEnd(7, '0') ?? '0';
  const whole = Date.parse(text.replace(/\.\d+/, ''));
  return BigInt(Number.isNaN(whole) ? 0 : whole) * 10_000n + BigInt(fraction);
}

function compare(op: string, left: Literal | undefined, right: Literal): boolean {
  if (left === undefined || left.family !== right.family) return false;
  switch (op) {
    case 'eq':
      // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are the same number here
      return left.value == right.value;
    case 'ne':
      // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are the same number here
      return left.value != right.value;
    case 'gt':
      return left.value > right.value;
    case 'ge':
      return left.value >= right.value;
    case 'lt':
      return left.value < right.value;
    default:
      return left.value <= right.value;
  }
}
