import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { FetchLike } from '../../../src/core/target.ts';

/** Azure's SDK pipeline over a fetch: the request as sent, the answer as text. */
export function inProcess(fetch: FetchLike): HttpClient {
  return {
    async sendRequest(request: PipelineRequest) {
      const body = typeof request.body === 'string' ? request.body : undefined;
      const response = await fetch(
        new Request(request.url, {
          method: request.method,
          headers: request.headers.toJSON(),
          ...(body === undefined ? {} : { body }),
        }),
      );
      return {
        request,
        status: response.status,
        headers: createHttpHeaders(Object.fromEntries(response.headers)),
        bodyAsText: await response.text(),
      };
    },
  };
}
