import { badRequest, GraphError } from './graph-error.ts';

/** One page of a collection, and how to get the next. */
export interface Page {
  readonly value: readonly Readonly<Record<string, unknown>>[];
  readonly '@odata.nextLink'?: string;
}

type Item = Readonly<Record<string, unknown>>;
type Predicate = (item: Item) => boolean;

const PAGE_SIZE = 100;
const MAXIMUM_TOP = 999;
const OPTIONS = new Set(['$filter', '$select', '$top', '$skiptoken', '$count']);

/**
 * `$filter`, `$select`, `$top` and paging over presented objects.
 *
 * @param filterable the properties Graph can filter this collection by
 * @throws GraphError 400 for what Graph, or the laptop cloud, cannot do
 */
export function pageOf(items: readonly Item[], url: string, filterable: readonly string[]): Page {
  const query = optionsOf(url);
  const filter = query.get('$filter');
  const matches = filter === null ? items : items.filter(parseFilter(filter, filterable));
  const top = topOf(query.get('$top'));
  const offset = offsetOf(query.get('$skiptoken'));
  const value = matches.slice(offset, offset + top).map((item) => selected(item, query.get('$select')));
  if (offset + top >= matches.length) return { value };
  const next = new URL(url);
  next.searchParams.set('$skiptoken', Buffer.from(String(offset + top)).toString('base64url'));
  return { value, '@odata.nextLink': next.href };
}

/** `$select` on one object. */
export function selectedFrom(item: Item, url: string, byDefault?: readonly string[]): Item {
  const select = optionsOf(url).get('$select');
  return selected(item, select ?? byDefault?.join(',') ?? null);
}

function optionsOf(url: string): URLSearchParams {
  const { searchParams } = new URL(url);
  for (const name of searchParams.keys()) {
    const isOption = name.startsWith('$');
    if (isOption && !OPTIONS.has(name))
      throw unsupported(`Query option '${name.slice(0, 40)}' is not supported.`);
    if (isOption && searchParams.getAll(name).length > 1) {
      throw badRequest(
        `Query option '${name}' was specified more than once, but it must be specified at most once.`,
      );
    }
  }
  return searchParams;
}

function selected(item: Item, select: string | null): Item {
  if (select === null || select === '') return item;
  const names = select.split(',').map((name) => name.trim());
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]),
  );
}

function topOf(text: string | null): number {
  if (text === null) return PAGE_SIZE;
  const top = Number(text);
  if (Number.isInteger(top) && top > 0 && top <= MAXIMUM_TOP) return top;
  throw badRequest(
    `Invalid page size specified: '${text.slice(0, 20)}'. Must be between 1 and ${MAXIMUM_TOP} inclusive.`,
  );
}

function offsetOf(token: string | null): number {
  if (token === null) return 0;
  const offset = Buffer.from(token, 'base64url').toString();
  if (/^\d{1,9}$/.test(offset)) return Number(offset);
  throw badRequest('The specified skip token is not valid.');
}

const STRING = "'((?:[^']|'')*)'";
const EQUALS = new RegExp(`^([\\w/]+) eq (?:${STRING}|(true|false|null))$`);
const STARTS = new RegExp(`^startswith\\((\\w+),\\s*${STRING}\\)$`, 'i');
const ANY = new RegExp(`^(\\w+)/any\\((\\w+):\\s*\\2 eq ${STRING}\\)$`);

/** Clauses `p eq v`, `startswith(p,v)`, `p/any(x:x eq v)`, joined by `and`. */
function parseFilter(filter: string, filterable: readonly string[]): Predicate {
  const clauses = splitAnd(filter).map((clause) => parseClause(clause.trim(), filterable));
  return (item) => clauses.every((matches) => matches(item));
}

function parseClause(clause: string, filterable: readonly string[]): Predicate {
  const property = (name = ''): string => {
    if (filterable.includes(name)) return name;
    throw unsupported(
      `Unsupported or invalid query filter clause specified for property '${name}' of resource.`,
    );
  };
  const equals = EQUALS.exec(clause);
  if (equals !== null) {
    const name = property(equals[1]);
    const literal = equals[3];
    const wanted = literal === undefined ? unquoted(equals[2]) : (JSON.parse(literal) as boolean | null);
    return (item) => same(item[name] ?? null, wanted);
  }
  const starts = STARTS.exec(clause);
  if (starts !== null) {
    const name = property(starts[1]);
    const prefix = unquoted(starts[2]).toLowerCase();
    return (item) =>
      String(item[name] ?? '')
        .toLowerCase()
        .startsWith(prefix);
  }
  const any = ANY.exec(clause);
  if (any !== null) {
    const name = property(any[1]);
    const wanted = unquoted(any[3]);
    return (item) => Array.isArray(item[name]) && item[name].some((entry: unknown) => same(entry, wanted));
  }
  throw unsupported(`Invalid filter clause: '${clause.slice(0, 200)}'.`);
}

/** Splits at ` and ` outside quotes. */
function splitAnd(filter: string): string[] {
  const parts: string[] = [''];
  let quoted = false;
  for (const piece of filter.split(/('| and )/)) {
    if (piece === "'") quoted = !quoted;
    if (piece === ' and ' && !quoted) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${piece}`);
  }
  return parts;
}

/** The directory compares text without regard to case. */
function same(value: unknown, wanted: string | boolean | null): boolean {
  if (typeof value === 'string' && typeof wanted === 'string')
    return value.toLowerCase() === wanted.toLowerCase();
  return value === wanted;
}

function unquoted(text = ''): string {
  return text.replaceAll("''", "'");
}

function unsupported(message: string): GraphError {
  return new GraphError(400, 'Request_UnsupportedQuery', message);
}
