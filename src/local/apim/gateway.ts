import { randomUUID } from 'node:crypto';
import { APIM_NOT_FOUND_RUNS_API_ON_ERROR } from '../beliefs.ts';
import type { Fabric, StandIn } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import { GatewayMemory } from './gateway-memory.ts';
import { HeaderList } from './header-list.ts';
import { removeHopByHop } from './hop-by-hop.ts';
import { refreshSecretIfOld } from './key-vault-secrets.ts';
import { CONSUMPTION_REQUEST_MS, CONSUMPTION_URL_BYTES } from './limits.ts';
import { MessageBody } from './message-body.ts';
import { errorResponse, runPipeline } from './pipeline.ts';
import { PolicyRefused } from './policy/document.ts';
import { PolicyFault, ResponseReturned } from './policy/fault.ts';
import { objectAt, textAt } from './resource-fields.ts';
import { matchApi, matchOperation } from './routing.ts';
import { backendUrl, emptyResponse, type GatewayRequest, Run } from './run.ts';
import { PolicyCache, preflightSteps } from './scope-chain.ts';
import { SERVICE_TYPE, ServiceConfiguration } from './service-configuration.ts';
import { checkSubscription } from './subscription-keys.ts';

const HOST_SUFFIX = '.azure-api.net';

/** API Management's gateway: answers at `{name}.azure-api.net`, and for its holder at the gateway origin. */
export function apimGateway(fabric: Fabric): StandIn {
  const gateway = new Gateway(fabric);
  return {
    name: 'apim',
    serves: (host) => host.endsWith(HOST_SUFFIX),
    fetch: (request) => gateway.answer(request),
  };
}

/** The service that clients reach at the gateway origin: the oldest one. */
export function holderOfOrigin(fabric: Fabric): StoredResource | undefined {
  const services = new Resources(fabric.store).ofType(SERVICE_TYPE);
  return services.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id))[0];
}

class Gateway {
  readonly #fabric: Fabric;
  readonly #memory: GatewayMemory;
  readonly #policies = new PolicyCache();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.#memory = new GatewayMemory(fabric);
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const service = this.#service(url);
    if (service === undefined) return plain(404, 'Resource not found');
    const configuration = new ServiceConfiguration(this.#fabric, service);
    if (configuration.sku === 'Consumption' && Buffer.byteLength(request.url) > CONSUMPTION_URL_BYTES) {
      return plain(414, 'Request URL is too long');
    }
    await this.#refreshSecrets(configuration);
    const run = this.#run(request, url, configuration);
    await this.#handle(run, configuration);
    return toResponse(run);
  }

