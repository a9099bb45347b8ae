import { randomUUID } from 'node:crypto';
import { cast, parsedDate, parsedInt } from './cast.ts';
import { formatted, htmlEncoded, replacementOf, urlEncoded } from './dotnet-text.ts';
import { type Method, method, property, type TypeMembers } from './members.ts';
import { sequence } from './sequence-members.ts';
import { timeSpan } from './time-members.ts';
import {
  asBool,
  asInt,
  asLambda,
  asString,
  DateTime,
  Double,
  EvaluationError,
  Guid,
  Host,
  int,
  type Json,
  JsonToken,
  toText,
} from './value.ts';

type Arity = readonly [number, number];
const fn = (returns: string | undefined, arity: Arity, call: (...args: unknown[]) => unknown): Method =>
  method<unknown>(returns, arity, (_, args) => call(...args));

const STRING_CLASS: TypeMembers = {
  members: {
    Empty: property('string', () => ''),
    IsNullOrEmpty: fn('bool', [1, 1], (text) => text === null || asString(text) === ''),
    IsNullOrWhiteSpace: fn('bool', [1, 1], (text) => text === null || asString(text).trim() === ''),
    Join: fn('string', [2, 16], (separator, ...items) =>
      (Array.isArray(items[0]) ? sequence(items[0]) : items).map(toText).join(toText(separator)),
    ),
    Concat: fn('string', [1, 16], (...items) => items.flat().map(toText).join('')),
    Equals: fn('bool', [2, 3], (a, b, option) => {
      const fold = option instanceof Host && String(option.data).endsWith('IgnoreCase');
      return fold ? toText(a).toLowerCase() === toText(b).toLowerCase() : a === b;
    }),
    Format: fn('string', [2, 16], (format, ...items) => formatted(asString(format), items)),
  },
};

/** `Math.Round`'s default: halves go to the even neighbour. */
function roundedToEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

const CONVERT: TypeMembers = {
  members: {
    ToString: fn('string', [1, 1], toText),
    ToInt32: fn('int', [1, 1], (value) =>
      typeof value === 'string'
        ? parsedInt(value)
        : value instanceof Double
          ? int(roundedToEven(value.value))
          : asInt(cast(value, 'int')),
    ),
    ToBoolean: fn('bool', [1, 1], (value) => (typeof value === 'string' ? parsedBool(value) : asBool(value))),
    ToBase64String: fn('string', [1, 1], (bytes) => Buffer.from(asBytes(bytes)).toString('base64')),
    FromBase64String: fn('byte[]', [1, 1], (text) => {
      if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(asString(text)))
        throw new EvaluationError('the input is not a valid Base-64 string');
      return new Uint8Array(Buffer.from(asString(text), 'base64'));
    }),
  },
};

function parsedBool(text: string): boolean {
  if (!/^\s*(?:true|false)\s*$/i.test(text))
    throw new EvaluationError('string was not recognized as a valid Boolean');
  return text.trim().toLowerCase() === 'true';
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new EvaluationError('bytes were expected');
}

