import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FetchLike } from '../../src/core/target.ts';
import { readOutputs } from '../../src/provision/outputs.ts';
import { applyStack, destroyStack, planStack } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { type Laptop, openLaptop, withFetch } from './laptop.ts';

/** Azure refuses one thing, once or for good; the rest of the run goes on and the next one ends it. */

let laptop: Laptop;
beforeEach(async () => {
  laptop = await openLaptop();
});
afterEach(() => laptop.close());

type Choose = (request: Request) => Response | undefined;

/** The laptop's input, with answers of its own where `choose` has one. */
function input(choose: Choose) {
  const { target } = laptop;
  const fetch: FetchLike = async (request) => choose(request) ?? target.fetch(request);
  return laptop.input({ target: withFetch(target, fetch) });
}

const refusal = (status: number, code: string, message = 'm'): Response =>
  Response.json({ error: { code, message } }, { status });
const messages = (errors: ReadonlyMap<string, Error> | undefined): readonly string[] =>
  [...(errors ?? new Map<string, Error>())].map(([id, error]) => `${id}: ${error.message}`);
const is = (request: Request, method: string, path: RegExp): boolean =>
  request.method === method && path.test(decodeURIComponent(new URL(request.url).pathname));

describe('apply', () => {
  const TAKEN = 'Request_MultipleObjectsWithSameKeyValue';
  const BIN = /\/directory\/deletedItems\/microsoft\.graph\.application$/;

  /** The directory says that the name of `backend` is taken, until what is in its bin was removed. */
  function binOf(items: readonly { id: string; uniqueName: (wanted: string) => string }[]) {
    let wanted = '';
    const removed: string[] = [];
    const choose: Choose = (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      const name = /\(uniqueName='([^']*-backend)'\)$/.exec(path)?.[1];
      if (name !== undefined && request.method === 'PATCH' && removed.length < items.length) {
        wanted = name;
        return refusal(
          400,
          TAKEN,
          'Another object with the same value for property uniqueName already exists.',
        );
      }
      if (is(request, 'GET', BIN))
        return Response.json({
          value: items.map(({ id, uniqueName }) => ({ id, uniqueName: uniqueName(wanted) })),
        });
      const gone = /\/directory\/deletedItems\/([^/]+)$/.exec(path)?.[1];
      if (request.method !== 'DELETE' || !items.some(({ id }) => id === gone)) return undefined;
      removed.push(gone ?? '');
      return new Response(null, { status: 204 });
    };
    return { choose, removed };
  }

  test('empties the directory’s bin of an app of ours that holds the name', async () => {
    const { choose, removed } = binOf([{ id: 'old', uniqueName: (wanted) => wanted }]);
    const { result } = await applyStack(input(choose));
    expect([messages(result?.errors), removed]).toEqual([[], ['old']]);
  });

  test('leaves the deleted apps of others there, and says that the name is taken', async () => {
    const { choose, removed } = binOf([{ id: 'other', uniqueName: () => 'somebody-elses' }]);
    const { result } = await applyStack(input(choose));
    expect(removed).toEqual([]);
    expect(messages(result?.errors)).toEqual([
      expect.stringMatching(/^entra\/client\/backend: .*MultipleObjects/),
    ]);
    expect(result?.statuses.get('entra/grant/ehr-patient')).toBe('done');
    expect((await applyStack(laptop.input())).result?.complete).toBe(true);
    expect((await planStack(laptop.input())).changes).toEqual([]);
  });

  test('without a vault blocks what needs one and makes the rest', async () => {
    const { result } = await applyStack(
      input((request) =>
        is(request, 'PUT', /\/vaults\/[^/]+$/) ? refusal(409, 'VaultAlreadyExists') : undefined,
      ),
    );
    expect(messages(result?.errors)).toEqual([expect.stringMatching(/^vault: .*VaultAlreadyExists/)]);
    expect([...(result?.errors.values() ?? [])][0]?.fix).toContain('run apply again');
    expect([result?.statuses.get('secret/session-key'), result?.statuses.get('fhir/service')]).toEqual([
      'blocked',
      'done',
    ]);
  });
});

