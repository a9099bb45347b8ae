import { HeaderList } from './header-list.ts';
import { removeHopByHop } from './hop-by-hop.ts';
import { MessageBody } from './message-body.ts';
import { PolicyFault } from './policy/fault.ts';
import { backendUrl, type GatewayResponse, type Run } from './run.ts';

export interface ForwardOptions {
  readonly timeoutMs: number;
  readonly bufferRequest: boolean;
  readonly bufferResponse: boolean;
  readonly failOnErrorStatus: boolean;
}

/** Sends the request to its backend and keeps the answer as the response. Redirects are passed on, not followed. */
export async function forward(run: Run, options: ForwardOptions): Promise<void> {
  const { request } = run;
  if (options.bufferRequest) await run.buffer(request.body);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([timeout, run.signal]);
  try {
    const answer = await untilAborted(run.fabric.fetch(outgoing(run, signal)), signal);
    run.response = await received(run, answer, options.bufferResponse);
  } catch (error) {
    if (error instanceof PolicyFault) throw error;
    throw timeout.aborted || run.signal.aborted ? timedOut() : connectionFailure();
  }
  if (options.failOnErrorStatus && run.response.statusCode >= 400) throw errorStatus(run.response);
}

function outgoing(run: Run, signal: AbortSignal): Request {
  const { request } = run;
  // An API without a service URL, and no policy gave one: never back to the gateway itself.
  if (!URL.canParse(request.backendBase)) throw new TypeError('the request has no backend');
  const headers = HeaderList.from(request.headers.toHeaders());
  removeHopByHop(headers);
  headers.delete('host');
  // The body may have been replaced; its length is the transport's to tell.
  headers.delete('content-length');
  headers.append('X-Forwarded-For', [request.ipAddress]);
  const bodiless = request.method === 'GET' || request.method === 'HEAD';
  const body = bodiless ? null : request.body.toInit();
  const init: RequestInit & { duplex?: 'half' } = {
    method: request.method,
    headers: headers.toHeaders(),
    body,
    redirect: 'manual',
    signal,
  };
  if (body instanceof ReadableStream) init.duplex = 'half';
  return new Request(backendUrl(request), init);
}

async function received(run: Run, answer: Response, buffered: boolean): Promise<GatewayResponse> {
  const headers = HeaderList.from(answer.headers);
  removeHopByHop(headers);
  const body = new MessageBody(answer.body);
  if (buffered) await run.buffer(body);
  return { statusCode: answer.status, statusReason: answer.statusText, headers, body };
}

/** A stand-in that ignores the signal must not keep the gateway waiting. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

function timedOut(): PolicyFault {
  return new PolicyFault({
    source: 'forward-request',
    reason: 'Timeout',
    message: 'Request to the backend service timed out',
    status: 500,
    clientMessage: 'Internal server error',
  });
}

function connectionFailure(): PolicyFault {
  return new PolicyFault({
    source: 'forward-request',
    reason: 'BackendConnectionFailure',
    message: 'Error occurred while calling backend service.',
    status: 500,
    clientMessage: 'Internal server error',
  });
}

function errorStatus(response: GatewayResponse): PolicyFault {
  return new PolicyFault({
    source: 'forward-request',
    reason: 'BackendConnectionFailure',
    message: `The backend answered with status ${response.statusCode}.`,
    status: response.statusCode,
  });
}
