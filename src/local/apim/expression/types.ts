import { BODY } from './body-members.ts';
import * as context from './context-members.ts';
import * as json from './json-members.ts';
import { CLAIMS, JWT } from './jwt.ts';
import { method, property, type TypeMembers } from './members.ts';
import { ARRAY } from './sequence-members.ts';
import { ENCODING_INSTANCE, GROUPS, MATCH, STATIC_CLASSES } from './static-members.ts';
import { BASIC_CREDENTIALS, STRING } from './string-members.ts';
import { DATE_TIME, TIME_SPAN } from './time-members.ts';
import { toText } from './value.ts';

const TO_STRING = { ToString: method('string', [0, 0], toText) };
const ONLY_TEXT: TypeMembers = { members: TO_STRING };

const URI: TypeMembers = {
  members: {
    ...TO_STRING,
    Host: property<URL>('string', (url) => url.hostname),
    Scheme: property<URL>('string', (url) => url.protocol.slice(0, -1)),
    AbsolutePath: property<URL>('string', (url) => url.pathname),
    AbsoluteUri: property<URL>('string', (url) => url.href),
    Query: property<URL>('string', (url) => url.search),
    Port: property<URL>('int', (url) =>
      url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    ),
  },
};

/** Instance members by type: the whitelist of the expression language. */
const INSTANCES: Readonly<Record<string, TypeMembers>> = {
  Context: context.CONTEXT,
  Request: context.REQUEST,
  Response: context.RESPONSE,
  Headers: context.HEADERS,
  Query: context.QUERY,
  Url: context.URL_VIEW,
  Variables: context.VARIABLES,
  Dictionary: context.DICTIONARY,
  Body: BODY,
  Api: context.API,
  Operation: context.OPERATION,
  Deployment: context.DEPLOYMENT,
  Subscription: context.SUBSCRIPTION,
  LastError: context.LAST_ERROR,
  User: { members: { Id: property('string', () => null), Email: property('string', () => null) } },
  Product: { members: { Id: property('string', () => null), Name: property('string', () => null) } },
  Jwt: JWT,
  Claims: CLAIMS,
  BasicAuthCredentials: BASIC_CREDENTIALS,
  JToken: json.J_TOKEN,
  JObject: json.J_OBJECT,
  JArray: json.J_ARRAY,
  JValue: json.J_VALUE,
  JProperty: json.J_PROPERTY,
  string: STRING,
  array: ARRAY,
  'byte[]': { members: ARRAY.members },
  DateTime: DATE_TIME,
  TimeSpan: TIME_SPAN,
  Match: MATCH,
  Groups: GROUPS,
  Encoding: ENCODING_INSTANCE,
  Uri: URI,
  int: ONLY_TEXT,
  double: ONLY_TEXT,
  bool: ONLY_TEXT,
  char: ONLY_TEXT,
  Guid: ONLY_TEXT,
  object: ONLY_TEXT,
};

/** Members of a type as `typeOf` names it; `static X` is the class itself. Undefined: nothing may be used of it. */
export function membersOf(type: string): TypeMembers | undefined {
  const table = type.startsWith('static ') ? STATIC_CLASSES : INSTANCES;
  const name = type.replace(/^static /, '');
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export function isStaticClass(name: string): boolean {
  return Object.hasOwn(STATIC_CLASSES, name);
}

/** Namespaces that may be written out before a class. */
export const NAMESPACES: ReadonlySet<string> = new Set([
  'System',
  'System.Linq',
  'System.Net',
  'System.Text',
  'System.Text.RegularExpressions',
  'System.Collections.Generic',
  'Newtonsoft',
  'Newtonsoft.Json',
  'Newtonsoft.Json.Linq',
]);
