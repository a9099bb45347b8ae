import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';
import { manualClock } from '../../../src/core/clock.ts';
import { arm } from '../../../src/local/arm/arm.ts';
import { bootstrapDirectory } from '../../../src/local/directory/bootstrap.ts';
import { createManagedIdentity } from '../../../src/local/directory/identities.ts';
import { issueManagedIdentityToken } from '../../../src/local/entra/managed-identity-token.ts';
import type { Fabric, LogEntry, StandIn, StandInFactory, Timing } from '../../../src/local/fabric.ts';
import { assignRole } from '../../../src/local/rbac.ts';
import { Store } from '../../../src/local/store.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
export const TENANT = '22222222-2222-4222-8222-222222222222';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const NO_DELAYS: Timing = { armOperationMs: 0, graphReplicationMs: 0, rolePropagationMs: 0 };

/** Some principal of the directory, with the means to call as it. */
export interface Principal {
  readonly principalId: string;
  token(audience: string): Promise<string>;
  /** A credential for SDK clients; scopes end in `/.default`. */
  readonly credential: {
    getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
}

export interface SmallCloud {
  readonly fabric: Fabric;
  readonly clock: ReturnType<typeof manualClock>;
  readonly log: LogEntry[];
  readonly owner: Principal;
  /** A principal without any role. */
  principal(name: string): Principal;
  fetch(request: Request): Promise<Response>;
  /** A JSON call on Azure Resource Manager as the owner or somebody else. */
  arm(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  readonly httpClient: HttpClient;
}

export interface CallOptions {
  readonly as?: Principal;
  readonly version?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: test bodies are looked into freely
  readonly body: any;
}

/** A cloud of a few stand-ins in memory, with an owner of the subscription and a clock that is moved by hand. */
export function smallCloud(
  factories: readonly StandInFactory[] = [],
  timing: Partial<Timing> = {},
): SmallCloud {
  const clock = manualClock(Date.now());
  const log: LogEntry[] = [];
  let standIns: readonly StandIn[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const { hostname } = new URL(request.url);
    const standIn = standIns.find((item) => item.serves(hostname));
    if (standIn === undefined) throw new TypeError(`unknown host ${hostname}`);
    return standIn.fetch(request);
  };
  const fabric: Fabric = {
    clock,
    timing: { ...NO_DELAYS, ...timing },
    store: new Store(':memory:'),
    fetch,
    origins: { gateway: 'http://localhost:1', login: 'http://127.0.0.1:2', functions: 'http://localhost:3' },
    tenantId: TENANT,
    subscriptionId: SUBSCRIPTION,
    log: (entry) => void log.push(entry),
  };
  bootstrapDirectory(fabric);
  standIns = [arm(fabric), ...factories.map((make) => make(fabric))];
  const owner = principalOf(fabric, 'owner');
  assignRole(fabric, {
    principalId: owner.principalId,
    role: 'Owner',
    scope: `/subscriptions/${SUBSCRIPTION}`,
    principalType: 'ServicePrincipal',
  });
  const call: SmallCloud['arm'] = async (method, path, body, options = {}) => {
    const url = new URL(`https://management.azure.com${path}`);
    if (!url.searchParams.has('api-version'))
      url.searchParams.set('api-version', options.version ?? versionOf(path));
    const token = await (options.as ?? owner).token('https://management.azure.com');
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...options.headers,
    };
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(new Request(url, { method, headers, ...init }));
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  const principal = (name: string): Principal => principalOf(fabric, name);
  return { fabric, clock, log, owner, principal, fetch, arm: call, httpClient: inProcess(fetch) };
}

function principalOf(fabric: Fabric, name: string): Principal {
  const resourceId = `/test/principals/${name}`;
  const { principalId } = createManagedIdentity(fabric, resourceId);
  const token = async (audience: string): Promise<string> =>
    (await issueManagedIdentityToken(fabric, resourceId, audience)).access_token;
  const credential: Principal['credential'] = {
    async getToken(scopes) {
      const scope = Array.isArray(scopes) ? (scopes[0] ?? '') : scopes;
      const audience = scope.replace(/\/\.default$/, '');
      return { token: await token(audience), expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  return { principalId, token, credential };
}

function versionOf(path: string): string {
  if (/microsoft\.authorization/i.test(path)) return '2022-04-01';
  if (/microsoft\.healthcareapis\//i.test(path)) return '2024-03-31';
  if (/microsoft\.keyvault\//i.test(path)) return '2026-02-01';
  if (/microsoft\.storage\//i.test(path)) return '2026-04-01';
  return '2025-04-01';
}

/** Registers the providers and makes the group every test starts from. */
export async function withGroup(cloud: SmallCloud): Promise<SmallCloud> {
  for (const namespace of ['Microsoft.KeyVault', 'Microsoft.Storage', 'Microsoft.HealthcareApis']) {
    await cloud.arm('POST', `/subscriptions/${SUBSCRIPTION}/providers/${namespace}/register`, undefined, {
      version: '2025-04-01',
    });
  }
  await cloud.arm('PUT', GROUP, { location: 'eastus' });
  return cloud;
}

/** The transport of the SDK clients, over the router instead of sockets. */
function inProcess(fetch: (request: Request) => Promise<Response>): HttpClient {
  return {
    async sendRequest(request) {
      const source = typeof request.body === 'function' ? request.body() : request.body;
      const body = isNodeStream(source) ? Readable.toWeb(source) : source;
      const { method } = request;
      const init = {
        method,
        headers: new Headers(plainHeaders(request.headers)),
        duplex: 'half',
        body: body ?? null,
      };
      const response = await fetch(new Request(request.url, init as RequestInit));
      const headers = createHttpHeaders(Object.fromEntries(response.headers));
      Object.assign(headers, { toJson: (options?: { preserveCase?: boolean }) => headers.toJSON(options) });
      const streamed = request.streamResponseStatusCodes;
      if (streamed?.has(response.status) || streamed?.has(Number.POSITIVE_INFINITY)) {
        const readable = response.body ? Readable.fromWeb(response.body as never) : Readable.from([]);
        return {
          request,
          status: response.status,
          headers,
          readableStreamBody: readable,
        } as PipelineResponse;
      }
      return { request, status: response.status, headers, bodyAsText: await response.text() };
    },
  };
}

/** Storage's client hands over an older kind of header collection. */
function plainHeaders(headers: {
  toJSON?(): Record<string, string>;
  toJson?(): Record<string, string>;
}): Record<string, string> {
  return headers.toJSON?.() ?? headers.toJson?.() ?? {};
}

function isNodeStream(value: unknown): value is Readable {
  return typeof value === 'object' && value !== null && 'pipe' in value;
}
