import { jwtOf } from './jwt.ts';
import { type Method, method, property, type TypeMembers } from './members.ts';
import { LINQ } from './sequence-members.ts';
import { asInt, asString, Char, EvaluationError, Host, toText } from './value.ts';

/** `StringComparison` and nothing else decides about case. */
function ignoresCase(option: unknown): boolean {
  return (
    option instanceof Host && option.type === 'StringComparison' && String(option.data).endsWith('IgnoreCase')
  );
}

function compared(
  test: (text: string, part: string) => boolean,
): (text: string, args: readonly unknown[]) => boolean {
  return (text, [part, option]) =>
    ignoresCase(option) ? test(text.toLowerCase(), asString(part).toLowerCase()) : test(text, asString(part));
}

function substring(text: string, [start, length]: readonly unknown[]): string {
  const from = asInt(start);
  const to = length === undefined ? text.length : from + asInt(length);
  if (from < 0 || to < from || to > text.length) {
    throw new EvaluationError('index and length must refer to a location within the string');
  }
  return text.slice(from, to);
}

function split(text: string, args: readonly unknown[]): string[] {
  const option = args.at(-1);
  const drop = option instanceof Host && option.data === 'RemoveEmptyEntries';
  const separators = args
    .flat()
    .filter((item) => !(item instanceof Host))
    .map(asString);
  // Without separators every white-space character is one.
  let parts = separators.length === 0 ? text.split(/\s/) : [text];
  for (const separator of separators) parts = parts.flatMap((part) => part.split(separator));
  return drop ? parts.filter((part) => part !== '') : parts;
}

function trim(ends: 'both' | 'start' | 'end'): Method {
  return method<string>('string', [0, 8], (text, args) => {
    const chars = args.length === 0 ? undefined : args.flat().map(asString);
    const cut = (char: string): boolean => (chars === undefined ? /\s/.test(char) : chars.includes(char));
    let [from, to] = [0, text.length];
    while (ends !== 'end' && from < to && cut(text[from] ?? '')) from += 1;
    while (ends !== 'start' && to > from && cut(text[to - 1] ?? '')) to -= 1;
    return text.slice(from, to);
  });
}

function basicCredentials(text: string): Host | null {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(text.trim())?.[1];
  const decoded = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return null;
  return new Host('BasicAuthCredentials', {
    userId: decoded.slice(0, colon),
    password: decoded.slice(colon + 1),
  });
}

export const STRING: TypeMembers = {
  members: {
    ...Object.fromEntries(
      (['Any', 'All', 'Count', 'First', 'Last', 'Where', 'Select'] as const).map((name) => {
        const linq = LINQ[name] as Method;
        const call: Method['call'] = (text: string, args, info) =>
          linq.call([...text].map((char) => new Char(char)) as never, args, info);
        return [name, { ...linq, call }];
      }),
    ),
    Length: property<string>('int', (text) => text.length),
    ToString: method<string>('string', [0, 0], (text) => text),
    ToLower: method<string>('string', [0, 0], (text) => text.toLowerCase()),
    ToUpper: method<string>('string', [0, 0], (text) => text.toUpperCase()),
    ToLowerInvariant: method<string>('string', [0, 0], (text) => text.toLowerCase()),
    ToUpperInvariant: method<string>('string', [0, 0], (text) => text.toUpperCase()),
    Trim: trim('both'),
    TrimStart: trim('start'),
    TrimEnd: trim('end'),
    StartsWith: method<string>(
      'bool',
      [1, 2],
      compared((text, part) => text.startsWith(part)),
    ),
    EndsWith: method<string>(
      'bool',
      [1, 2],
      compared((text, part) => text.endsWith(part)),
    ),
    Contains: method<string>(
      'bool',
      [1, 2],
      compared((text, part) => text.includes(part)),
    ),
    Equals: method<string>(
      'bool',
      [1, 2],
      (text, args) => typeof args[0] === 'string' && compared((a, b) => a === b)(text, args),
    ),
    IndexOf: method<string>('int', [1, 2], (text, [part, option]) =>
      ignoresCase(option)
        ? text.toLowerCase().indexOf(asString(part).toLowerCase())
        : text.indexOf(asString(part), typeof option === 'number' ? option : 0),
    ),
    LastIndexOf: method<string>('int', [1, 1], (text, [part]) => text.lastIndexOf(asString(part))),
    Substring: method<string>('string', [1, 2], substring),
    Replace: method<string>('string', [2, 2], (text, [from, to]) => {
      if (from === '') throw new EvaluationError('string cannot be of zero length');
      return text.replaceAll(asString(from), () => toText(to));
    }),
    Split: method<string>('array', [0, 8], split),
    PadLeft: method<string>('string', [1, 2], (text, [width, fill]) =>
      text.padStart(asInt(width), toText(fill ?? ' ')),
    ),
    PadRight: method<string>('string', [1, 2], (text, [width, fill]) =>
      text.padEnd(asInt(width), toText(fill ?? ' ')),
    ),
    Remove: method<string>('string', [1, 2], (text, args) => {
      const removed = substring(text, args);
      const from = asInt(args[0]);
      return text.slice(0, from) + text.slice(from + removed.length);
    }),
    ToCharArray: method<string>('array', [0, 0], (text) => [...text].map((char) => new Char(char))),
    AsJwt: method<string>('Jwt', [0, 0], (text) => jwtOf(text)),
    AsBasic: method<string>('BasicAuthCredentials', [0, 0], basicCredentials),
  },
  indexer: {
    returns: 'char',
    get: (text: string, index) => new Char(substring(text, [index, 1])),
  },
};

export const BASIC_CREDENTIALS: TypeMembers = {
  members: {
    UserId: property<Host>('string', ({ data }) => (data as { userId: string }).userId),
    Password: property<Host>('string', ({ data }) => (data as { password: string }).password),
  },
};
