import { generic, type Method, method, property, type TypeMembers } from './members.ts';
import { applyBinary, equal } from './operators.ts';
import { asBool, asInt, asLambda, EvaluationError } from './value.ts';

type Sequence = readonly unknown[];
type Predicate = (item: unknown) => boolean;

function predicate(args: readonly unknown[]): Predicate {
  if (args.length === 0) return () => true;
  const test = asLambda(args[0]);
  return (item) => asBool(test(item));
}

function first(items: Sequence, args: readonly unknown[]): unknown {
  const found = items.findIndex(predicate(args));
  if (found < 0) throw new EvaluationError('sequence contains no matching element');
  return items[found];
}

/** LINQ's part that is offered on every sequence. */
export const LINQ: Readonly<Record<string, Method>> = {
  Any: method<Sequence>('bool', [0, 1], (items, args) => items.some(predicate(args))),
  All: method<Sequence>('bool', [1, 1], (items, args) => items.every(predicate(args))),
  Where: method<Sequence>('array', [1, 1], (items, args) => items.filter(predicate(args))),
  Select: method<Sequence>('array', [1, 1], (items, [map]) => items.map((item) => asLambda(map)(item))),
  First: method<Sequence>(undefined, [0, 1], first),
  FirstOrDefault: method<Sequence>(undefined, [0, 1], (items, args) => items.find(predicate(args)) ?? null),
  Last: method<Sequence>(undefined, [0, 1], (items, args) => first([...items].reverse(), args)),
  LastOrDefault: method<Sequence>(
    undefined,
    [0, 1],
    (items, args) => items.findLast(predicate(args)) ?? null,
  ),
  Count: method<Sequence>('int', [0, 1], (items, args) => items.filter(predicate(args)).length),
  Contains: method<Sequence>('bool', [1, 1], (items, [wanted]) => items.some((item) => equal(item, wanted))),
  Concat: method<Sequence>('array', [1, 1], (items, [more]) => [...items, ...sequence(more)]),
  Distinct: method<Sequence>('array', [0, 0], (items) => [...new Set(items)]),
  Skip: method<Sequence>('array', [1, 1], (items, [count]) => items.slice(Math.max(0, asInt(count)))),
  Take: method<Sequence>('array', [1, 1], (items, [count]) => items.slice(0, Math.max(0, asInt(count)))),
  Sum: method<Sequence>('int', [0, 0], (items) =>
    items.reduce((sum, item) => applyBinary('+', sum, item), 0),
  ),
  ToArray: method<Sequence>('array', [0, 0], (items) => [...items]),
  ToList: method<Sequence>('array', [0, 0], (items) => [...items]),
  Cast: generic<Sequence>([0, 0], (items) => items),
};

export function sequence(value: unknown): Sequence {
  if (Array.isArray(value)) return value;
  throw new EvaluationError('a sequence was expected');
}

export const ARRAY: TypeMembers = {
  members: {
    ...LINQ,
    Cast: { ...LINQ['Cast'], returns: 'array' } as Method,
    Length: property<Sequence>('int', (items) => items.length),
  },
  indexer: {
    returns: undefined,
    get: (items: Sequence, index) => {
      const item = items[asInt(index)];
      if (item === undefined) throw new EvaluationError('index was outside the bounds of the array');
      return item;
    },
  },
};
