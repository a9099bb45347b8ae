import type { Expr, Program, Statement } from './ast.ts';
import { CONSTRUCTORS } from './constructors.ts';
import type { Member, Method } from './members.ts';
import { isTextOrBool, neverEqual, notApplicable } from './operand-types.ts';
import { ExpressionError } from './scan.ts';
import { isStaticClass, membersOf, NAMESPACES } from './types.ts';

/** What is known of an expression before it runs. */
export interface Checked {
  /** Static type; undefined when only running it will tell. */
  readonly type: string | undefined;
  /** Bodies that have to be in memory before it runs. */
  readonly readsRequestBody: boolean;
  readonly readsResponseBody: boolean;
}

type Scope = ReadonlyMap<string, string | undefined>;

/**
 * Refuses what the compiler would refuse at the time a policy is saved: unknown names, members and types, conditions
 * that are not Boolean, wrong numbers of arguments.
 *
 * @throws ExpressionError at the first such place
 */
export function checkProgram(program: Program): Checked {
  const checker = new Checker();
  const type =
    program.kind === 'expression'
      ? checker.infer(program.body, new Map())
      : checker.block(program.body, new Map());
  const meant = /^(?:static |namespace |lambda$)/.exec(type ?? '');
  if (meant !== null) throw new ExpressionError('a type, namespace or lambda expression is not a value', 0);
  return { type, readsRequestBody: checker.readsRequestBody, readsResponseBody: checker.readsResponseBody };
}

class Checker {
  readsRequestBody = false;
  readsResponseBody = false;

  block(body: readonly Statement[], outer: Scope): string | undefined {
    const scope = new Map(outer);
    let returned: string | undefined;
    for (const item of body) {
      if (item.kind === 'return') returned = this.infer(item.value, scope);
      else if (item.kind === 'declare') this.#declare(item, scope);
      else if (item.kind === 'assign') this.#assign(item, scope);
      else if (item.kind === 'if') {
        this.#condition(item.test, scope);
        this.block(item.then, scope);
        this.block(item.otherwise, scope);
      } else {
        this.infer(item.source, scope);
        this.block(item.body, new Map([...scope, [item.name, undefined]]));
      }
    }
    return returned;
  }

