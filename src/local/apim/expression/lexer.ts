import { ExpressionError, literalEnd } from './scan.ts';

export interface Token {
  readonly kind: 'name' | 'int' | 'double' | 'string' | 'interpolated' | 'char' | 'operator' | 'end';
  /** Source text; for `string` and `char` the decoded value. */
  readonly text: string;
  readonly at: number;
}

const OPERATORS = /=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\?\[|[-+*/%<>=!?:.,;(){}[\]]/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(\d[\d_]*)(\.\d+)?([dDfFmMlLuU]*)/y;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** The tokens of a C# text that starts at offset `base` of its expression; comments are dropped. */
export function tokenize(text: string, base = 0): Token[] {
  try {
    return tokensOf(text, base);
  } catch (error) {
    throw error instanceof ExpressionError ? new ExpressionError(error.message, error.offset + base) : error;
  }
}

function tokensOf(text: string, base: number): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < text.length; ) {
    const char = text[i] ?? '';
    const end = /\s/.test(char) ? i + 1 : literalEnd(text, i);
    const token = end === undefined ? wordAt(text, i) : literalToken(text.slice(i, end), i);
    if (token !== undefined) tokens.push({ ...token, at: token.at + base });
    i = end ?? i + (token?.width ?? 1);
  }
  tokens.push({ kind: 'end', text: '', at: text.length + base });
  return tokens;
}

type Sized = Token & { readonly width: number };

function wordAt(text: string, at: number): Sized {
  NAME.lastIndex = NUMBER.lastIndex = OPERATORS.lastIndex = at;
  const name = NAME.exec(text);
  if (name !== null) return { kind: 'name', text: name[0], at, width: name[0].length };
  const number = NUMBER.exec(text);
  if (number !== null) {
    const real = number[2] !== undefined || /[dDfFmM]/.test(number[3] ?? '');
    const digits = `${number[1]}${number[2] ?? ''}`.replaceAll('_', '');
    return { kind: real ? 'double' : 'int', text: digits, at, width: number[0].length };
  }
  const operator = OPERATORS.exec(text);
  if (operator === null) throw new ExpressionError(`unexpected character '${text[at]}'`, at);
  return { kind: 'operator', text: operator[0], at, width: operator[0].length };
}

function literalToken(raw: string, at: number): Sized | undefined {
  if (raw.trim() === '' || raw.startsWith('//') || raw.startsWith('/*')) return undefined;
  const width = raw.length;
  if (raw.startsWith("'")) {
    const text = unescaped(raw.slice(1, -1), at + 1);
    if (text.length !== 1) throw new ExpressionError('a character literal holds exactly one character', at);
    return { kind: 'char', text, at, width };
  }
  if (raw.startsWith('$') || raw.startsWith('@$')) return { kind: 'interpolated', text: raw, at, width };
  if (raw.startsWith('@')) return { kind: 'string', text: raw.slice(2, -1).replaceAll('""', '"'), at, width };
  return { kind: 'string', text: unescaped(raw.slice(1, -1), at + 1), at, width };
}

/** Decodes C#'s escapes; an unknown one is an error, as it is for the compiler. */
export function unescaped(text: string, at: number): string {
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{1,4})|([\s\S])|$)/g,
    (match, u, x, simple, index) => {
      const hex: string | undefined = u ?? x;
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      const known = SIMPLE_ESCAPES[String(simple)];
      if (known === undefined)
        throw new ExpressionError(`unrecognized escape sequence '${match}'`, at + Number(index));
      return known;
    },
  );
}
