import { cast } from './cast.ts';
import { asInt, asString, EvaluationError, type Json, JsonProperty, JsonToken, toJson } from './value.ts';

function jObject(...content: unknown[]): JsonToken {
  const value: { [name: string]: Json } = Object.create(null);
  for (const item of content.flat()) {
    if (!(item instanceof JsonProperty)) throw new EvaluationError('can not add this to a JObject');
    value[item.name] = item.value;
  }
  return new JsonToken({ ...value });
}

/** What `new` may make. */
export const CONSTRUCTORS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  JObject: jObject,
  JArray: (...items) => new JsonToken(items.flat().map(toJson)),
  JProperty: (name, ...values) =>
    new JsonProperty(asString(name), values.length === 1 ? toJson(values[0]) : values.map(toJson)),
  JValue: (value) => cast(value, 'JToken'),
  Uri: (text) => {
    if (!URL.canParse(asString(text)))
      throw new EvaluationError('invalid URI: the format of the URI could not be determined');
    return new URL(asString(text));
  },
  string: (char, count) => asString(char).repeat(asInt(count)),
};
