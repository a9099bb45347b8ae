import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { httpClientOf } from '../../src/azure/http-client.ts';
import { script } from './script.ts';

const URL = 'https://management.azure.com/x';

test('carries method, headers and body, and answers status, headers and text', async () => {
  const { fetch, calls } = script({ status: 201, body: { a: 1 }, headers: { etag: '"1"' } });
  const request = createPipelineRequest({
    url: URL,
    method: 'PUT',
    body: '{"b":2}',
    headers: createHttpHeaders({ 'X-Y': 'z' }),
  });
  const answer = await httpClientOf(fetch).sendRequest(request);
  expect(calls[0]).toMatchObject({ method: 'PUT', url: URL, body: '{"b":2}' });
  expect(calls[0]?.headers.get('x-y')).toBe('z');
  expect([answer.status, answer.headers.get('etag'), answer.bodyAsText]).toEqual([201, '"1"', '{"a":1}']);
});

test('streams where the client asks for a stream', async () => {
  const { fetch } = script({ status: 200, body: { a: 1 } });
  const request = createPipelineRequest({ url: URL, streamResponseStatusCodes: new Set([200]) });
  const answer = await httpClientOf(fetch).sendRequest(request);
  const chunks: Buffer[] = [];
  for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  expect(Buffer.concat(chunks).toString()).toBe('{"a":1}');
});

test('a failed connection is what the pipeline knows how to repeat', async () => {
  const { fetch } = script(new TypeError('fetch failed'));
  const sending = httpClientOf(fetch).sendRequest(createPipelineRequest({ url: URL }));
  await expect(sending).rejects.toMatchObject({ name: 'RestError', code: RestError.REQUEST_SEND_ERROR });
});
