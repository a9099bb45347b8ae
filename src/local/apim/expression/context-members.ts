import type { HeaderList } from '../header-list.ts';
import { cast } from './cast.ts';
import type { EvaluationContext, LastError, RequestView, ResponseView } from './evaluation-context.ts';
import { generic, method, property, type TypeMembers } from './members.ts';
import { asString, DateTime, EvaluationError, Host, TimeSpan } from './value.ts';

const dataOf = <T>(host: Host): T => host.data as T;
const missingKey = (): never => {
  throw new EvaluationError('the given key was not present in the dictionary');
};

/** `context`. Its host carries the evaluation context itself. */
export const CONTEXT: TypeMembers = {
  members: {
    Request: property<Host>(
      'Request',
      (host) => new Host('Request', dataOf<EvaluationContext>(host).request),
    ),
    Response: property<Host>('Response', (host) => {
      const { response } = dataOf<EvaluationContext>(host);
      return response === undefined ? null : new Host('Response', response);
    }),
    Variables: property<Host>(
      'Variables',
      (host) => new Host('Variables', dataOf<EvaluationContext>(host).variables),
    ),
    Api: property<Host>('Api', (host) => hostOrNull('Api', dataOf<EvaluationContext>(host).api)),
    Operation: property<Host>('Operation', (host) =>
      hostOrNull('Operation', dataOf<EvaluationContext>(host).operation),
    ),
    LastError: property<Host>('LastError', (host) =>
      hostOrNull('LastError', dataOf<EvaluationContext>(host).lastError),
    ),
    Deployment: property<Host>(
      'Deployment',
      (host) => new Host('Deployment', dataOf<EvaluationContext>(host).deployment),
    ),
    Subscription: property<Host>('Subscription', (host) =>
      hostOrNull('Subscription', dataOf<EvaluationContext>(host).subscription),
    ),
    // No developer signs in to this gateway, no product groups its APIs.
    User: property<Host>('User', () => null),
    Product: property<Host>('Product', () => null),
    RequestId: property<Host>('Guid', (host) => dataOf<EvaluationContext>(host).requestId),
    Timestamp: property<Host>('DateTime', (host) => new DateTime(dataOf<EvaluationContext>(host).timestamp)),
    Elapsed: property<Host>('TimeSpan', (host) => {
      const context = dataOf<EvaluationContext>(host);
      return new TimeSpan(context.now() - context.timestamp);
    }),
    Tracing: property<Host>('bool', () => false),
  },
};

function hostOrNull(type: string, data: unknown): Host | null {
  return data === undefined ? null : new Host(type, data);
}

function textField(name: string): ReturnType<typeof property> {
  return property<Host>('string', (host) => dataOf<Record<string, unknown>>(host)[name] ?? null);
}

export const API: TypeMembers = {
  members: {
    Id: textField('id'),
    Name: textField('name'),
    Path: textField('path'),
    Revision: textField('revision'),
    ServiceUrl: property<Host>('Url', (host) => {
      const url = dataOf<{ serviceUrl: string }>(host).serviceUrl;
      return URL.canParse(url) ? new Host('Url', new URL(url)) : null;
    }),
  },
};

export const OPERATION: TypeMembers = {
  members: {
    Id: textField('id'),
    Name: textField('name'),
    Method: textField('method'),
    UrlTemplate: textField('urlTemplate'),
  },
};

export const DEPLOYMENT: TypeMembers = {
  members: {
    ServiceName: textField('serviceName'),
    ServiceId: textField('serviceId'),
    Region: textField('region'),
    GatewayId: property('string', () => 'managed'),
  },
};

export const SUBSCRIPTION: TypeMembers = { members: { Id: textField('id'), Name: textField('name') } };

const lastErrorField = (name: keyof LastError): ReturnType<typeof property> =>
  property<Host>('string', (host) => dataOf<LastError>(host)[name]);

export const LAST_ERROR: TypeMembers = {
  members: {
    Source: lastErrorField('source'),
    Reason: lastErrorField('reason'),
    Message: lastErrorField('message'),
    Scope: lastErrorField('scope'),
    Section: lastErrorField('section'),
    Path: lastErrorField('path'),
    PolicyId: lastErrorField('policyId'),
  },
};

const bodyMember = property<Host>('Body', (host) => {
  const { body } = dataOf<RequestView | ResponseView>(host);
  return body.present ? new Host('Body', body) : null;
});
const headersMember = property<Host>(
  'Headers',
  (host) => new Host('Headers', dataOf<RequestView | ResponseView>(host).headers),
);

