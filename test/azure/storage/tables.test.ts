import { expect, test } from 'vitest';
import { createTables, quoted } from '../../../src/azure/storage/tables.ts';
import { manualClock } from '../../../src/core/clock.ts';

const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: 2 ** 50 }) };

function tables(answer: (request: Request) => Response | Promise<Response>) {
  const asked: Request[] = [];
  const client = createTables({
    url: 'https://a.table.core.windows.net',
    credential,
    clock: manualClock(0),
    fetch: async (request) => {
      asked.push(request.clone());
      return answer(request);
    },
  });
  return { client, asked };
}

const entity = { PartitionKey: "o'brien", RowKey: '', n: 1 };
const refusal = (status: number, code: string) =>
  new Response('', { status, headers: { 'x-ms-error-code': code } });

test('addresses rows as OData does, with bearer token and version', async () => {
  const { client, asked } = tables(() => Response.json(entity, { headers: { etag: 'W/"1"' } }));
  expect(await client.get('sessions', "o'brien", '')).toEqual({ entity, etag: 'W/"1"' });
  expect(decodeURIComponent(new URL(asked[0]?.url ?? '').pathname)).toBe(
    "/sessions(PartitionKey='o''brien',RowKey='')",
  );
  expect(asked[0]?.headers.get('authorization')).toBe('Bearer t');
  expect(asked[0]?.headers.get('x-ms-version')).toBe('2020-12-06');
});

test('makes a table the service does not know yet, also when another instance was first', async () => {
  for (const created of [new Response(null, { status: 201 }), refusal(409, 'TableAlreadyExists')]) {
    let tries = 0;
    const { client, asked } = tables((request) => {
      if (request.url.endsWith('/Tables')) return created;
      return tries++ === 0 ? refusal(404, 'TableNotFound') : new Response(null, { status: 204 });
    });
    expect(await client.insert('sessions', entity)).toBe(true);
    expect(asked.map((request) => request.method)).toEqual(['POST', 'POST', 'POST']);
  }
});

test.each([
  ['insert: exists', 409, 'EntityAlreadyExists', 'insert'],
  ['replace: changed', 412, 'UpdateConditionNotSatisfied', 'replace'],
  ['replace: gone', 404, 'ResourceNotFound', 'replace'],
  ['remove: changed', 412, 'UpdateConditionNotSatisfied', 'remove'],
  ['remove: gone', 404, 'ResourceNotFound', 'remove'],
] as const)('%s is false', async (_, status, code, method) => {
  const { client } = tables(() => refusal(status, code));
  const done = {
    insert: () => client.insert('t', entity),
    replace: () => client.replace('t', entity, 'W/"1"'),
    remove: () => client.remove('t', 'p', 'r', 'W/"1"'),
  };
  expect(await done[method]()).toBe(false);
});

test('sends the condition of a conditional write', async () => {
  const { client, asked } = tables(() => new Response(null, { status: 204 }));
  await client.replace('t', entity, 'W/"7"');
  await client.remove('t', 'p', 'r', 'W/"8"');
  await client.upsert('t', entity);
  expect(asked.map((request) => request.headers.get('if-match'))).toEqual(['W/"7"', 'W/"8"', null]);
});

test('a refused identity is FORBIDDEN, other surprises RESPONSE_INVALID', async () => {
  await expect(
    tables(() => refusal(403, 'AuthorizationPermissionMismatch')).client.get('t', 'p', 'r'),
  ).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('AuthorizationPermissionMismatch'),
  });
  await expect(
    tables(() => new Response('busy', { status: 503 })).client.upsert('t', entity),
  ).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
  });
});

test('queries by filter', async () => {
  const { client, asked } = tables(() => Response.json({ value: [entity] }));
  expect(await client.query('t', `expires lt ${quoted('x')}`, 5)).toEqual([entity]);
  const { searchParams } = new URL(asked[0]?.url ?? '');
  expect(searchParams.get('$filter')).toBe("expires lt 'x'");
  expect(searchParams.get('$top')).toBe('5');
});