const URI: TypeMembers = {
  members: {
    EscapeDataString: fn('string', [1, 1], (text) =>
      encodeURIComponent(asString(text)).replace(
        /[!'()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    ),
    UnescapeDataString: fn('string', [1, 1], (text) => {
      try {
        return decodeURIComponent(asString(text));
      } catch {
        return text;
      }
    }),
  },
};

const REGEX: TypeMembers = {
  members: {
    IsMatch: fn('bool', [2, 3], (text, pattern, options) => regex(pattern, options).test(asString(text))),
    Match: fn(
      'Match',
      [2, 3],
      (text, pattern, options) => new Host('Match', regex(pattern, options).exec(asString(text))),
    ),
    Replace: fn('string', [3, 4], (text, pattern, replacement, options) =>
      asString(text).replace(regex(pattern, options, 'g'), replacementOf(asString(replacement))),
    ),
    Escape: fn('string', [1, 1], (text) => asString(text).replace(/[\\*+?|{[()^$.#\s]/g, '\\$&')),
  },
};

function regex(pattern: unknown, options: unknown, flags = ''): RegExp {
  const fold = options instanceof Host && options.data === 'IgnoreCase' ? 'i' : '';
  try {
    return new RegExp(asString(pattern), flags + fold);
  } catch {
    throw new EvaluationError('this regular expression is not supported');
  }
}

function constants(type: string, ...names: string[]): TypeMembers {
  return {
    members: Object.fromEntries(names.map((name) => [name, property(type, () => new Host(type, name))])),
  };
}

function parsedJson(text: unknown, type: string): unknown {
  try {
    return cast(new JsonToken(JSON.parse(asString(text)) as Json), type);
  } catch (error) {
    throw error instanceof EvaluationError ? error : new EvaluationError('error reading JSON');
  }
}

const parses = (type: string): TypeMembers => ({
  members: {
    Parse: fn(type, [1, 1], (text) => parsedJson(text, type)),
    FromObject: fn(type, [1, 1], (value) => cast(value, type)),
  },
});

const ENCODING: TypeMembers = {
  members: {
    UTF8: property('Encoding', () => new Host('Encoding', 'utf8')),
    ASCII: property('Encoding', () => new Host('Encoding', 'ascii')),
  },
};

/** Instance members of `Encoding`. */
export const ENCODING_INSTANCE: TypeMembers = {
  members: {
    GetBytes: method<Host>(
      'byte[]',
      [1, 1],
      ({ data }, [text]) => new Uint8Array(Buffer.from(asString(text), data as BufferEncoding)),
    ),
    GetString: method<Host>('string', [1, 1], ({ data }, [bytes]) =>
      Buffer.from(asBytes(bytes)).toString(data as BufferEncoding),
    ),
  },
};

const ARRAY_CLASS: TypeMembers = {
  members: {
    Exists: fn('bool', [2, 2], (items, test) => sequence(items).some((item) => asBool(asLambda(test)(item)))),
    IndexOf: fn('int', [2, 2], (items, wanted) => sequence(items).indexOf(wanted)),
  },
};

const minMax = (pick: (a: number, b: number) => number): Method =>
  fn('int', [2, 2], (a, b) => pick(asInt(a), asInt(b)));

/** Static members by class. */
export const STATIC_CLASSES: Readonly<Record<string, TypeMembers>> = {
  string: STRING_CLASS,
  String: STRING_CLASS,
  Convert: CONVERT,
  Uri: URI,
  Regex: REGEX,
  RegexOptions: constants('RegexOptions', 'IgnoreCase', 'None'),
  StringComparison: constants(
    'StringComparison',
    'Ordinal',
    'OrdinalIgnoreCase',
    'InvariantCulture',
    'InvariantCultureIgnoreCase',
  ),
  StringSplitOptions: constants('StringSplitOptions', 'None', 'RemoveEmptyEntries'),
  Formatting: constants('Formatting', 'None', 'Indented'),
  Guid: {
    members: {
      NewGuid: fn('Guid', [0, 0], () => new Guid(randomUUID())),
      Parse: fn('Guid', [1, 1], (text) => new Guid(asString(text))),
      Empty: property('Guid', () => new Guid('00000000-0000-0000-0000-000000000000')),
    },
  },
  DateTime: {
    members: {
      UtcNow: property('DateTime', (_, context) => new DateTime(context.now())),
      Parse: fn('DateTime', [1, 1], (text) => parsedDate(asString(text))),
    },
  },
  TimeSpan: { members: { FromSeconds: fn('TimeSpan', [1, 1], timeSpan) } },
  Math: {
    members: {
      Min: minMax(Math.min),
      Max: minMax(Math.max),
      Abs: fn('int', [1, 1], (value) => Math.abs(asInt(value))),
    },
  },
  int: { members: { Parse: fn('int', [1, 1], (text) => parsedInt(asString(text))) } },
  bool: { members: { Parse: fn('bool', [1, 1], (text) => parsedBool(asString(text))) } },
  Array: ARRAY_CLASS,
  Encoding: ENCODING,
  JObject: parses('JObject'),
  JArray: parses('JArray'),
  JToken: parses('JToken'),
  WebUtility: {
    members: {
      UrlEncode: fn('string', [1, 1], (text) => urlEncoded(asString(text))),
      UrlDecode: fn('string', [1, 1], (text) =>
        new URLSearchParams(`v=${asString(text).replaceAll('&', '%26')}`).get('v'),
      ),
      HtmlEncode: fn('string', [1, 1], (text) => htmlEncoded(asString(text))),
    },
  },
};

/** Members of `Match` and its groups. */
export const MATCH: TypeMembers = {
  members: {
    Success: property<Host>('bool', ({ data }) => data !== null),
    Value: property<Host>('string', ({ data }) => (data as RegExpExecArray | null)?.[0] ?? ''),
    Groups: property<Host>('Groups', ({ data }) => new Host('Groups', data)),
  },
};

export const GROUPS: TypeMembers = {
  members: {},
  indexer: {
    returns: 'Match',
    get: ({ data }: Host, index) => {
      const match = data as RegExpExecArray | null;
      const text = typeof index === 'number' ? match?.[index] : match?.groups?.[asString(index)];
      return new Host('Match', text === undefined ? null : [text]);
    },
  },
};