export const REQUEST: TypeMembers = {
  members: {
    Method: textField('method'),
    IpAddress: textField('ipAddress'),
    Url: property<Host>('Url', (host) => new Host('Url', dataOf<RequestView>(host).url)),
    OriginalUrl: property<Host>('Url', (host) => new Host('Url', dataOf<RequestView>(host).originalUrl)),
    MatchedParameters: property<Host>(
      'Dictionary',
      (host) => new Host('Dictionary', dataOf<RequestView>(host).matchedParameters),
    ),
    Certificate: property<Host>('Certificate', () => null),
    Headers: headersMember,
    Body: bodyMember,
  },
};

export const RESPONSE: TypeMembers = {
  members: {
    StatusCode: property<Host>('int', (host) => dataOf<ResponseView>(host).statusCode),
    StatusReason: property<Host>('string', (host) => dataOf<ResponseView>(host).statusReason),
    Headers: headersMember,
    Body: bodyMember,
  },
};

export const HEADERS: TypeMembers = {
  members: {
    ContainsKey: method<Host>(
      'bool',
      [1, 1],
      (host, [name]) => dataOf<HeaderList>(host).get(asString(name)) !== undefined,
    ),
    GetValueOrDefault: method<Host>(
      'string',
      [1, 2],
      (host, [name, fallback]) => dataOf<HeaderList>(host).text(asString(name)) ?? fallback ?? null,
    ),
    Keys: property<Host>('array', (host) => dataOf<HeaderList>(host).names()),
  },
  indexer: {
    returns: 'array',
    get: (host: Host, name) => dataOf<HeaderList>(host).get(asString(name)) ?? missingKey(),
  },
};

function queryValues(host: Host, name: unknown): string[] | undefined {
  const values = dataOf<URLSearchParams>(host).getAll(asString(name));
  return values.length === 0 ? undefined : values;
}

export const QUERY: TypeMembers = {
  members: {
    ContainsKey: method<Host>('bool', [1, 1], (host, [name]) => queryValues(host, name) !== undefined),
    GetValueOrDefault: method<Host>(
      'string',
      [1, 2],
      (host, [name, fallback]) => queryValues(host, name)?.join(',') ?? fallback ?? null,
    ),
    Keys: property<Host>('array', (host) => [...new Set(dataOf<URLSearchParams>(host).keys())]),
  },
  indexer: { returns: 'array', get: (host: Host, name) => queryValues(host, name) ?? missingKey() },
};

export const URL_VIEW: TypeMembers = {
  members: {
    Host: property<Host>('string', (host) => dataOf<URL>(host).hostname),
    Path: property<Host>('string', (host) => dataOf<URL>(host).pathname),
    Port: property<Host>('int', (host) => portOf(dataOf<URL>(host))),
    Scheme: property<Host>('string', (host) => dataOf<URL>(host).protocol.slice(0, -1)),
    QueryString: property<Host>('string', (host) => dataOf<URL>(host).search),
    Query: property<Host>('Query', (host) => new Host('Query', dataOf<URL>(host).searchParams)),
    ToString: method<Host>('string', [0, 0], (host) => dataOf<URL>(host).href),
  },
};

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

export const VARIABLES: TypeMembers = {
  members: {
    ContainsKey: method<Host>('bool', [1, 1], (host, [name]) =>
      dataOf<Map<string, unknown>>(host).has(asString(name)),
    ),
    GetValueOrDefault: generic<Host>([1, 2], (host, [name, fallback = null], { typeArguments: [type] }) => {
      const variables = dataOf<Map<string, unknown>>(host);
      const key = asString(name);
      if (!variables.has(key)) return fallback;
      return type === undefined ? variables.get(key) : cast(variables.get(key), type);
    }),
  },
  indexer: {
    returns: 'object',
    get: (host: Host, name) => {
      const variables = dataOf<Map<string, unknown>>(host);
      return variables.has(asString(name)) ? variables.get(asString(name)) : missingKey();
    },
  },
};

/** String dictionaries: matched parameters. */
export const DICTIONARY: TypeMembers = {
  members: {
    ContainsKey: method<Host>('bool', [1, 1], (host, [name]) =>
      dataOf<Map<string, string>>(host).has(asString(name)),
    ),
    GetValueOrDefault: method<Host>(
      'string',
      [1, 2],
      (host, [name, fallback]) => dataOf<Map<string, string>>(host).get(asString(name)) ?? fallback ?? null,
    ),
  },
  indexer: {
    returns: 'string',
    get: (host: Host, name) => dataOf<Map<string, string>>(host).get(asString(name)) ?? missingKey(),
  },
};
