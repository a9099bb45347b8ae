import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stop } from '../../src/core/io.ts';
import type { FetchLike } from '../../src/core/target.ts';
import { pendingWork } from '../../src/provision/engine/journal.ts';
import { applyStack, planStack } from '../../src/provision/provision.ts';
import { openSession, type Session } from '../../src/provision/session.ts';
import { type Laptop, openLaptop, withFetch } from './laptop.ts';

const failures = (result: { errors: ReadonlyMap<string, Error> } | undefined): string[] =>
  [...(result?.errors ?? [])].map(([id, error]) => `${id}: ${error.message}`);

/** What nothing else is made from: each can go without taking another along. */
const LEAVES =
  /^(entra\/(grant|app-roles|claims)\/|role\/|user\/|functions\/(settings|host-key)$|apim\/api\/)/;
const SECRETS = /^secret\//;
const APPS = /^entra\/(client\/|sign-in$|claims-policy$)/;
const CONTAINERS = ['functions/app', 'apim/service', 'entra/fhir', 'fhir/service', 'storage/account'];

describe('whatever is taken away is missed by plan and put back by apply', () => {
  let laptop: Laptop;
  let session: Session;

  beforeAll(async () => {
    laptop = await openLaptop();
    const { result } = await applyStack(laptop.input());
    expect(failures(result)).toEqual([]);
    session = await openSession(laptop.input());
  });
  afterAll(() => laptop.close());

  /** Removes resources behind the tool's back, users before what they use. */
  async function takeAway(ids: readonly string[]): Promise<void> {
    const { outputs } = await planStack(laptop.input());
    for (const resource of session.stack.resources.toReversed()) {
      if (!ids.includes(resource.id)) continue;
      const want = resource.desired({ get: (from, field) => outputs[from]?.[field] ?? '' });
      const found = await resource.read(session.reader, want);
      await resource.destroy(session.reader, found!.have);
    }
  }

  async function missedAndPutBack(ids: readonly string[]): Promise<void> {
    await takeAway(ids);
    const { changes } = await planStack(laptop.input());
    expect(changes.map((change) => change.id)).toEqual(expect.arrayContaining([...ids]));
    const { result } = await applyStack(laptop.input());
    expect(failures(result)).toEqual([]);
    expect((await planStack(laptop.input())).changes).toEqual([]);
  }

  const matching = (pattern: RegExp): string[] => {
    const ids = session.stack.resources.map((resource) => resource.id).filter((id) => pattern.test(id));
    expect(ids.length).toBeGreaterThan(2);
    return ids;
  };

  // The vault can only be looked into with the deployer's own role, so that one goes alone.
  test('grants, roles, users, settings, APIs', () =>
    missedAndPutBack(matching(LEAVES).filter((id) => id !== 'role/deployer-vault')));
  test('the deployer’s access to the vault', () => missedAndPutBack(['role/deployer-vault']));
  test('secrets', () => missedAndPutBack(matching(SECRETS)));
  test('app registrations', () => missedAndPutBack(matching(APPS)));
  for (const id of CONTAINERS) test(`${id}, with all that hangs on it`, () => missedAndPutBack([id]));
});

describe('a run that dies between two requests', () => {
  /** Lets `count` requests through; then the process is dead: nothing it starts arrives, or its last answer is lost. */
  function dyingAfter(
    fetch: FetchLike,
    count: number,
    loseAnswer = false,
  ): { fetch: FetchLike; seen: () => number } {
    let seen = 0;
    return {
      fetch: async (request) => {
        seen++;
        if (seen > count) throw new Error('killed');
        const answer = await fetch(request);
        if (loseAnswer && seen >= count) throw new Error('killed before the answer came');
        return answer;
      },
      seen: () => seen,
    };
  }

  test('is completed by the next one, wherever it died', async () => {
    const whole = await openLaptop();
    const counting = dyingAfter(whole.cloud.fetch, Number.POSITIVE_INFINITY);
    await applyStack(whole.input({ target: withFetch(whole.target, counting.fetch) }));
    const total = counting.seen();
    await whole.close();
    for (const [index, part] of [0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97].entries()) {
      const laptop = await openLaptop();
      const dying = dyingAfter(laptop.cloud.fetch, Math.floor(total * part), index % 2 === 1);
      await applyStack(laptop.input({ target: withFetch(laptop.target, dying.fetch) })).catch(
        () => undefined,
      );
      const { result } = await applyStack(laptop.input());
      expect([part, failures(result)]).toEqual([part, []]);
      expect([part, (await planStack(laptop.input())).changes]).toEqual([part, []]);
      await laptop.close();
    }
  }, 60_000);
});

test('a run that is stopped while Azure works leaves the operation’s URL; the next one waits for it', async () => {
  const laptop = await openLaptop({ timing: { armOperationMs: 60_000 } });
  const controller = new AbortController();
  const { plan, result } = await applyStack({
    ...laptop.input({ signal: controller.signal }),
    onEvent: (event) => {
      if (event.id === 'apim/service' && event.kind === 'waiting') controller.abort(new Stop('interrupt'));
    },
  });
  expect(result?.complete).toBe(false);
  expect([...(result?.errors ?? [])]).toEqual([]);
  expect(result?.statuses.get('apim/service')).toBe('stopped');
  expect(result?.statuses.size).toBe(plan.changes.length);
  const folder = join(laptop.input().stateFolder, 'journal', 'local');
  const pending = await pendingWork(folder);
  expect(pending.find((work) => work.id === 'apim/service')?.operationUrl).toMatch(
    /^https:\/\/management\.azure\.com\/.*operationstatuses/,
  );
  const { result: next } = await applyStack(laptop.input());
  expect(failures(next)).toEqual([]);
  expect((await planStack(laptop.input())).changes).toEqual([]);
  await laptop.close();
});

test('a journal that leads elsewhere is not followed', async () => {
  const laptop = await openLaptop();
  const folder = join(laptop.input().stateFolder, 'journal', 'local');
  await mkdir(folder, { recursive: true });
  const lines = [
    { kind: 'intent', id: 'vault', action: 'create' },
    { kind: 'operation', id: 'vault', url: 'https://evil.example/operation' },
  ];
  await writeFile(join(folder, '2026.ndjson'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const { result } = await applyStack(laptop.input());
  expect(failures(result)).toEqual([]);
  await laptop.close();
});
