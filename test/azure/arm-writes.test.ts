import { describe, expect, test } from 'vitest';
import { Arm } from '../../src/azure/arm.ts';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { operationUrlOf } from '../../src/azure/operation.ts';
import { MINUTE, SECOND } from '../../src/core/clock.ts';
import { type Answer, clockAt, countingCredential, NOW, script } from './script.ts';

const BASE = 'https://management.azure.com';
const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a';
const OPERATION = `${BASE}/subscriptions/s/operations/1?api-version=1`;

function arm(...answers: Answer[]) {
  const server = script(...answers);
  const clock = clockAt();
  const controller = new AbortController();
  const told = { operations: [] as string[], waiting: [] as string[] };
  const http = new AuthorizedHttp(server.fetch, countingCredential(), clock);
  const port = new Arm(http, clock, BASE, {
    signal: controller.signal,
    operation: async (url) => void told.operations.push(url),
    waiting: (text) => void told.waiting.push(text),
  });
  return { port, calls: server.calls, clock, controller, told };
}

const site = (state?: string): Answer => ({
  status: 200,
  body: { id: ID, name: 'a', properties: state === undefined ? {} : { provisioningState: state } },
});

describe('a write', () => {
  test('PATCH sends only what changes, under the condition it was given', async () => {
    const { port, calls } = arm(site('Succeeded'));
    await port.patch(ID, { tags: { a: 'b' } }, { ifMatch: '"7"' });
    expect(calls[0]).toMatchObject({ method: 'PATCH', body: '{"tags":{"a":"b"}}' });
    expect(calls[0]?.headers.get('if-match')).toBe('"7"');
    expect(calls[0]?.headers.get('content-type')).toBe('application/json');
  });

  test('without a condition none is sent', async () => {
    const { port, calls } = arm(site());
    await port.put(ID, {});
    expect(calls[0]?.headers.has('if-match')).toBe(false);
  });

  test.each(['Succeeded', 'Failed', 'Canceled', undefined])(
    'state %s is final: the answer is taken as it is',
    async (state) => {
      const { port, calls } = arm(site(state));
      expect((await port.put(ID, {})).properties['provisioningState']).toBe(state);
      expect(calls).toHaveLength(1);
    },
  );

  test.each(['Creating', 'Updating', 'Accepted', 'Activating'])('state %s is not', async (state) => {
    const { port, told } = arm(site(state), site(state), site('Succeeded'));
    expect((await port.put(ID, {})).properties['provisioningState']).toBe('Succeeded');
    expect(told.waiting).toEqual([state]);
  });

  test('an empty answer is completed by a read, which may be late', async () => {
    const { port, told } = arm({ status: 204 }, { status: 404 }, site('Succeeded'));
    expect(await port.put(ID, {})).toMatchObject({ name: 'a' });
    expect(told.waiting).toEqual(['Creating']);
  });

  test('a resource that never shows up ends with the budget of the caller', async () => {
    const never = new Array<Answer>(30).fill({ status: 404 });
    const { port, clock } = arm({ status: 204 }, ...never);
    await expect(port.put(ID, {}, { budgetMs: MINUTE })).rejects.toMatchObject({
      code: 'OPERATION_TIMED_OUT',
      message: `${ID} did not end within 1 minutes`,
    });
    expect(clock.now() - NOW).toBeLessThanOrEqual(MINUTE);
  });

  test.each<[number, string]>([
    [401, 'AUTH_FAILED'],
    [403, 'FORBIDDEN'],
    [409, 'AZURE_REFUSED'],
    [412, 'AZURE_REFUSED'],
  ])('status %i is %s and not repeated', async (status, code) => {
    const { port, calls } = arm({ status, body: { error: { code: 'Conflict', message: 'm' } } });
    await expect(port.put(ID, {})).rejects.toMatchObject({ code, message: expect.stringContaining(ID) });
    expect(calls).toHaveLength(1);
  });

  test('of a type nobody entered an api-version for is a defect, told before anything is sent', async () => {
    const { port, calls } = arm();
    await expect(port.put('/subscriptions/s/providers/Microsoft.Unheard/of/a', {})).rejects.toThrow(
      'no api-version for Microsoft.Unheard',
    );
    expect(calls).toHaveLength(0);
  });

  test('the innermost provider decides the api-version', async () => {
    const { port, calls } = arm(site());
    await port.put(`${ID}/providers/Microsoft.Authorization/roleAssignments/r`, {});
    expect(new URL(calls[0]?.url ?? '').searchParams.get('api-version')).toBe('2022-04-01');
  });
});

