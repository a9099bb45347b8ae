import { Readable } from 'node:stream';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { FetchLike } from '../core/target.ts';

/** Our transport as the `httpClient` of every Azure SDK client: the target alone decides where requests go. */
export function httpClientOf(fetch: FetchLike): HttpClient {
  return {
    sendRequest: async (request) => {
      let response: Response;
      try {
        response = await fetch(toRequest(request));
      } catch (error) {
        if (request.abortSignal?.aborted === true) throw error;
        throw new RestError(error instanceof Error ? error.message : String(error), {
          code: RestError.REQUEST_SEND_ERROR,
          request,
        });
      }
      return toPipelineResponse(request, response);
    },
  };
}

function toRequest(request: PipelineRequest): Request {
  const headers = new Headers();
  for (const [name, value] of request.headers) headers.set(name, value);
  const body = typeof request.body === 'function' ? request.body() : request.body;
  const sent = body instanceof Readable ? (Readable.toWeb(body) as ReadableStream) : body;
  return new Request(request.url, {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(sent === undefined || sent === null ? {} : { body: sent as ReadableStream | string, duplex: 'half' }),
    ...(request.abortSignal === undefined ? {} : { signal: request.abortSignal as AbortSignal }),
  });
}

async function toPipelineResponse(request: PipelineRequest, response: Response): Promise<PipelineResponse> {
  const headers = createHttpHeaders(Object.fromEntries(response.headers));
  const base = { request, status: response.status, headers };
  const streamed = request.streamResponseStatusCodes;
  if (streamed?.has(response.status) === true || streamed?.has(Number.POSITIVE_INFINITY) === true) {
    const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never);
    return { ...base, readableStreamBody: body };
  }
  return { ...base, bodyAsText: await response.text() };
}
