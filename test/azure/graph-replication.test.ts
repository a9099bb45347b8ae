import { describe, expect, test } from 'vitest';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { Graph } from '../../src/azure/graph.ts';
import { MINUTE, SECOND } from '../../src/core/clock.ts';
import { type Answer, clockAt, countingCredential, NOW, script } from './script.ts';

function graph(created: boolean, ...answers: Answer[]) {
  const server = script(...answers);
  const clock = clockAt();
  const waiting: string[] = [];
  const controller = new AbortController();
  const memory = { created };
  const port = new Graph({
    fetch: server.fetch,
    http: new AuthorizedHttp(server.fetch, countingCredential(), clock),
    clock,
    base: 'https://graph.microsoft.com',
    signal: controller.signal,
    waiting: (text) => void waiting.push(text),
    memory,
  });
  return { port, calls: server.calls, clock, waiting, controller, memory };
}

const error = (status: number, code: string, message = 'm'): Answer => ({
  status,
  body: { error: { code, message } },
});
const NOT_THERE = error(404, 'Request_ResourceNotFound');
const DONE: Answer = { status: 200, body: { id: 'a' } };

describe('refusals of writes after something was created', () => {
  test.each<[string, Answer]>([
    ['404: what is written to is not replicated', NOT_THERE],
    [
      '400: what is referred to is not replicated',
      error(
        400,
        'Request_BadRequest',
        "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
      ),
    ],
    [
      '400: the application behind a service principal',
      error(
        400,
        'Request_BadRequest',
        'When using this permission, the backing application of the service principal being created must in the local tenant',
      ),
    ],
    [
      '400: an appId nobody has seen yet',
      error(400, 'Request_BadRequest', "The appId 'x' does not reference a valid application object."),
    ],
    ['409: two writes on one object', error(409, 'Directory_ConcurrencyViolation')],
    ['412: the object changed', error(412, 'PreconditionFailed')],
  ])('%s: repeated', async (_, refusal) => {
    const { port, calls, waiting } = graph(true, refusal, DONE);
    expect(await port.post('/servicePrincipals', {})).toMatchObject({ id: 'a' });
    expect(calls).toHaveLength(2);
    expect(waiting).toEqual(['until the directory has replicated']);
  });

  test.each<[string, Answer]>([
    ['a value that is wrong', error(400, 'Request_BadRequest', 'Invalid value specified for property')],
    ['a permission that is missing', error(403, 'Authorization_RequestDenied', 'Insufficient privileges')],
    [
      'what is there already',
      error(409, 'Request_MultipleObjectsWithSameKeyValue', 'Another object with the same value exists'),
    ],
    ['no token', error(401, 'InvalidAuthenticationToken')],
  ])('%s: told at once', async (_, refusal) => {
    const { port, calls } = graph(true, refusal);
    await expect(port.post('/applications', {})).rejects.toThrow(/POST \/applications/);
    expect(calls).toHaveLength(1);
  });

  test('are not repeated for ever', async () => {
    const { port, calls, clock } = graph(true, ...new Array<Answer>(60).fill(NOT_THERE));
    await expect(port.patch('/applications/a', {})).rejects.toThrow(/Request_ResourceNotFound/);
    expect(calls.length).toBeGreaterThan(10);
    expect(clock.now() - NOW).toBeLessThanOrEqual(10 * MINUTE);
  });

  test('reads and deletions are taken at their word', async () => {
    const { port, calls } = graph(true, NOT_THERE, NOT_THERE);
    expect(await port.get('/applications/a')).toBeUndefined();
    await port.delete('/applications/a');
    expect(calls.map((call) => call.method)).toEqual(['GET', 'DELETE']);
  });
});

describe('what counts as created', () => {
  test.each<[string, (port: Graph) => Promise<unknown>, Answer, boolean]>([
    ['a POST', (port) => port.post('/applications', {}), { status: 201, body: { id: 'a' } }, true],
    ['an upsert that made it', (port) => port.upsert('/applications/a', {}), { ...DONE, status: 201 }, true],
    ['an upsert that changed it', (port) => port.upsert('/applications/a', {}), { status: 204 }, false],
    ['a PATCH', (port) => port.patch('/applications/a', {}), { status: 204 }, false],
    ['a read', (port) => port.get('/applications/a'), DONE, false],
    ['a reference', (port) => port.add('/groups/g/members', 'https://x/a'), { status: 204 }, true],
  ])('%s', async (_, call, answer, expected) => {
    const { port, memory } = graph(false, answer);
    await call(port);
    expect(memory.created).toBe(expected);
  });
});

test('a reference names the object by its URL', async () => {
  const { port, calls } = graph(false, { status: 204 });
  const object = 'https://graph.microsoft.com/v1.0/directoryObjects/a';
  await port.add('/servicePrincipals/s/claimsMappingPolicies', object);
  expect(calls[0]?.url).toBe(
    'https://graph.microsoft.com/v1.0/servicePrincipals/s/claimsMappingPolicies/$ref',
  );
  expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ '@odata.id': object });
});

describe('a fresh object', () => {
  test('is read until it shows up, with growing pauses', async () => {
    const { port, clock, waiting } = graph(true, NOT_THERE, NOT_THERE, NOT_THERE, DONE);
    expect(await port.getFresh('/applications/a')).toMatchObject({ id: 'a' });
    expect(clock.now() - NOW).toBe((1 + 2 + 4) * SECOND);
    expect(waiting).toHaveLength(3);
  });

  test('that never shows up is told', async () => {
    const { port } = graph(true, ...new Array<Answer>(60).fill(NOT_THERE));
    await expect(port.getFresh('/applications/a')).rejects.toThrow(
      '/applications/a was created and never appeared',
    );
  });

  test('whose read is refused is not waited for', async () => {
    const { port, calls } = graph(true, error(403, 'Authorization_RequestDenied'));
    await expect(port.getFresh('/applications/a')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(calls).toHaveLength(1);
  });
});

describe('throttling', () => {
  test.each([429, 500, 502, 503, 504])('%i is waited out, for reads too', async (status) => {
    const busy: Answer = { ...error(status, 'TooManyRequests'), headers: { 'retry-after': '7' } };
    const { port, clock, waiting } = graph(false, busy, DONE);
    expect(await port.get('/applications/a')).toMatchObject({ id: 'a' });
    expect(clock.now() - NOW).toBe(7 * SECOND);
    expect(waiting).toEqual(['Graph is busy']);
  });

  test('a pause longer than the budget is not begun', async () => {
    const busy: Answer = { ...error(429, 'TooManyRequests'), headers: { 'retry-after': '121' } };
    const { port, clock, calls } = graph(false, busy);
    await expect(port.get('/applications/a')).rejects.toThrow(/TooManyRequests/);
    expect(clock.now()).toBe(NOW);
    expect(calls).toHaveLength(1);
  });
});

test('after a stop nothing is sent', async () => {
  const { port, calls, controller } = graph(false);
  controller.abort(new Error('stopped'));
  await expect(port.post('/applications', {})).rejects.toThrow('stopped');
  expect(calls).toHaveLength(0);
});
