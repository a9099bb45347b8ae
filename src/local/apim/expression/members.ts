import type { EvaluationContext } from './evaluation-context.ts';

/** What a method call knows beside its arguments. */
export interface Call {
  readonly typeArguments: readonly string[];
  readonly context: EvaluationContext;
}

export interface Property {
  readonly kind: 'property';
  /** Static type of the value; undefined when it cannot be known before running. */
  readonly returns: string | undefined;
  get(target: never, context: EvaluationContext): unknown;
}

export interface Method {
  readonly kind: 'method';
  /** `T` stands for the first type argument. */
  readonly returns: string | undefined;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly generic: boolean;
  call(target: never, args: readonly unknown[], call: Call): unknown;
}

export type Member = Property | Method;

/** What may be used of one type. Whatever is not listed is refused. */
export interface TypeMembers {
  readonly members: Readonly<Record<string, Member>>;
  readonly indexer?: {
    readonly returns: string | undefined;
    get(target: never, index: unknown): unknown;
  };
}

export function property<T>(
  returns: string | undefined,
  get: (target: T, context: EvaluationContext) => unknown,
): Property {
  return { kind: 'property', returns, get };
}

export function method<T>(
  returns: string | undefined,
  [minArgs, maxArgs]: readonly [number, number],
  call: (target: T, args: readonly unknown[], call: Call) => unknown,
): Method {
  return { kind: 'method', returns, minArgs, maxArgs, generic: false, call };
}

export function generic<T>(
  [minArgs, maxArgs]: readonly [number, number],
  call: (target: T, args: readonly unknown[], call: Call) => unknown,
): Method {
  return { kind: 'method', returns: 'T', minArgs, maxArgs, generic: true, call };
}
