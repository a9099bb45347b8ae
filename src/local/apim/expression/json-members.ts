import { cast } from './cast.ts';
import { generic, type Member, type Method, method, property, type TypeMembers } from './members.ts';
import { LINQ } from './sequence-members.ts';
import {
  asInt,
  asString,
  EvaluationError,
  Host,
  type Json,
  JsonProperty,
  JsonToken,
  toText,
} from './value.ts';

function child(token: JsonToken, key: unknown): JsonToken | null {
  const { value } = token;
  if (Array.isArray(value)) {
    const item = value[asInt(key)];
    if (item === undefined) throw new EvaluationError('index was out of range');
    return new JsonToken(item);
  }
  if (typeof value !== 'object' || value === null)
    throw new EvaluationError('cannot access child value on JValue');
  const name = asString(key);
  return Object.hasOwn(value, name) ? new JsonToken(value[name] as Json) : null;
}

/** The part of JSONPath in use: names, `['names']` and `[n]`. Anything else is refused. */
function selectToken(token: JsonToken, path: string): JsonToken | null {
  const steps = path.replace(/^\$\.?/, '');
  const grammar = /(?:^|\.)([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']*)'\]/y;
  let current: JsonToken | null = token;
  for (grammar.lastIndex = 0; grammar.lastIndex < steps.length; ) {
    const step = grammar.exec(steps);
    if (step === null || path.startsWith('$..')) throw new EvaluationError(`path '${path}' is not supported`);
    const key: string | number = step[2] === undefined ? (step[1] ?? step[3] ?? '') : Number(step[2]);
    if (current === null) return null;
    const value: Json = current.value;
    const fits: boolean =
      typeof key === 'number' ? Array.isArray(value) && key < value.length : isObject(value);
    current = fits ? child(current, key) : null;
  }
  return current;
}

function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function childrenOf(token: JsonToken): unknown[] {
  const { value } = token;
  if (Array.isArray(value)) return value.map((item) => new JsonToken(item));
  return isObject(value) ? Object.entries(value).map(([name, item]) => new JsonProperty(name, item)) : [];
}

const linqOnTokens: Readonly<Record<string, Member>> = Object.fromEntries(
  Object.entries(LINQ).map(([name, linq]) => {
    const call: Method['call'] = (token: JsonToken, args, info) =>
      linq.call(childrenOf(token) as never, args, info);
    return [name, { ...linq, call }];
  }),
);

const tokenMembers: Readonly<Record<string, Member>> = {
  ToString: method<JsonToken>('string', [0, 1], (token, [formatting]) =>
    formatting instanceof Host && formatting.data === 'None' ? JSON.stringify(token.value) : toText(token),
  ),
  Value: generic<JsonToken>([1, 1], (token, [key], { typeArguments: [type = 'object'] }) => {
    const found = child(token, key);
    return found === null && type !== 'int' && type !== 'bool' ? null : cast(found, type);
  }),
  ToObject: generic<JsonToken>([0, 0], (token, _, { typeArguments: [type = 'object'] }) => cast(token, type)),
  SelectToken: method<JsonToken>('JToken', [1, 1], (token, [path]) => selectToken(token, asString(path))),
  Type: property<JsonToken>('string', ({ value }) =>
    Array.isArray(value) ? 'Array' : isObject(value) ? 'Object' : 'Value',
  ),
  Children: method<JsonToken>('array', [0, 0], childrenOf),
  HasValues: property<JsonToken>('bool', (token) => childrenOf(token).length > 0),
};

const indexer = { returns: 'JToken', get: child };

export const J_TOKEN: TypeMembers = { members: { ...linqOnTokens, ...tokenMembers }, indexer };
export const J_VALUE: TypeMembers = { members: tokenMembers };
export const J_ARRAY: TypeMembers = {
  members: {
    ...linqOnTokens,
    ...tokenMembers,
    Count: property<JsonToken>('int', (token) => childrenOf(token).length),
  },
  indexer,
};
export const J_OBJECT: TypeMembers = {
  members: {
    ...linqOnTokens,
    ...tokenMembers,
    Count: property<JsonToken>('int', (token) => childrenOf(token).length),
    ContainsKey: method<JsonToken>('bool', [1, 1], (token, [name]) => child(token, name) !== null),
    GetValue: method<JsonToken>('JToken', [1, 1], (token, [name]) => child(token, name)),
    Properties: method<JsonToken>('array', [0, 0], childrenOf),
  },
  indexer,
};
export const J_PROPERTY: TypeMembers = {
  members: {
    Name: property<JsonProperty>('string', ({ name }) => name),
    Value: property<JsonProperty>('JToken', ({ value }) => new JsonToken(value)),
  },
};
