/**
 * The process in which a pushed Function package runs. It offers the package what the Azure Functions Node.js worker
 * offers: the module `@azure/functions-core`, and invocations through the package's own programming model, so that
 * the unchanged bundle behaves as in Azure, cookies and streaming included. Imports nothing of ours: it is built as a
 * file of its own. Arguments: the path of the package's entry file.
 */
import { registerHooks } from 'node:module';
import { type ListenOptions, Server } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { Invoke } from './worker-messages.ts';

interface Binding {
  readonly type?: string;
  readonly direction?: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
}

interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: unknown): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: { http?: RpcHttp } | null }>;
}

interface ProgrammingModel {
  getInvocationModel(context: unknown): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

interface RpcHttp {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcCookie[];
  readonly body?: { readonly string?: string; readonly bytes?: Uint8Array; readonly json?: string } | null;
}

interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value?: string };
  readonly path?: { readonly value?: string };
  readonly expires?: { readonly value?: unknown };
  readonly secure?: { readonly value?: boolean };
  readonly httpOnly?: { readonly value?: boolean };
  readonly sameSite?: string;
  readonly maxAge?: { readonly value?: number };
}

const functions = new Map<string, { metadata: FunctionMetadata; handler: unknown }>();
let model: ProgrammingModel | undefined;

function tell(message: Record<string, unknown>): void {
  process.send?.(message);
}

const core = {
  version: '4.0',
  hostVersion: '4.0.0',
  registerFunction(metadata: FunctionMetadata, handler: unknown) {
    functions.set(metadata.name, { metadata, handler });
    return { dispose: () => void functions.delete(metadata.name) };
  },
  setProgrammingModel(given: ProgrammingModel) {
    model = given;
  },
  getProgrammingModel: () => model,
  registerHook: () => ({ dispose: () => undefined }),
  log: (level: string, _category: string, message: string) => {
    if (level !== 'debug' && level !== 'trace')
      tell({ type: 'log', level, message: String(message).slice(0, 4000) });
  },
};

/** The package asks for this module by name; it exists only inside Azure's worker, and here. */
function provideFunctionsCore(): void {
  const key = '__smartfhirFunctionsCore';
  Object.defineProperty(globalThis, key, { value: core });
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: 'functions-core:worker', format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === 'functions-core:worker'
        ? { format: 'commonjs', source: `module.exports = globalThis.${key}`, shortCircuit: true }
        : next(url, context),
  });
}

/** The library's streaming server listens on every interface when not told better; here it must stay on loopback. */
function listenOnLoopbackOnly(): void {
  const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const callback = args.find((argument) => typeof argument === 'function');
    const [first] = args;
    if (typeof first === 'string') return listen.apply(this, args);
    const options: ListenOptions =
      typeof first === 'object' && first !== null
        ? { ...first }
        : { port: typeof first === 'number' ? first : 0 };
    if (options.path !== undefined) return listen.apply(this, args);
    return listen.apply(this, [
      { ...options, host: '127.0.0.1' },
      ...(callback === undefined ? [] : [callback]),
    ]);
  } as Server['listen'];
}

function describeFunctions(): unknown[] {
  return [...functions.values()].flatMap(({ metadata }) => {
    const trigger = Object.values(metadata.bindings).find((binding) =>
      /^httptrigger$/i.test(binding.type ?? ''),
    );
    if (trigger === undefined) {
      core.log('warning', 'system', `function ${metadata.name}: only HTTP triggers run on the laptop`);
      return [];
    }
    return [
      {
        name: metadata.name,
        route: trigger.route ?? metadata.name,
        methods: (trigger.methods ?? []).map((method) => method.toLowerCase()),
        authLevel: trigger.authLevel ?? 'anonymous',
      },
    ];
  });
}

async function invoke(message: Invoke): Promise<void> {
  const known = functions.get(message.functionName);
  if (known === undefined || model === undefined)
    throw new Error(`function ${message.functionName} is not registered`);
  const { metadata, handler } = known;
  const [inputName] = Object.entries(metadata.bindings).find(([, binding]) => binding.direction === 'in') ?? [
    'req',
  ];
  const strings = Object.entries(message.params).map(([name, value]) => [name, { string: value }]);
  const invocation = model.getInvocationModel({
    invocationId: message.invocationId,
    metadata,
    state: undefined,
    log: core.log,
    request: {
      invocationId: message.invocationId,
      triggerMetadata: {
        ...Object.fromEntries(strings),
        Query: { json: JSON.stringify(message.query) },
        Headers: { json: JSON.stringify(message.headers) },
      },
      inputData: [{ name: inputName, data: { http: rpcRequest(message) } }],
    },
  });
  const { context, inputs } = await invocation.getArguments();
  const result = await invocation.invokeFunction(context, inputs, handler);
  const response = await invocation.getResponse(context, result);
  tell({
    type: 'done',
    invocationId: message.invocationId,
    error: null,
    response: message.body === null ? null : plainResponse(response.returnValue?.http),
  });
}

function rpcRequest(message: Invoke): Record<string, unknown> {
  return {
    method: message.method,
    url: message.url,
    headers: message.headers,
    query: message.query,
    params: message.params,
    ...(message.body === null ? {} : { body: { bytes: message.body } }),
  };
}

function plainResponse(http: RpcHttp | undefined): Record<string, unknown> {
  if (http === undefined) return { status: 200, headers: [], body: new Uint8Array() };
  const text = http.body?.string ?? http.body?.json;
  return {
    status: Number(http.statusCode ?? 200),
    headers: [
      ...Object.entries(http.headers ?? {}),
      ...(http.cookies ?? []).map((cookie) => ['set-cookie', serialiseCookie(cookie)]),
    ],
    body: text === undefined ? new Uint8Array(http.body?.bytes ?? []) : new TextEncoder().encode(text),
  };
}

function serialiseCookie(cookie: RpcCookie): string {
  const sameSite = /^(strict|lax|explicitnone)$/i.exec(cookie.sameSite ?? '')?.[0];
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge?.value === undefined ? '' : `Max-Age=${cookie.maxAge.value}`,
    cookie.domain?.value === undefined ? '' : `Domain=${cookie.domain.value}`,
    cookie.path?.value === undefined ? '' : `Path=${cookie.path.value}`,
    cookie.httpOnly?.value === true ? 'HttpOnly' : '',
    cookie.secure?.value === true ? 'Secure' : '',
    sameSite === undefined ? '' : `SameSite=${/none/i.test(sameSite) ? 'None' : sameSite}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function start(entry: string): Promise<void> {
  provideFunctionsCore();
  listenOnLoopbackOnly();
  await import(pathToFileURL(entry).href);
  if (model === undefined)
    throw new Error('the package does not use the v4 programming model of @azure/functions');
  const capabilities = await model.getCapabilities({});
  process.on('message', (message: Invoke) => {
    invoke(message).catch((error: unknown) =>
      tell({ type: 'done', invocationId: message.invocationId, error: reason(error), response: null }),
    );
  });
  tell({ type: 'ready', functions: describeFunctions(), httpUri: capabilities['HttpUri'] ?? null });
}

// The host is gone: nobody can reach this process any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
start(process.argv[2] ?? '').catch((error: unknown) => {
  tell({ type: 'failed', message: reason(error) });
});
