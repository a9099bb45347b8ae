import type { Expr, Program, Statement } from './ast.ts';
import { cast, isA } from './cast.ts';
import { qualifiedName } from './check.ts';
import { CONSTRUCTORS } from './constructors.ts';
import type { EvaluationContext } from './evaluation-context.ts';
import type { Method } from './members.ts';
import { applyBinary } from './operators.ts';
import { isStaticClass, membersOf, NAMESPACES } from './types.ts';
import { asBool, Char, Double, EvaluationError, Host, int, StaticClass, toText, typeOf } from './value.ts';

/** Runs a checked program. @throws EvaluationError for everything that would be an exception in C# */
export function evaluateProgram(program: Program, context: EvaluationContext): unknown {
  const evaluator = new Evaluator(context);
  if (program.kind === 'expression') return evaluator.value(program.body, new Locals());
  return evaluator.run(program.body, new Locals())?.value;
}

/** Local variables of a block; inner blocks see and change outer ones. */
class Locals {
  readonly #outer: Locals | undefined;
  readonly #values = new Map<string, unknown>();

  constructor(outer?: Locals) {
    this.#outer = outer;
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name) || (this.#outer?.has(name) ?? false);
  }

  get(name: string): unknown {
    return this.#values.has(name) ? this.#values.get(name) : this.#outer?.get(name);
  }

  assign(name: string, value: unknown): void {
    if (this.#values.has(name)) this.#values.set(name, value);
    else this.#outer?.assign(name, value);
  }
}

class Evaluator {
  readonly #context: EvaluationContext;

  constructor(context: EvaluationContext) {
    this.#context = context;
  }