  #service(url: URL): StoredResource | undefined {
    if (url.origin === this.#fabric.origins.gateway) return holderOfOrigin(this.#fabric);
    const name = url.hostname.slice(0, -HOST_SUFFIX.length);
    const services = new Resources(this.#fabric.store).ofType(SERVICE_TYPE);
    return url.hostname.endsWith(HOST_SUFFIX)
      ? services.find((item) => item.name.toLowerCase() === name)
      : undefined;
  }

  async #handle(run: Run, configuration: ServiceConfiguration): Promise<void> {
    try {
      const api = matchApi(configuration, run.request.originalUrl.pathname);
      if (api === undefined)
        return await runPipeline(run, this.#policies.chain(configuration, undefined, undefined), notFound);
      this.#enter(run, api.api, api.rest);
      const operation = matchOperation(configuration, api.api, run.request.method, api.rest);
      if (operation === undefined) return await this.#withoutOperation(run, configuration, api.api, api.rest);
      run.operation = operationView(operation.operation);
      run.request.matchedParameters = operation.parameters;
      const scopes = this.#policies.chain(configuration, api.api, operation.operation);
      await runPipeline(run, scopes, () => checkSubscription(run, api.api));
    } catch (error) {
      // A document that was accepted once can stop compiling only when something it refers to changed.
      if (!(error instanceof PolicyRefused)) throw error;
      this.#fabric.log({
        standIn: 'apim',
        level: 'error',
        text: `stored policy no longer valid: ${error.message}`,
      });
      run.response = errorResponse(
        new PolicyFault({
          source: 'configuration',
          reason: 'InternalError',
          message: 'Internal server error',
          status: 500,
        }),
      );
    }
  }

  /** A preflight is answered by the `cors` of the operation it asks about; anything else is not found. */
  async #withoutOperation(
    run: Run,
    configuration: ServiceConfiguration,
    api: StoredResource,
    rest: string,
  ): Promise<void> {
    const { headers, method } = run.request;
    const asked = headers.text('access-control-request-method');
    if (method === 'OPTIONS' && asked !== undefined && headers.get('origin') !== undefined) {
      const target = matchOperation(configuration, api, asked.toUpperCase(), rest);
      const steps =
        target === undefined
          ? []
          : preflightSteps(this.#policies.chain(configuration, api, target.operation));
      if (steps.length > 0) return await answerPreflight(run, steps);
    }
    const seenBy = APIM_NOT_FOUND_RUNS_API_ON_ERROR ? api : undefined;
    await runPipeline(run, this.#policies.chain(configuration, seenBy, undefined), notFound);
  }

  #enter(run: Run, api: StoredResource, rest: string): void {
    const properties = objectAt(api.body, 'properties');
    const serviceUrl = textAt(properties, 'serviceUrl') ?? '';
    run.api = {
      id: api.name,
      name: textAt(properties, 'displayName') ?? api.name,
      path: textAt(properties, 'path') ?? '',
      revision: textAt(properties, 'apiRevision') ?? '1',
      serviceUrl,
    };
    run.request.backendBase = serviceUrl;
    run.request.path = rest;
  }

  #run(request: Request, url: URL, configuration: ServiceConfiguration): Run {
    const { service, sku } = configuration;
    const budget = sku === 'Consumption' ? CONSUMPTION_REQUEST_MS : undefined;
    return new Run({
      fabric: this.#fabric,
      memory: this.#memory,
      service: { id: service.id, name: service.name, location: textAt(service.body, 'location') ?? '', sku },
      request: gatewayRequest(request, url),
      requestId: randomUUID(),
      signal:
        budget === undefined
          ? request.signal
          : AbortSignal.any([request.signal, AbortSignal.timeout(budget)]),
    });
  }

  async #refreshSecrets(configuration: ServiceConfiguration): Promise<void> {
    for (const item of configuration.children('namedValues')) {
      const identifier = textAt(objectAt(objectAt(item.body, 'properties'), 'keyVault'), 'secretIdentifier');
      if (identifier !== undefined) await refreshSecretIfOld(this.#fabric, item.id, identifier);
    }
  }
}

async function answerPreflight(run: Run, steps: ReturnType<typeof preflightSteps>): Promise<void> {
  try {
    for (const step of steps) await step(run, { section: 'inbound', scopes: [], level: 0 });
    run.response = emptyResponse();
  } catch (error) {
    if (error instanceof ResponseReturned) return;
    run.response = emptyResponse();
  }
}

function notFound(): void {
  throw new PolicyFault({
    source: 'configuration',
    reason: 'OperationNotFound',
    message: 'Unable to match incoming request to an operation.',
    status: 404,
    clientMessage: 'Resource not found',
  });
}

function gatewayRequest(request: Request, url: URL): GatewayRequest {
  const headers = HeaderList.from(request.headers);
  removeHopByHop(headers);
  const result = {
    method: request.method,
    originalUrl: url,
    headers,
    body: new MessageBody(request.body),
    // In-process there is no connection; every caller is this machine.
    ipAddress: '127.0.0.1',
    matchedParameters: new Map<string, string>(),
    path: url.pathname,
    query: new URLSearchParams(url.search),
    backendBase: '',
    get url(): URL {
      return backendUrl(result);
    },
  };
  return result;
}

function operationView(operation: StoredResource): NonNullable<Run['operation']> {
  const properties = objectAt(operation.body, 'properties');
  return {
    id: operation.name,
    name: textAt(properties, 'displayName') ?? operation.name,
    method: textAt(properties, 'method') ?? '',
    urlTemplate: textAt(properties, 'urlTemplate') ?? '',
  };
}

const BODILESS = new Set([204, 205, 304]);

function toResponse(run: Run): Response {
  const response = run.response ?? emptyResponse();
  for (const [name, value] of Object.entries(run.corsHeaders ?? {})) {
    if (name !== 'Vary') response.headers.set(name, [value]);
    else if (!/\borigin\b|\*/i.test(response.headers.text('vary') ?? ''))
      response.headers.append(name, [value]);
  }
  // The body may have been replaced: its length and framing are the transport's to tell.
  for (const name of ['content-length', 'transfer-encoding']) response.headers.delete(name);
  const body =
    run.request.method === 'HEAD' || BODILESS.has(response.statusCode) ? null : response.body.toInit();
  return new Response(body, {
    status: response.statusCode,
    statusText: response.statusReason.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''),
    headers: response.headers.toHeaders(),
  });
}

function plain(statusCode: number, message: string): Response {
  return Response.json({ statusCode, message }, { status: statusCode });
}
