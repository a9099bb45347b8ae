import { expect, test } from 'vitest';
import { createBlobs } from '../../../src/azure/storage/blobs.ts';
import { manualClock } from '../../../src/core/clock.ts';

const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: 2 ** 50 }) };

function blobs(answer: () => Response) {
  const asked: string[] = [];
  const client = createBlobs({
    url: 'https://a.blob.core.windows.net/',
    credential,
    clock: manualClock(0),
    fetch: async (request) => {
      asked.push(request.url);
      return answer();
    },
  });
  return { client, asked };
}

test('hands on the stream, and encodes every part of the path', async () => {
  const { client, asked } = blobs(() => new Response('line\n'));
  expect(await (await client.get('c', 'folder/a b?.ndjson')).text()).toBe('line\n');
  expect(asked).toEqual(['https://a.blob.core.windows.net/c/folder/a%20b%3F.ndjson']);
});

test('404 is an answer, anything else an error', async () => {
  expect((await blobs(() => new Response(null, { status: 404 })).client.get('c', 'b')).status).toBe(404);
  await expect(blobs(() => new Response(null, { status: 403 })).client.get('c', 'b')).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  await expect(blobs(() => new Response(null, { status: 500 })).client.get('c', 'b')).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
  });
});
