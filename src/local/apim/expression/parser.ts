import type { BinaryOperator, Expr, Program } from './ast.ts';
import { parseInterpolated } from './interpolation.ts';
import { type Token, tokenize } from './lexer.ts';
import { balancedEnd, ExpressionError } from './scan.ts';
import { parseStatements } from './statements.ts';
import { TokenReader } from './token-reader.ts';
import { canonicalType, isKnownType, PRIMITIVES, readType, readTypeArguments } from './type-names.ts';

const PRECEDENCE: Readonly<Record<string, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '==': 4,
  '!=': 4,
  '<': 5,
  '>': 5,
  '<=': 5,
  '>=': 5,
  is: 5,
  as: 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
};
const RESERVED = new Set([
  'return',
  'if',
  'else',
  'var',
  'foreach',
  'for',
  'while',
  'do',
  'switch',
  'throw',
  'try',
  'catch',
  'using',
  'out',
  'ref',
  'in',
  'await',
  'async',
  'lock',
  'goto',
  'typeof',
  'default',
  'delegate',
  'class',
  'this',
  'base',
  'unsafe',
  'checked',
  'stackalloc',
  'yield',
  'from',
]);
/** Nesting deeper than this is refused before it can exhaust the stack. */
const MAX_DEPTH = 100;

/** Parses `@(expression)` or `@{ statements }`; offsets in errors count from the `@`. */
export function parseExpression(text: string): Program {
  const open = text[1];
  const end = balancedEnd(text, 1);
  if (text.slice(end).trim() !== '') throw new ExpressionError('an expression must be the whole value', end);
  const reader = new TokenReader(tokenize(text.slice(2, end - 1), 2));
  const parser = new Parser(reader);
  if (open === '{') {
    const body = parseStatements(reader, () => parser.expression());
    expectEnd(reader);
    return { kind: 'block', body };
  }
  const body = parser.expression();
  expectEnd(reader);
  return { kind: 'expression', body };
}

function expectEnd(reader: TokenReader): void {
  const next = reader.peek();
  if (next.kind !== 'end')
    throw new ExpressionError(`') expected' near '${next.text.slice(0, 20)}'`, next.at);
}

class Parser {
  readonly #reader: TokenReader;
  #depth = 0;

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  expression(): Expr {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new ExpressionError('the expression is nested too deeply', this.#reader.peek().at);
    const test = this.#lambda() ?? this.#binary(1);
    const result = this.#reader.is('?') ? this.#ternary(test) : test;
    this.#depth -= 1;
    return result;
  }

  #ternary(test: Expr): Expr {
    const { at } = this.#reader.take();
    const whenTrue = this.expression();
    this.#reader.expect(':');
    return { kind: 'conditional', at, test, whenTrue, whenFalse: this.expression() };
  }