describe('outputs', () => {
  test.each([401, 403])('leave out patients while the FHIR service answers %i', async (status) => {
    await applyStack(laptop.input());
    const choose: Choose = (request) =>
      is(request, 'GET', /^\/(Group|Patient)$/) ? refusal(status, 'Forbidden') : undefined;
    const outputs = await readOutputs(await openSession(input(choose)));
    expect([outputs.groups, outputs.patients]).toEqual([[], []]);
    expect(outputs.clients.length).toBeGreaterThan(5);
  });

  test('name people by what the service tells of them, in the order of their ids', async () => {
    await applyStack(laptop.input());
    const bundle = (...resources: object[]): Response =>
      Response.json({ resourceType: 'Bundle', entry: resources.map((resource) => ({ resource })) });
    const choose: Choose = (request) => {
      if (is(request, 'GET', /^\/Group$/)) return bundle({ id: 'g2' }, { id: 'g1', name: 'Everybody' });
      if (!is(request, 'GET', /^\/Patient$/)) return undefined;
      return bundle(
        { id: 'c', name: [{ family: 'Doe' }] },
        { id: 'b', name: [{ given: ['Ann', 'B.'], family: 'Roe' }, { family: 'Other' }] },
        { id: 'a', name: [] },
        { id: 'd', name: 'not a list' },
      );
    };
    const outputs = await readOutputs(await openSession(input(choose)));
    expect(outputs.groups).toEqual([
      { id: 'g1', name: 'Everybody' },
      { id: 'g2', name: 'g2' },
    ]);
    expect(outputs.patients).toEqual([
      { id: 'a', name: 'a' },
      { id: 'b', name: 'Ann B. Roe' },
      { id: 'c', name: 'Doe' },
      { id: 'd', name: 'd' },
    ]);
  });

  test('tell any other failure of the service', async () => {
    await applyStack(laptop.input());
    const session = await openSession(
      input((request) => (is(request, 'GET', /^\/Group$/) ? refusal(400, 'BadRequest') : undefined)),
    );
    await expect(readOutputs(session)).rejects.toMatchObject({ code: 'AZURE_REFUSED' });
  });
});

describe('destroy', () => {
  test('leaves users in the bin where it may not empty it', async () => {
    await applyStack(laptop.input());
    const { result } = await destroyStack(
      input((request) =>
        is(request, 'DELETE', /\/directory\/deletedItems\/[^/]+$/)
          ? refusal(403, 'Authorization_RequestDenied')
          : undefined,
      ),
    );
    const failed = messages(result?.errors).filter((text) => text.startsWith('user/'));
    expect(failed).toEqual([]);
    expect([result?.statuses.get('user/patient'), result?.statuses.get('user/practitioner')]).toEqual([
      'done',
      'done',
    ]);
  });

  test('goes on after a lock that somebody put on the group, and ends with the next run', async () => {
    await applyStack(laptop.input());
    const events: string[] = [];
    const { result, items } = await destroyStack({
      ...input((request) =>
        is(request, 'DELETE', /\/resourcegroups\/[^/]+$/i)
          ? refusal(409, 'ScopeLocked', 'the scope is locked')
          : undefined,
      ),
      onEvent: ({ kind, id }) => void events.push(`${kind} ${id}`),
    });
    expect(result?.complete).toBe(false);
    expect(messages(result?.errors)).toContainEqual(expect.stringMatching(/ScopeLocked/));
    expect(events.some((event) => event.startsWith('failed '))).toBe(true);
    const again = await destroyStack(laptop.input());
    expect(again.items.length).toBeLessThan(items.length);
    expect(again.result?.complete).toBe(true);
    expect((await destroyStack(laptop.input())).items).toEqual([]);
  });

  test('that is not approved removes nothing', async () => {
    await applyStack(laptop.input());
    const { result, items } = await destroyStack({ ...laptop.input(), approve: async () => false });
    expect([result, items.length > 10]).toEqual([undefined, true]);
    expect((await planStack(laptop.input())).changes).toEqual([]);
  });
});
