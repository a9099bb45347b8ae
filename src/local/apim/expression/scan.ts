/** A C# expression that cannot be read; `offset` counts from the start of the expression's text. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Interpolated strings inside holes of interpolated strings are refused beyond this. */
const MAX_STRING_DEPTH = 16;

/**
 * The end of the comment, string or character literal that starts at `at`; undefined when none starts there.
 * Used by the lifter (which only needs balance) and by the lexer, so that both agree on where a literal ends.
 */
export function literalEnd(text: string, at: number, depth = 0): number | undefined {
  const two = text.slice(at, at + 2);
  if (two === '//') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (two === '/*') return closed(text.indexOf('*/', at + 2), 2, 'unterminated comment', at);
  const prefix = /^(?:\$@|@\$|[$@])?"/.exec(text.slice(at, at + 3))?.[0];
  if (prefix !== undefined) {
    const verbatim = prefix.includes('@');
    return stringEnd(text, at, at + prefix.length, { verbatim, interpolated: prefix.includes('$'), depth });
  }
  return text[at] === "'" ? charEnd(text, at) : undefined;
}

/** The offset just after the bracket that closes the one at `at`. */
export function balancedEnd(text: string, at: number, depth = 0): number {
  if (depth > MAX_STRING_DEPTH) throw new ExpressionError('strings are nested too deeply', at);
  const open: string[] = [];
  for (let i = at; i < text.length; ) {
    const literal = literalEnd(text, i, depth);
    if (literal !== undefined) {
      i = literal;
      continue;
    }
    const char = text[i] ?? '';
    if (char === '(') open.push(')');
    else if (char === '{') open.push('}');
    else if (char === '[') open.push(']');
    else if (char === ')' || char === '}' || char === ']') {
      if (open.pop() !== char) throw new ExpressionError(`unexpected '${char}'`, i);
      if (open.length === 0) return i + 1;
    }
    i += 1;
  }
  throw new ExpressionError(`'${open.at(-1) ?? ')'}' expected`, text.length);
}

interface StringKind {
  readonly verbatim: boolean;
  readonly interpolated: boolean;
  /** How many interpolated strings stand around this one. */
  readonly depth: number;
}

function stringEnd(text: string, start: number, from: number, kind: StringKind): number {
  for (let i = from; i < text.length; i += 1) {
    const char = text[i];
    if (char === '"') {
      if (!kind.verbatim || text[i + 1] !== '"') return i + 1;
      i += 1;
    } else if (char === '\\' && !kind.verbatim) i += 1;
    else if (char === '\n' && !kind.verbatim) throw new ExpressionError('newline in constant', start);
    else if (char === '{' && kind.interpolated) {
      if (text[i + 1] === '{') i += 1;
      else i = balancedEnd(text, i, kind.depth + 1) - 1;
    }
  }
  throw new ExpressionError('unterminated string literal', start);
}

function charEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length && text[i] !== '\n'; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === "'") return i + 1;
  }
  throw new ExpressionError('unterminated character literal', at);
}

function closed(index: number, width: number, message: string, at: number): number {
  if (index < 0) throw new ExpressionError(message, at);
  return index + width;
}