describe('a deletion', () => {
  test('of what is not there is fine', async () => {
    const { port, calls } = arm({ status: 404 });
    await port.delete(ID, { ifMatch: '*' });
    expect(calls[0]?.headers.get('if-match')).toBe('*');
  });

  test('that goes on is followed to its end', async () => {
    const { port, calls, told } = arm(
      { status: 202, headers: { location: OPERATION } },
      { status: 202, headers: { 'retry-after': '3' } },
      { status: 204 },
    );
    await port.delete(ID);
    expect(calls.map((call) => call.method)).toEqual(['DELETE', 'GET', 'GET']);
    expect(told.operations).toEqual([OPERATION]);
  });
});

describe('an action', () => {
  test('answers its document, {} when it has none', async () => {
    const { port, calls } = arm({ status: 200, body: { keys: [1] } }, { status: 204 });
    expect(await port.action(ID, 'listKeys')).toEqual({ keys: [1] });
    expect(calls[0]).toMatchObject({ method: 'POST' });
    expect(new URL(calls[0]?.url ?? '').pathname).toBe(`${ID}/listKeys`);
    expect(await port.action(ID, 'restart')).toEqual({});
  });

  test('with an api-version of its own', async () => {
    const { port, calls } = arm({ status: 200, body: {} });
    await port.action(ID, 'register', '2000-01-01');
    expect(new URL(calls[0]?.url ?? '').searchParams.getAll('api-version')).toEqual(['2000-01-01']);
  });

  test('that goes on answers what its operation ends with', async () => {
    const { port } = arm(
      { status: 202, headers: { location: OPERATION } },
      { status: 200, body: { properties: { link: 'x' } } },
    );
    expect(await port.action(ID, 'export')).toEqual({ properties: { link: 'x' } });
  });
});

describe('documents that are no resources', () => {
  test('are answered as they are; 404 is undefined', async () => {
    const { port, calls } = arm({ status: 200, body: { namespace: 'Microsoft.Web' } }, { status: 404 });
    expect(await port.getDocument('/providers/Microsoft.Web', '2021-04-01')).toEqual({
      namespace: 'Microsoft.Web',
    });
    expect(calls[0]?.url).toBe(`${BASE}/providers/Microsoft.Web?api-version=2021-04-01`);
    expect(await port.getDocument('/subscriptions/s')).toBeUndefined();
  });

  test.each([[[]], ['text'], [null]])('%j is no document', async (body) => {
    const { port } = arm({ status: 200, body });
    await expect(port.getDocument('/subscriptions/s')).rejects.toMatchObject({ code: 'RESPONSE_INVALID' });
  });
});

test('lists carry their query and are empty where the parent is gone', async () => {
  const { port, calls } = arm({ status: 200, body: { value: [] } }, { status: 404 });
  expect(await port.list(`${ID}/functions`, { $filter: "name eq 'x'" })).toEqual([]);
  expect(new URL(calls[0]?.url ?? '').searchParams.get('$filter')).toBe("name eq 'x'");
  expect(await port.list(`${ID}/functions`)).toEqual([]);
});

describe('an operation of an earlier run', () => {
  test('is waited for; that it failed or was forgotten is no error here', async () => {
    const failed: Answer = { status: 200, body: { status: 'Failed', error: { code: 'C', message: 'm' } } };
    const running: Answer = { status: 200, body: { status: 'InProgress' } };
    const { port, told } = arm(running, failed, { status: 404, body: {} });
    await port.settleOperation(OPERATION, 'the site');
    expect(told.waiting).toEqual(['InProgress']);
    await port.settleOperation(OPERATION, 'the site');
  });

  test('that may not be read is', async () => {
    const { port } = arm({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'm' } } });
    await expect(port.settleOperation(OPERATION, 'the site')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('is polled where it moved to, at the pace the service asks for', async () => {
    const moved = `${BASE}/subscriptions/s/operations/2?api-version=1`;
    const { port, calls, clock } = arm(
      { status: 202, headers: { location: moved, 'retry-after': '10' } },
      { status: 202, headers: { 'retry-after': '5' } },
      { status: 200, body: { status: 'Succeeded' } },
    );
    await port.settleOperation(OPERATION, 'the site');
    expect(calls.map((call) => call.url)).toEqual([OPERATION, moved, moved]);
    expect(clock.now() - NOW).toBe(15 * SECOND);
  });
});

// https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
test.each<[string, number, Record<string, string>, string | undefined]>([
  ['201 with Azure-AsyncOperation', 201, { 'azure-asyncoperation': OPERATION }, OPERATION],
  ['202 with Location', 202, { location: OPERATION }, OPERATION],
  [
    'both: the one with a status',
    202,
    { 'azure-asyncoperation': OPERATION, location: 'https://x/' },
    OPERATION,
  ],
  ['201 with the address of what was made', 201, { location: OPERATION }, undefined],
  ['200', 200, {}, undefined],
])('%s', (_, status, headers, url) => {
  expect(operationUrlOf(new Headers(headers), status)).toBe(url);
});