  #declare(item: Statement & { kind: 'declare' }, scope: Map<string, string | undefined>): void {
    if (scope.has(item.name))
      throw new ExpressionError(`a local variable named '${item.name}' is already defined`, item.at);
    const type = this.infer(item.value, scope);
    scope.set(item.name, item.type ?? type);
  }

  #assign(item: Statement & { kind: 'assign' }, scope: Scope): void {
    if (!scope.has(item.name))
      throw new ExpressionError(`the name '${item.name}' does not exist in the current context`, item.at);
    this.infer(item.value, scope);
  }

  #condition(test: Expr, scope: Scope): void {
    const type = this.infer(test, scope);
    if (type !== undefined && type !== 'bool')
      throw new ExpressionError(`cannot implicitly convert type '${type}' to 'bool'`, test.at);
  }

  infer(expr: Expr, scope: Scope): string | undefined {
    switch (expr.kind) {
      case 'literal':
        return expr.value.type;
      case 'name':
        return this.#name(expr, scope);
      case 'member':
        return this.#property(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'index':
        return this.#index(expr, scope);
      case 'unary':
        return this.#unary(expr, scope);
      case 'binary':
        return this.#binary(expr, scope);
      case 'conditional':
        this.#condition(expr.test, scope);
        return common(this.infer(expr.whenTrue, scope), this.infer(expr.whenFalse, scope));
      case 'cast':
        this.infer(expr.operand, scope);
        return expr.type;
      case 'type-test':
        this.infer(expr.operand, scope);
        return expr.operator === 'is' ? 'bool' : expr.type;
      default:
        return this.#composed(expr, scope);
    }
  }

  #composed(
    expr: Expr & { kind: 'lambda' | 'interpolated' | 'new' | 'array' },
    scope: Scope,
  ): string | undefined {
    if (expr.kind === 'lambda') {
      this.infer(
        expr.body,
        new Map([...scope, ...expr.parameters.map((name) => [name, undefined] as const)]),
      );
      return 'lambda';
    }
    const parts = expr.kind === 'interpolated' ? expr.parts : expr.kind === 'new' ? expr.args : expr.items;
    for (const part of parts) if (typeof part !== 'string') this.infer(part, scope);
    if (expr.kind === 'interpolated') return 'string';
    if (expr.kind === 'new' && !Object.hasOwn(CONSTRUCTORS, expr.type)) {
      throw new ExpressionError(`'new ${expr.type}' is not supported`, expr.at);
    }
    return expr.kind === 'new' ? expr.type : 'array';
  }

  #name(expr: Expr & { kind: 'name' }, scope: Scope): string | undefined {
    if (scope.has(expr.name)) return scope.get(expr.name);
    if (expr.name === 'context') return 'Context';
    if (isStaticClass(expr.name)) return `static ${expr.name}`;
    if (NAMESPACES.has(expr.name)) return `namespace ${expr.name}`;
    throw new ExpressionError(
      `the name '${expr.name}' does not exist or is not allowed in expressions`,
      expr.at,
    );
  }

  #unary(expr: Expr & { kind: 'unary' }, scope: Scope): string | undefined {
    if (expr.operator === '!') this.#condition(expr.operand, scope);
    const type = this.infer(expr.operand, scope);
    if (expr.operator !== '!' && isTextOrBool(type))
      throw new ExpressionError(
        `operator '${expr.operator}' cannot be applied to operand of type '${type}'`,
        expr.at,
      );
    return type;
  }

  #binary(expr: Expr & { kind: 'binary' }, scope: Scope): string | undefined {
    const { operator } = expr;
    const left = this.infer(expr.left, scope);
    const right = this.infer(expr.right, scope);
    if (operator === '&&' || operator === '||') {
      this.#condition(expr.left, scope);
      this.#condition(expr.right, scope);
      return 'bool';
    }
    if (operator === '==' || operator === '!=') {
      if (left === 'object' && right === 'string')
        throw new ExpressionError('comparing object with string compares references: cast it first', expr.at);
      if (left !== undefined && right !== undefined && neverEqual(left, right))
        throw notApplicable(expr, left, right);
      return 'bool';
    }
    if (operator === '??') return left === 'null' ? right : left;
    if (operator === '+' && (left === 'string' || right === 'string')) return 'string';
    if (isTextOrBool(left) || isTextOrBool(right)) throw notApplicable(expr, left, right);
    if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') return 'bool';
    if (operator === '-' && left === 'DateTime' && right === 'DateTime') return 'TimeSpan';
    return common(left, right);
  }

  #member(expr: Expr & { kind: 'member' }, scope: Scope): Member | undefined {
    const target = this.infer(expr.target, scope);
    if (expr.name === 'Body') {
      if (target !== 'Response') this.readsRequestBody = true;
      if (target !== 'Request') this.readsResponseBody = true;
    }
    if (target === undefined) return undefined;
    const table = membersOf(target);
    const member =
      table !== undefined && Object.hasOwn(table.members, expr.name) ? table.members[expr.name] : undefined;
    if (member === undefined) {
      throw new ExpressionError(
        `'${target.replace('static ', '')}' has no member '${expr.name}' that is allowed in expressions`,
        expr.at,
      );
    }
    return member;
  }

  #property(expr: Expr & { kind: 'member' }, scope: Scope): string | undefined {
    const path = qualifiedName(expr);
    if (path !== undefined && !scope.has(path.split('.')[0] ?? '')) {
      if (NAMESPACES.has(path)) return `namespace ${path}`;
      if (NAMESPACES.has(path.slice(0, path.lastIndexOf('.'))) && isStaticClass(expr.name))
        return `static ${expr.name}`;
    }
    const member = this.#member(expr, scope);
    if (member?.kind === 'method')
      throw new ExpressionError(`'${expr.name}' is a method and must be called`, expr.at);
    return member?.returns;
  }

  #call(expr: Expr & { kind: 'call' }, scope: Scope): string | undefined {
    const { callee } = expr;
    if (callee.kind !== 'member') throw new ExpressionError('only methods can be called', expr.at);
    const method = this.#member(callee, scope);
    const types = expr.args.map((arg) => this.infer(arg, scope));
    if (method === undefined) return expr.typeArguments[0];
    if (method.kind === 'property') throw new ExpressionError(`'${callee.name}' is not a method`, callee.at);
    this.#arguments(callee.name, method, expr);
    if (method.returns !== 'T') return method.returns;
    return expr.typeArguments[0] ?? types[1] ?? 'object';
  }

  #arguments(name: string, method: Method, expr: Expr & { kind: 'call' }): void {
    const count = expr.args.length;
    if (count < method.minArgs || count > method.maxArgs)
      throw new ExpressionError(`no overload for method '${name}' takes ${count} arguments`, expr.at);
    if (!method.generic && expr.typeArguments.length > 0)
      throw new ExpressionError(`the method '${name}' cannot be used with type arguments`, expr.at);
  }

  #index(expr: Expr & { kind: 'index' }, scope: Scope): string | undefined {
    const target = this.infer(expr.target, scope);
    for (const arg of expr.args) this.infer(arg, scope);
    if (expr.args.length !== 1) throw new ExpressionError('exactly one index is supported', expr.at);
    if (target === undefined) return undefined;
    const indexer = membersOf(target)?.indexer;
    if (indexer === undefined)
      throw new ExpressionError(
        `cannot apply indexing with [] to an expression of type '${target}'`,
        expr.at,
      );
    return indexer.returns;
  }
}

/** `System.Text.Encoding` when the expression is only names and dots. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'name') return expr.name;
  if (expr.kind !== 'member' || expr.conditional) return undefined;
  const target = qualifiedName(expr.target);
  return target === undefined ? undefined : `${target}.${expr.name}`;
}

function common(a: string | undefined, b: string | undefined): string | undefined {
  if (a === 'null') return b;
  if (b === 'null' || a === b) return a;
  return a === 'double' || b === 'double' ? 'double' : undefined;
}
