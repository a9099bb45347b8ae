import { APIM_REQUEST_TOO_LARGE_STATUS } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { evaluateProgram } from './expression/evaluate.ts';
import type { EvaluationContext, LastError } from './expression/evaluation-context.ts';
import { EvaluationError } from './expression/value.ts';
import type { GatewayMemory } from './gateway-memory.ts';
import { HeaderList } from './header-list.ts';
import { bufferLimit } from './limits.ts';
import { BodyTooLarge, MessageBody } from './message-body.ts';
import type { CompiledExpression } from './policy/compiler.ts';
import { PolicyFault } from './policy/fault.ts';

/** The service whose gateway answers. */
export interface ServiceView {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly sku: string;
}

export interface GatewayRequest {
  method: string;
  readonly originalUrl: URL;
  headers: HeaderList;
  body: MessageBody;
  readonly ipAddress: string;
  matchedParameters: ReadonlyMap<string, string>;
  /** Path below the backend's base URL, and the query; policies rewrite both. */
  path: string;
  query: URLSearchParams;
  /** Where requests go: the API's service URL until a policy changes it. */
  backendBase: string;
  readonly url: URL;
}

export interface GatewayResponse {
  statusCode: number;
  statusReason: string;
  headers: HeaderList;
  body: MessageBody;
}

export interface RunOptions {
  readonly fabric: Fabric;
  readonly memory: GatewayMemory;
  readonly service: ServiceView;
  readonly request: GatewayRequest;
  readonly requestId: string;
  /** Ends when the gateway gives up on the whole request. */
  readonly signal: AbortSignal;
}

/** One request on its way through the policies. */
export class Run implements EvaluationContext {
  readonly fabric: Fabric;
  readonly memory: GatewayMemory;
  readonly service: ServiceView;
  readonly request: GatewayRequest;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly variables = new Map<string, unknown>();
  readonly timestamp: number;
  response: GatewayResponse | undefined;
  api: EvaluationContext['api'];
  operation: EvaluationContext['operation'];
  subscription: EvaluationContext['subscription'];
  lastError: LastError | undefined;
  /** What `cors` adds to whatever response follows. */
  corsHeaders: Readonly<Record<string, string>> | undefined;

  constructor(options: RunOptions) {
    this.fabric = options.fabric;
    this.memory = options.memory;
    this.service = options.service;
    this.request = options.request;
    this.requestId = options.requestId;
    this.signal = options.signal;
    this.timestamp = options.fabric.clock.now();
  }

  get deployment(): EvaluationContext['deployment'] {
    return { serviceName: this.service.name, serviceId: this.service.name, region: this.service.location };
  }

  now(): number {
    return this.fabric.clock.now();
  }

  /** The message that policies of a section change. */
  message(section: string): GatewayRequest | GatewayResponse {
    if (section === 'inbound' || section === 'backend') return this.request;
    this.response ??= emptyResponse();
    return this.response;
  }

  async evaluate(expression: CompiledExpression): Promise<unknown> {
    const { checked, element, program } = expression;
    if (checked.readsRequestBody) await this.buffer(this.request.body);
    if (checked.readsResponseBody && this.response !== undefined) await this.buffer(this.response.body);
    return this.guarded(element, () => evaluateProgram(program, this));
  }

  /** Runs code of expressions; what would be a C# exception becomes the fault that `on-error` sees. */
  guarded<T>(element: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new PolicyFault({
        source: element,
        reason: 'ExpressionValueEvaluationFailure',
        message: `Expression evaluation failed. ${error.message}`,
        status: 500,
        clientMessage: 'Internal server error',
      });
    }
  }

  /** Reads a body into memory, within what the SKU may buffer. */
  async buffer(body: MessageBody): Promise<void> {
    try {
      await body.buffer(bufferLimit(this.service.sku));
    } catch (error) {
      const request = body === this.request.body;
      const tooLarge = error instanceof BodyTooLarge;
      throw new PolicyFault({
        source: request ? 'request' : 'forward-request',
        reason: request ? 'ClientConnectionFailure' : 'BackendConnectionFailure',
        message: tooLarge
          ? 'The payload is larger than the gateway may buffer.'
          : 'The payload ended before it was complete.',
        status: request && tooLarge ? APIM_REQUEST_TOO_LARGE_STATUS : 500,
        clientMessage: request && tooLarge ? 'Request Entity Too Large' : 'Internal server error',
      });
    }
  }
}

export function emptyResponse(): GatewayResponse {
  return { statusCode: 200, statusReason: 'OK', headers: new HeaderList(), body: new MessageBody(null) };
}

/** The request's URL as the backend will get it. */
export function backendUrl(
  request: Pick<GatewayRequest, 'backendBase' | 'path' | 'query' | 'originalUrl'>,
): URL {
  const base = URL.canParse(request.backendBase) ? request.backendBase : request.originalUrl.origin;
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${request.path}`;
  // Unchanged, it goes on as the client spelled it.
  const query = request.query.toString();
  const unchanged = query === new URLSearchParams(request.originalUrl.search).toString();
  url.search = unchanged ? request.originalUrl.search : query;
  return url;
}
