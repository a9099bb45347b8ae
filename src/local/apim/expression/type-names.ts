import type { TokenReader } from './token-reader.ts';

/** Type names that may be written in an expression: casts, `new`, generics, declarations, static members. */
export const PRIMITIVES: ReadonlySet<string> = new Set([
  'string',
  'bool',
  'int',
  'long',
  'double',
  'char',
  'object',
  'byte',
  'decimal',
  'float',
]);

const KNOWN: ReadonlySet<string> = new Set([
  'String',
  'Boolean',
  'Int32',
  'Int64',
  'Double',
  'Object',
  'JObject',
  'JArray',
  'JToken',
  'JValue',
  'JProperty',
  'Jwt',
  'IResponse',
  'IRequest',
  'IUrl',
  'Uri',
  'Guid',
  'DateTime',
  'TimeSpan',
  'Regex',
  'Match',
  'IEnumerable',
  'List',
  'Dictionary',
  'KeyValuePair',
]);

const ALIASES: Readonly<Record<string, string>> = {
  String: 'string',
  Boolean: 'bool',
  Int32: 'int',
  Int64: 'int',
  long: 'int',
  Double: 'double',
  float: 'double',
  decimal: 'double',
  Object: 'object',
  IEnumerable: 'array',
  List: 'array',
  IResponse: 'Response',
  IRequest: 'Request',
  IUrl: 'Url',
};

/** A type name in its one spelling: `long` and `Int32` are `int`, every sequence is `array`. */
export function canonicalType(name: string): string {
  const bare = name.replace(/\?$/, '');
  if (bare.endsWith('[]')) return bare === 'byte[]' ? 'byte[]' : 'array';
  const generic = /^(\w+)</.exec(bare)?.[1];
  if (generic !== undefined)
    return generic === 'Nullable' ? canonicalType(bare.slice(9, -1)) : (ALIASES[generic] ?? generic);
  return ALIASES[bare] ?? bare;
}

export function isKnownType(name: string): boolean {
  const bare = name.replace(/\?$/, '').replace(/\[\]$/, '').replace(/<.*$/, '');
  return PRIMITIVES.has(bare) || KNOWN.has(bare);
}

/** Reads a type name (`string`, `JObject`, `List<string>`, `int?`, `string[]`), or undefined when none is there. */
export function readType(reader: TokenReader, nullable = true): string | undefined {
  if (reader.peek().kind !== 'name') return undefined;
  let name = reader.take().text;
  while (reader.is('.') && reader.peek(1).kind === 'name') {
    reader.take();
    name = reader.take().text;
  }
  if (reader.is('<')) {
    const args = readTypeArguments(reader);
    if (args === undefined) return undefined;
    name += `<${args.join(',')}>`;
  }
  if (nullable && reader.accept('?')) name += '?';
  if (reader.is('[') && reader.is(']', 1)) {
    reader.take();
    reader.take();
    name += '[]';
  }
  return name;
}

/** Reads `<T, U>`; undefined when this is not a list of types. */
export function readTypeArguments(reader: TokenReader): string[] | undefined {
  if (!reader.accept('<')) return undefined;
  const types: string[] = [];
  do {
    const type = readType(reader);
    if (type === undefined) return undefined;
    types.push(type);
  } while (reader.accept(','));
  return reader.accept('>') ? types : undefined;
}
