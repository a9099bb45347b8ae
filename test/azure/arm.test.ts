import { describe, expect, test } from 'vitest';
import { Arm } from '../../src/azure/arm.ts';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import type { OperationWatch } from '../../src/azure/operation.ts';
import { type Answer, clockAt, countingCredential, NOW, script } from './script.ts';

const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v';
const OPERATION = 'https://management.azure.com/operations/1?api-version=1';

function arm(...answers: Answer[]) {
  const server = script(...answers);
  const clock = clockAt();
  const controller = new AbortController();
  const told = { operations: [] as string[], waiting: [] as string[] };
  const watch: OperationWatch = {
    signal: controller.signal,
    operation: async (url) => void told.operations.push(url),
    waiting: (text) => void told.waiting.push(text),
  };
  const http = new AuthorizedHttp(server.fetch, countingCredential(), clock);
  return {
    arm: new Arm(http, clock, 'https://management.azure.com', watch),
    ...server,
    clock,
    controller,
    told,
  };
}

const settled = { id: ID, name: 'v', properties: { provisioningState: 'Succeeded' } };

describe('reading', () => {
  test('sends token and api-version; 404 is undefined', async () => {
    const { arm: port, calls } = arm(
      { status: 200, body: settled, headers: { etag: '"1"' } },
      { status: 404 },
    );
    expect(await port.get(ID)).toMatchObject({ name: 'v', etag: '"1"' });
    expect(calls[0]?.url).toBe(`https://management.azure.com${ID}?api-version=2026-02-01`);
    expect(calls[0]?.headers.get('authorization')).toBe('Bearer token-1');
    expect(await port.get(ID)).toBeUndefined();
  });

  test('lists follow nextLink', async () => {
    const { arm: port } = arm(
      { status: 200, body: { value: [settled], nextLink: 'https://management.azure.com/next' } },
      { status: 200, body: { value: [settled] } },
    );
    expect(await port.list(ID)).toHaveLength(2);
  });

  test('an HTML page is refused as no protocol', async () => {
    const { arm: port } = arm({ status: 200, body: 'just text' });
    await expect(port.get(ID)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
  });
});

describe('long operations', () => {
  test('Azure-AsyncOperation: told before anything else, polled to its end, resource read at last', async () => {
    const {
      arm: port,
      told,
      calls,
    } = arm(
      {
        status: 201,
        body: { ...settled, properties: { provisioningState: 'Creating' } },
        headers: { 'azure-asyncoperation': OPERATION },
      },
      { status: 200, body: { status: 'InProgress' } },
      { status: 200, body: { status: 'Succeeded' } },
      { status: 200, body: settled },
    );
    expect(await port.put(ID, { location: 'x' })).toMatchObject(settled);
    expect(told).toEqual({ operations: [OPERATION], waiting: ['InProgress'] });
    expect(calls.map((call) => call.method)).toEqual(['PUT', 'GET', 'GET', 'GET']);
  });

  test('Location: 202 until done, Retry-After honoured', async () => {
    const { arm: port, clock } = arm(
      { status: 202, headers: { location: OPERATION } },
      { status: 202, headers: { 'retry-after': '30' } },
      { status: 200, body: settled },
      { status: 200, body: settled },
    );
    await port.put(ID, {});
    expect(clock.now() - NOW).toBe(30_000);
  });

  test('a failed one carries its own error', async () => {
    const { arm: port } = arm(
      { status: 202, headers: { 'azure-asyncoperation': OPERATION } },
      { status: 200, body: { status: 'Failed', error: { code: 'InsufficientQuota', message: 'no more' } } },
    );
    await expect(port.put(ID, {})).rejects.toMatchObject({
      code: 'AZURE_REFUSED',
      message: `${ID}: InsufficientQuota: no more`,
    });
  });

  test('one that never ends is given up when its budget is spent', async () => {
    const forever = Array.from({ length: 50 }, () => ({ status: 202, headers: { 'retry-after': '60' } }));
    const { arm: port } = arm({ status: 202, headers: { location: OPERATION } }, ...forever);
    await expect(port.put(ID, {}, { budgetMs: 5 * 60_000 })).rejects.toMatchObject({
      code: 'OPERATION_TIMED_OUT',
    });
  });

  test('a stop ends the wait and starts nothing new', async () => {
    const {
      arm: port,
      controller,
      calls,
    } = arm({ status: 202, headers: { location: OPERATION } }, { status: 202 });
    const reason = new Error('stop');
    const put = port.put(ID, {});
    controller.abort(reason);
    await expect(put).rejects.toBe(reason);
    await expect(port.put(ID, {})).rejects.toBe(reason);
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  test('a resource that is not settled is waited for even without an operation', async () => {
    const { arm: port, told } = arm(
      { status: 200, body: { ...settled, properties: { provisioningState: 'Updating' } } },
      { status: 200, body: { ...settled, properties: { provisioningState: 'Updating' } } },
      { status: 200, body: settled },
    );
    await port.put(ID, {});
    expect(told.waiting).toEqual(['Updating']);
  });
});

describe('throttling and outages', () => {
  test('429 and 503 are waited out, Retry-After honoured', async () => {
    const { arm: port, clock } = arm(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503 },
      { status: 200, body: settled },
    );
    await port.get(ID);
    expect(clock.now() - NOW).toBe(9_000);
  });

  test('but not for ever', async () => {
    const busy = Array.from({ length: 20 }, () => ({ status: 429, headers: { 'retry-after': '50' } }));
    const { arm: port } = arm(...busy);
    await expect(port.get(ID)).rejects.toMatchObject({ code: 'AZURE_REFUSED' });
  });

  test('a refused connection is unreachable', async () => {
    const { arm: port } = arm(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
    await expect(port.get(ID)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

test('a token is asked for once, and again when it nears its end', async () => {
  const server = script(...Array.from({ length: 3 }, () => ({ status: 200, body: settled })));
  const clock = clockAt();
  const credential = countingCredential(10 * 60_000);
  const http = new AuthorizedHttp(server.fetch, credential, clock);
  const read = () => http.send({ method: 'GET', url: 'https://management.azure.com/x', scope: 's/.default' });
  await read();
  await read();
  expect(credential.asked).toEqual(['s/.default']);
  clock.advance(6 * 60_000);
  await read();
  expect(credential.asked).toHaveLength(2);
});
