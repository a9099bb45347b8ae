import type { Expr } from './ast.ts';
import { type Token, unescaped } from './lexer.ts';
import { balancedEnd, ExpressionError } from './scan.ts';

/** `$"text {hole} {{brace}}"`, verbatim or not. */
export function parseInterpolated(token: Token, hole: (text: string, at: number) => Expr): Expr {
  const verbatim = token.text.slice(0, 2).includes('@');
  const text = token.text.slice(0, -1);
  const plain = (from: number, to: number): string => {
    const raw = text.slice(from, to);
    return verbatim ? raw.replaceAll('""', '"') : unescaped(raw, token.at + from);
  };
  const parts: (string | Expr)[] = [];
  let start = token.text.indexOf('"') + 1;
  let literal = '';
  for (let i = start; i < text.length; ) {
    const char = text[i];
    if (char !== '{' && char !== '}') {
      i += char === '\\' && !verbatim ? 2 : 1;
      continue;
    }
    literal += plain(start, i);
    if (text[i + 1] === char) {
      literal += char;
      i += 2;
    } else if (char === '}') throw new ExpressionError("unexpected '}'", token.at + i);
    else {
      const end = balancedEnd(text, i);
      parts.push(literal, hole(text.slice(i + 1, end - 1), token.at + i + 1));
      literal = '';
      i = end;
    }
    start = i;
  }
  parts.push(literal + plain(start, text.length));
  return { kind: 'interpolated', at: token.at, parts };
}
