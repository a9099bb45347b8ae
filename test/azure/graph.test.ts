import { describe, expect, test } from 'vitest';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { Graph } from '../../src/azure/graph.ts';
import { type Answer, clockAt, countingCredential, NOW, script } from './script.ts';

function graph(...answers: Answer[]) {
  const server = script(...answers);
  const clock = clockAt();
  const http = new AuthorizedHttp(server.fetch, countingCredential(), clock);
  const memory = { created: false };
  const waiting: string[] = [];
  const port = new Graph({
    fetch: server.fetch,
    http,
    clock,
    base: 'https://graph.microsoft.com',
    signal: new AbortController().signal,
    waiting: (text) => void waiting.push(text),
    memory,
  });
  return { port, ...server, clock, memory, waiting };
}

const notThere = {
  status: 404,
  body: {
    error: {
      code: 'Request_ResourceNotFound',
      message:
        "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
    },
  },
};

describe('Microsoft Graph', () => {
  test('every call carries our token and goes to v1.0', async () => {
    const { port, calls } = graph({ status: 200, body: { id: 'a' } });
    expect(await port.get('/applications/a', { $select: 'id' })).toMatchObject({ id: 'a' });
    expect(calls[0]?.url).toBe('https://graph.microsoft.com/v1.0/applications/a?$select=id');
    expect(calls[0]?.headers.get('authorization')).toBe('Bearer token-1');
  });

  test('404 is undefined when read, an empty list when listed, and fine when deleted', async () => {
    const { port } = graph(notThere, notThere, notThere);
    expect(await port.get('/applications/a')).toBeUndefined();
    expect(await port.list('/applications/a/owners')).toEqual([]);
    await port.delete('/applications/a');
  });

  test('pages are followed, but never to another host', async () => {
    const next = 'https://graph.microsoft.com/v1.0/users?$skiptoken=1';
    const { port } = graph(
      { status: 200, body: { value: [{ id: '1' }], '@odata.nextLink': next } },
      { status: 200, body: { value: [{ id: '2' }] } },
    );
    expect(await port.list('/users')).toHaveLength(2);
    const evil = graph({
      status: 200,
      body: { value: [], '@odata.nextLink': 'https://evil.example/v1.0/users' },
    });
    await expect(evil.port.list('/users')).rejects.toThrow();
    expect(evil.calls).toHaveLength(1);
  });

  test('an upsert asks to create what is missing', async () => {
    const { port, calls } = graph({ status: 201, body: { id: 'a' } }, { status: 204 });
    expect(await port.upsert("/applications(uniqueName='u')", {})).toMatchObject({ id: 'a' });
    expect(await port.upsert("/applications(uniqueName='u')", {})).toBeUndefined();
    expect(calls[0]?.headers.get('prefer')).toBe('create-if-missing');
  });

  test('after a creation, "not found" on a write means: not replicated yet', async () => {
    const { port, waiting, clock } = graph({ status: 201, body: { id: 'a' } }, notThere, notThere, {
      status: 201,
      body: { id: 'b' },
    });
    await port.post('/applications', {});
    await port.post('/servicePrincipals', { appId: 'a' });
    expect(waiting).toHaveLength(2);
    expect(clock.now() - NOW).toBe(3_000);
  });

  test('before any creation it means what it says', async () => {
    const { port } = graph(notThere);
    await expect(port.patch('/applications/a', {})).rejects.toMatchObject({ code: 'AZURE_REFUSED' });
  });

  test('a refusal that will not pass is not repeated', async () => {
    const denied = {
      status: 403,
      body: { error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges.' } },
    };
    const { port, calls, memory } = graph(denied);
    memory.created = true;
    await expect(port.post('/applications', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(calls).toHaveLength(1);
  });

  test('parallel writes on one object are repeated; throttling obeys Retry-After', async () => {
    const conflict = {
      status: 409,
      body: { error: { code: 'Directory_ConcurrencyViolation', message: 'x' } },
    };
    const { port, memory } = graph(conflict, { status: 204 });
    memory.created = true;
    await port.patch('/applications/a', {});
    const busy = graph({ status: 429, headers: { 'retry-after': '11' } }, { status: 200, body: { id: 'a' } });
    await busy.port.get('/applications/a');
    expect(busy.clock.now() - NOW).toBe(11_000);
  });
});