  /** The returned value in a box; undefined when the block ended without `return`. */
  run(body: readonly Statement[], locals: Locals): { value: unknown } | undefined {
    for (const item of body) {
      const result = this.#statement(item, locals);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  #statement(item: Statement, locals: Locals): { value: unknown } | undefined {
    switch (item.kind) {
      case 'return':
        return { value: this.value(item.value, locals) };
      case 'declare': {
        const value = this.value(item.value, locals);
        locals.declare(item.name, item.type === undefined ? value : cast(value, item.type));
        return undefined;
      }
      case 'assign':
        locals.assign(item.name, this.value(item.value, locals));
        return undefined;
      case 'if':
        return this.run(
          asBool(this.value(item.test, locals)) ? item.then : item.otherwise,
          new Locals(locals),
        );
      case 'foreach':
        return this.#foreach(item, locals);
    }
  }

  #foreach(item: Statement & { kind: 'foreach' }, locals: Locals): { value: unknown } | undefined {
    for (const element of this.#elements(this.value(item.source, locals))) {
      const inner = new Locals(locals);
      inner.declare(item.name, element);
      const result = this.run(item.body, inner);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  #elements(source: unknown): readonly unknown[] {
    if (Array.isArray(source)) return source;
    const children = membersOf(typeOf(source))?.members['Children'];
    if (children?.kind !== 'method') throw new EvaluationError('foreach needs a sequence');
    return children.call(source as never, [], { typeArguments: [], context: this.#context }) as unknown[];
  }

  value(expr: Expr, locals: Locals): unknown {
    switch (expr.kind) {
      case 'literal':
        if (expr.value.type === 'char') return new Char(expr.value.value);
        return expr.value.type === 'double' ? new Double(expr.value.value) : expr.value.value;
      case 'name':
        return this.#name(expr.name, locals);
      case 'member':
        return this.#property(expr, locals);
      case 'call':
        return this.#call(expr, locals);
      case 'index':
        return this.#index(expr, locals);
      case 'unary':
        return this.#unary(expr, locals);
      case 'binary':
        return this.#binary(expr, locals);
      case 'conditional':
        return this.value(asBool(this.value(expr.test, locals)) ? expr.whenTrue : expr.whenFalse, locals);
      case 'cast':
        return cast(this.value(expr.operand, locals), expr.type);
      default:
        return this.#composed(expr, locals);
    }
  }

  #composed(
    expr: Expr & { kind: 'type-test' | 'lambda' | 'interpolated' | 'new' | 'array' },
    locals: Locals,
  ): unknown {
    switch (expr.kind) {
      case 'type-test': {
        const value = this.value(expr.operand, locals);
        if (expr.operator === 'is') return isA(value, expr.type);
        return isA(value, expr.type) ? value : null;
      }
      case 'lambda':
        return (...args: unknown[]) => {
          const inner = new Locals(locals);
          for (const [index, name] of expr.parameters.entries()) inner.declare(name, args[index] ?? null);
          return this.value(expr.body, inner);
        };
      case 'interpolated':
        return expr.parts
          .map((part) => (typeof part === 'string' ? part : toText(this.value(part, locals))))
          .join('');
      case 'new': {
        const make = Object.hasOwn(CONSTRUCTORS, expr.type) ? CONSTRUCTORS[expr.type] : undefined;
        if (make === undefined) throw new EvaluationError(`'new ${expr.type}' is not supported`);
        return make(...expr.args.map((arg) => this.value(arg, locals)));
      }
      case 'array':
        return expr.items.map((item) => this.value(item, locals));
    }
  }

  #name(name: string, locals: Locals): unknown {
    if (locals.has(name)) return locals.get(name);
    if (name === 'context') return new Host('Context', this.#context);
    if (isStaticClass(name)) return new StaticClass(name);
    throw new EvaluationError(`the name '${name}' does not exist`);
  }

  #property(expr: Expr & { kind: 'member' }, locals: Locals): unknown {
    const path = qualifiedName(expr);
    if (
      path !== undefined &&
      NAMESPACES.has(path.slice(0, path.lastIndexOf('.'))) &&
      isStaticClass(expr.name)
    ) {
      return new StaticClass(expr.name);
    }
    const target = this.value(expr.target, locals);
    if (target === null && (expr.conditional || isConditional(expr.target))) return null;
    const member = this.#memberOf(target, expr.name);
    if (member.kind !== 'property') throw new EvaluationError(`'${expr.name}' is a method`);
    return member.get(target as never, this.#context) ?? null;
  }

  #call(expr: Expr & { kind: 'call' }, locals: Locals): unknown {
    const { callee } = expr;
    if (callee.kind !== 'member') throw new EvaluationError('only methods can be called');
    const target = this.value(callee.target, locals);
    if (target === null && (callee.conditional || isConditional(callee.target))) return null;
    const member = this.#memberOf(target, callee.name);
    if (member.kind !== 'method') throw new EvaluationError(`'${callee.name}' is not a method`);
    const args = expr.args.map((arg) => this.value(arg, locals));
    return this.#invoke(callee.name, member, target, args, expr.typeArguments);
  }

  #invoke(
    name: string,
    method: Method,
    target: unknown,
    args: readonly unknown[],
    typeArguments: readonly string[],
  ): unknown {
    if (args.length < method.minArgs || args.length > method.maxArgs)
      throw new EvaluationError(`no overload for '${name}' takes ${args.length} arguments`);
    return method.call(target as never, args, { typeArguments, context: this.#context }) ?? null;
  }

  #memberOf(target: unknown, name: string): NonNullable<ReturnType<typeof membersOf>>['members'][string] {
    if (target === null || target === undefined)
      throw new EvaluationError('object reference not set to an instance of an object');
    const type = typeOf(target);
    const table = membersOf(type);
    const member =
      table !== undefined && Object.hasOwn(table.members, name) ? table.members[name] : undefined;
    if (member === undefined)
      throw new EvaluationError(`'${type}' has no member '${name}' that is allowed in expressions`);
    return member;
  }

  #index(expr: Expr & { kind: 'index' }, locals: Locals): unknown {
    const target = this.value(expr.target, locals);
    if (target === null && (expr.conditional || isConditional(expr.target))) return null;
    if (target === null) throw new EvaluationError('object reference not set to an instance of an object');
    const indexer = membersOf(typeOf(target))?.indexer;
    const [index] = expr.args;
    if (indexer === undefined || index === undefined)
      throw new EvaluationError(`'${typeOf(target)}' cannot be indexed`);
    return indexer.get(target as never, this.value(index, locals)) ?? null;
  }

  #unary(expr: Expr & { kind: 'unary' }, locals: Locals): unknown {
    const value = this.value(expr.operand, locals);
    if (expr.operator === '!') return !asBool(value);
    if (value instanceof Double) return new Double(expr.operator === '-' ? -value.value : value.value);
    if (typeof value !== 'number')
      throw new EvaluationError(`operator '${expr.operator}' cannot be applied to '${typeOf(value)}'`);
    return int(expr.operator === '-' ? -value : value);
  }

  #binary(expr: Expr & { kind: 'binary' }, locals: Locals): unknown {
    const left = this.value(expr.left, locals);
    if (expr.operator === '&&') return asBool(left) && asBool(this.value(expr.right, locals));
    if (expr.operator === '||') return asBool(left) || asBool(this.value(expr.right, locals));
    if (expr.operator === '??') return left ?? this.value(expr.right, locals);
    return applyBinary(expr.operator, left, this.value(expr.right, locals));
  }
}

/** `a?.b.c`: when `a` is null, the rest of the chain is skipped. */
function isConditional(expr: Expr): boolean {
  if (expr.kind === 'member' || expr.kind === 'index') return expr.conditional || isConditional(expr.target);
  return expr.kind === 'call' && isConditional(expr.callee);
}