  #lambda(): Expr | undefined {
    const reader = this.#reader;
    const { at } = reader.peek();
    const parameters = reader.attempt(() => {
      const names: string[] = [];
      if (reader.accept('(')) {
        while (reader.peek().kind === 'name') {
          names.push(reader.take().text);
          if (!reader.accept(',')) break;
        }
        if (!reader.accept(')')) return undefined;
      } else if (reader.peek().kind === 'name') names.push(reader.take().text);
      return reader.accept('=>') ? names : undefined;
    });
    return parameters && { kind: 'lambda', at, parameters, body: this.expression() };
  }

  #binary(minimum: number): Expr {
    const reader = this.#reader;
    let left = this.#unary();
    for (;;) {
      const token = reader.peek();
      const precedence =
        token.kind === 'operator' || token.kind === 'name' ? (PRECEDENCE[token.text] ?? 0) : 0;
      if (precedence < minimum) return left;
      reader.take();
      if (token.text === 'is' || token.text === 'as') left = this.#typeTest(token, left);
      else {
        // `??` binds to the right, everything else to the left.
        const right = this.#binary(token.text === '??' ? precedence : precedence + 1);
        left = { kind: 'binary', at: token.at, operator: token.text as BinaryOperator, left, right };
      }
    }
  }

  #typeTest(token: Token, operand: Expr): Expr {
    return {
      kind: 'type-test',
      at: token.at,
      operator: token.text as 'is' | 'as',
      type: this.#type(false),
      operand,
    };
  }

  #unary(): Expr {
    const reader = this.#reader;
    const token = reader.peek();
    if (token.kind === 'operator' && (token.text === '!' || token.text === '-' || token.text === '+')) {
      reader.take();
      return { kind: 'unary', at: token.at, operator: token.text, operand: this.#unary() };
    }
    const type = reader.attempt(() => this.#castType());
    if (type !== undefined) return { kind: 'cast', at: token.at, type, operand: this.#unary() };
    return this.#postfix(this.#primary());
  }

  #castType(): string | undefined {
    const reader = this.#reader;
    if (!reader.accept('(')) return undefined;
    const type = readType(reader);
    if (type === undefined || !isKnownType(type) || !reader.accept(')')) return undefined;
    const next = reader.peek();
    const operandFollows =
      next.kind !== 'operator' ? next.kind !== 'end' : next.text === '(' || next.text === '!';
    return operandFollows || (PRIMITIVES.has(type) && next.text === '-') ? canonicalType(type) : undefined;
  }

  #postfix(start: Expr): Expr {
    const reader = this.#reader;
    let target = start;
    for (;;) {
      const token = reader.peek();
      if (reader.accept('.') || reader.accept('?.')) {
        const name = reader.name();
        target = { kind: 'member', at: name.at, target, name: name.text, conditional: token.text === '?.' };
      } else if (reader.accept('[') || reader.accept('?[')) {
        const args = this.#list(']');
        target = { kind: 'index', at: token.at, target, args, conditional: token.text === '?[' };
      } else {
        const typeArguments = this.#genericArguments() ?? [];
        if (typeArguments.length === 0 && !reader.is('(')) return target;
        reader.expect('(');
        target = { kind: 'call', at: target.at, callee: target, typeArguments, args: this.#list(')') };
      }
    }
  }

  #genericArguments(): string[] | undefined {
    const types = this.#reader.attempt(() => {
      const read = readTypeArguments(this.#reader);
      return read !== undefined && this.#reader.is('(') ? read : undefined;
    });
    for (const type of types ?? []) this.#known(type);
    return types?.map(canonicalType);
  }

  #primary(): Expr {
    const token = this.#reader.take();
    const { at } = token;
    switch (token.kind) {
      case 'string':
      case 'char':
        return { kind: 'literal', at, value: { type: token.kind, value: token.text } };
      case 'int':
      case 'double':
        return { kind: 'literal', at, value: { type: token.kind, value: Number(token.text) } };
      case 'interpolated':
        return parseInterpolated(token, (text, at) => this.#hole(text, at));
      case 'name':
        return this.#word(token);
      case 'operator':
        if (token.text !== '(') break;
        return this.#parenthesised();
      case 'end':
        throw new ExpressionError('expression expected', at);
    }
    throw new ExpressionError(`invalid expression term '${token.text}'`, at);
  }

  #parenthesised(): Expr {
    const inner = this.expression();
    this.#reader.expect(')');
    return inner;
  }

  #word(token: Token): Expr {
    const { at, text } = token;
    if (text === 'true' || text === 'false')
      return { kind: 'literal', at, value: { type: 'bool', value: text === 'true' } };
    if (text === 'null') return { kind: 'literal', at, value: { type: 'null', value: null } };
    if (text === 'new') return this.#creation(at);
    if (RESERVED.has(text)) throw new ExpressionError(`'${text}' is not supported here`, at);
    return { kind: 'name', at, name: text };
  }

  #creation(at: number): Expr {
    const reader = this.#reader;
    if (reader.accept('[')) {
      reader.expect(']');
      reader.expect('{');
      return { kind: 'array', at, elementType: undefined, items: this.#list('}') };
    }
    const type = this.#type();
    if (reader.accept('{')) {
      if (type !== 'array') throw new ExpressionError('only arrays may have an initializer', at);
      return { kind: 'array', at, elementType: type, items: this.#list('}') };
    }
    reader.expect('(');
    return { kind: 'new', at, type, args: this.#list(')') };
  }

  #hole(text: string, at: number): Expr {
    const reader = new TokenReader(tokenize(text, at));
    const expression = new Parser(reader).expression();
    if (reader.peek().kind !== 'end')
      throw new ExpressionError('format specifiers are not supported', reader.peek().at);
    return expression;
  }

  #list(close: string): Expr[] {
    const items: Expr[] = [];
    if (this.#reader.accept(close)) return items;
    do {
      this.#argumentName();
      items.push(this.expression());
    } while (this.#reader.accept(','));
    this.#reader.expect(close);
    return items;
  }

  /** `As<JObject>(preserveContent: true)`; no other argument is given by name. */
  #argumentName(): void {
    const reader = this.#reader;
    if (reader.peek().kind !== 'name' || !reader.is(':', 1)) return;
    if (!reader.accept('preserveContent')) {
      throw new ExpressionError(
        `the argument name '${reader.peek().text}' is not supported`,
        reader.peek().at,
      );
    }
    reader.expect(':');
  }

  /** `x is string ? a : b` is a test and a choice, not a nullable type. */
  #type(nullable = true): string {
    const { at } = this.#reader.peek();
    const type = readType(this.#reader, nullable);
    if (type === undefined) throw new ExpressionError('type expected', at);
    return canonicalType(this.#known(type, at));
  }

  #known(type: string, at = this.#reader.peek().at): string {
    if (!isKnownType(type)) throw new ExpressionError(`type '${type}' is not allowed in expressions`, at);
    return type;
  }
}
