import type { Expr, Statement } from './ast.ts';
import { ExpressionError } from './scan.ts';
import type { TokenReader } from './token-reader.ts';
import { canonicalType, isKnownType, readType } from './type-names.ts';

/** Reads statements up to `}` or the end; every path has to return, as the compiler demands. */
export function parseStatements(reader: TokenReader, expression: () => Expr): Statement[] {
  const start = reader.peek().at;
  const body = readUntilClose(reader, expression);
  if (!returns(body)) throw new ExpressionError('not all code paths return a value', start);
  return body;
}

function readUntilClose(reader: TokenReader, expression: () => Expr): Statement[] {
  const body: Statement[] = [];
  while (reader.peek().kind !== 'end' && !reader.is('}')) {
    if (reader.accept(';')) continue;
    body.push(statement(reader, expression));
  }
  return body;
}

function block(reader: TokenReader, expression: () => Expr): Statement[] {
  if (!reader.accept('{')) return [statement(reader, expression)];
  const body = readUntilClose(reader, expression);
  reader.expect('}');
  return body;
}

function statement(reader: TokenReader, expression: () => Expr): Statement {
  const { at } = reader.peek();
  if (reader.accept('return')) return { kind: 'return', at, value: ended(reader, expression()) };
  if (reader.accept('if')) return ifStatement(reader, expression, at);
  if (reader.accept('foreach')) return foreachStatement(reader, expression, at);
  if (reader.peek().kind === 'name' && reader.is('=', 1)) {
    const name = reader.take().text;
    reader.take();
    return { kind: 'assign', at, name, value: ended(reader, expression()) };
  }
  const declared = reader.attempt(() => {
    const type = readType(reader);
    if (type === undefined || reader.peek().kind !== 'name' || !reader.is('=', 1)) return undefined;
    const name = reader.take().text;
    reader.take();
    return { type, name };
  });
  if (declared === undefined) throw new ExpressionError('this statement is not supported', at);
  const { type, name } = declared;
  if (type !== 'var' && !isKnownType(type))
    throw new ExpressionError(`type '${type}' is not allowed in expressions`, at);
  const value = ended(reader, expression());
  return { kind: 'declare', at, type: type === 'var' ? undefined : canonicalType(type), name, value };
}

function ifStatement(reader: TokenReader, expression: () => Expr, at: number): Statement {
  reader.expect('(');
  const test = expression();
  reader.expect(')');
  const then = block(reader, expression);
  const otherwise = reader.accept('else') ? block(reader, expression) : [];
  return { kind: 'if', at, test, then, otherwise };
}

function foreachStatement(reader: TokenReader, expression: () => Expr, at: number): Statement {
  reader.expect('(');
  if (readType(reader) === undefined) throw new ExpressionError('type expected', reader.peek().at);
  const name = reader.name().text;
  reader.expect('in');
  const source = expression();
  reader.expect(')');
  return { kind: 'foreach', at, name, source, body: block(reader, expression) };
}

function ended(reader: TokenReader, value: Expr): Expr {
  reader.expect(';');
  return value;
}

function returns(body: readonly Statement[]): boolean {
  return body.some(
    (item) => item.kind === 'return' || (item.kind === 'if' && returns(item.then) && returns(item.otherwise)),
  );
}
