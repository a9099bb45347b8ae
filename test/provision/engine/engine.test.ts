import { describe, expect, test } from 'vitest';
import { type ApplyResult, applyPlan } from '../../../src/provision/engine/apply.ts';
import { destroyPlanned, planDestroy } from '../../../src/provision/engine/destroy.ts';
import type { Journal, JournalEntry } from '../../../src/provision/engine/journal.ts';
import { openWork } from '../../../src/provision/engine/journal.ts';
import { makePlan, type Plan } from '../../../src/provision/engine/plan.ts';
import type { Stack } from '../../../src/provision/engine/resource.ts';
import { isUnknown, unknownValue } from '../../../src/provision/engine/unknown.ts';
import { FakeCloud, type FakeTools, stackOf, thing } from './fake-cloud.ts';

const never = new AbortController().signal;

class MemoryJournal implements Journal {
  readonly entries: JournalEntry[] = [];
  beforeWrite: (entry: JournalEntry) => void = () => undefined;

  async write(entry: JournalEntry): Promise<void> {
    this.beforeWrite(entry);
    this.entries.push(entry);
  }

  async close(): Promise<void> {}

  text(): string {
    return this.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
}

function plan(stack: Stack<FakeTools>, cloud: FakeCloud): Promise<Plan> {
  return makePlan(stack, { tools: { cloud }, signal: never });
}

async function apply(
  stack: Stack<FakeTools>,
  cloud: FakeCloud,
  options: { journal?: MemoryJournal; signal?: AbortSignal; plan?: Plan } = {},
): Promise<ApplyResult> {
  return applyPlan(stack, options.plan ?? (await plan(stack, cloud)), {
    tools: () => ({ cloud }),
    signal: options.signal ?? never,
    journal: options.journal ?? new MemoryJournal(),
    now: () => 0,
  });
}

const actions = (made: Plan): string[] => made.changes.map((change) => `${change.action} ${change.id}`);

/** a ← b ← c, and d alone; b's value comes from a, so it is unknown at first. */
const chain = (): Stack<FakeTools> =>
  stackOf(
    thing('c', { dependsOn: ['b'], value: (outputs) => outputs.get('b', 'address') }),
    thing('b', { dependsOn: ['a'], value: (outputs) => outputs.get('a', 'address') }),
    thing('a'),
    thing('d'),
  );

describe('plan', () => {
  test('lists what is missing, changes nothing, and is empty after apply', async () => {
    const cloud = new FakeCloud();
    const first = await plan(chain(), cloud);
    expect(actions(first)).toEqual(['create c', 'create b', 'create a', 'create d']);
    expect(cloud.things.size).toBe(0);
    expect((await apply(chain(), cloud)).complete).toBe(true);
    expect(cloud.things.get('c')?.value).toBe('b:a:one');
    const second = await plan(chain(), cloud);
    expect(second.changes).toEqual([]);
    expect(second.unchanged).toHaveLength(4);
    expect(second.outputs['c']).toEqual({ address: 'c:b:a:one' });
  });

  test('shows a value that only apply will know as null', async () => {
    const cloud = new FakeCloud();
    cloud.things.set('b', { name: 'b', value: 'old', owner: 'us' });
    const made = await plan(chain(), cloud);
    expect(made.changes.find((change) => change.id === 'b')).toMatchObject({
      action: 'update',
      fields: [{ field: 'value', from: 'old', to: null }],
    });
  });

  test('an update, a replacement, a removal', async () => {
    const cloud = new FakeCloud();
    await apply(stackOf(thing('a'), thing('b'), thing('gone')), cloud);
    const next = stackOf(
      thing('a', { value: () => 'two' }),
      thing('b', { value: () => 'two', replaces: true }),
    );
    const made = await plan(next, cloud);
    expect(actions(made)).toEqual(['update a', 'replace b', 'delete gone']);
    expect((await apply(next, cloud)).complete).toBe(true);
    expect(cloud.calls).toContain('delete b');
    expect([...cloud.things.keys()].sort()).toEqual(['a', 'b']);
    expect((await plan(next, cloud)).changes).toEqual([]);
  });

  test('adopts what it was told to, and refuses what is foreign', async () => {
    const cloud = new FakeCloud();
    cloud.things.set('a', { name: 'a', value: 'theirs', owner: 'them' });
    await expect(plan(stackOf(thing('a')), cloud)).rejects.toMatchObject({ code: 'NOT_OURS' });
    const adopting = stackOf(thing('a', { adoptable: true }));
    expect(actions(await plan(adopting, cloud))).toEqual(['adopt a']);
    await apply(adopting, cloud);
    expect((await plan(adopting, cloud)).changes).toEqual([]);
    expect(cloud.things.get('a')?.owner).toBe('us-adopted');
  });

  test('the fingerprint follows what exists and what is wanted', async () => {
    const cloud = new FakeCloud();
    const before = (await plan(chain(), cloud)).fingerprint;
    expect((await plan(chain(), cloud)).fingerprint).toBe(before);
    cloud.things.set('a', { name: 'a', value: 'one', owner: 'us' });
    expect((await plan(chain(), cloud)).fingerprint).not.toBe(before);
  });

  test('reading an output without declaring it is a defect that shows', async () => {
    const wrong = stackOf(thing('a'), thing('b', { value: (outputs) => outputs.get('a', 'address') }));
    await expect(plan(wrong, new FakeCloud())).rejects.toThrow('b reads a.address without depending on it');
  });

  test('a failing read fails the plan', async () => {
    const cloud = new FakeCloud();
    cloud.beforeCall = (call) => {
      if (call === 'get a') throw new Error('no network');
    };
    await expect(plan(chain(), cloud)).rejects.toThrow('no network');
  });
});

describe('apply', () => {
  test('independent branches go on after a failure; what depends on it is blocked', async () => {
    const cloud = new FakeCloud();
    cloud.beforeCall = (call) => {
      if (call === 'put b') throw new Error('refused');
    };
    const result = await apply(chain(), cloud);
    expect(Object.fromEntries(result.statuses)).toEqual({ a: 'done', b: 'failed', c: 'blocked', d: 'done' });
    expect([result.complete, result.errors.get('b')?.message]).toEqual([false, 'refused']);
    cloud.beforeCall = () => undefined;
    expect(actions(await plan(chain(), cloud))).toEqual(['create c', 'create b']);
  });

  test('an intent is on paper before its request, its outcome after', async () => {
    const cloud = new FakeCloud();
    const journal = new MemoryJournal();
    cloud.beforeCall = (call) => {
      if (call.startsWith('put '))
        expect(openWork(journal.text()).map((work) => work.id)).toContain(call.slice(4));
    };
    await apply(chain(), cloud, { journal });
    expect(openWork(journal.text())).toEqual([]);
  });

  test('a stop lets running work end, starts nothing new, and leaves the rest for the next run', async () => {
    const cloud = new FakeCloud();
    const stop = new AbortController();
    const journal = new MemoryJournal();
    cloud.afterCall = (call) => {
      if (call === 'put a') stop.abort(new Error('stopped'));
    };
    const result = await apply(stackOf(thing('b', { dependsOn: ['a'] }), thing('a')), cloud, {
      signal: stop.signal,
      journal,
    });
    expect(Object.fromEntries(result.statuses)).toEqual({ a: 'done', b: 'stopped' });
    expect([result.complete, openWork(journal.text())]).toEqual([false, []]);
  });

  test('refuses a replacement that the plan did not announce', async () => {
    const cloud = new FakeCloud();
    const stack = stackOf(thing('a', { replaces: true }));
    await apply(stack, cloud);
    const old = await plan(stack, cloud);
    cloud.things.set('a', { name: 'a', value: 'changed by hand', owner: 'us' });
    const result = await apply(stack, cloud, { plan: old });
    expect(result.errors.get('a')?.code).toBe('PLAN_STALE');
    expect(cloud.calls).not.toContain('delete a');
  });
});

describe('killed anywhere, the next run converges', () => {
  const stack = chain();

  async function countSteps(): Promise<number> {
    const cloud = new FakeCloud();
    let steps = 0;
    const journal = new MemoryJournal();
    cloud.beforeCall = cloud.afterCall = () => void steps++;
    journal.beforeWrite = () => void steps++;
    const made = await plan(stack, cloud);
    steps = 0;
    await apply(stack, cloud, { journal, plan: made });
    return steps;
  }

  test('at every request and every line of the journal', async () => {
    const total = await countSteps();
    expect(total).toBeGreaterThan(15);
    for (let deadAt = 1; deadAt <= total; deadAt++) {
      const cloud = new FakeCloud();
      const made = await plan(stack, cloud);
      let step = 0;
      const journal = new MemoryJournal();
      // Once dead, nothing of the process acts any more.
      const die = (): void => {
        if (++step >= deadAt) throw new Error('killed');
      };
      cloud.beforeCall = cloud.afterCall = die;
      journal.beforeWrite = die;
      await apply(stack, cloud, { journal, plan: made }).catch(() => undefined);
      cloud.beforeCall = cloud.afterCall = () => undefined;
      const result = await apply(stack, cloud);
      expect([deadAt, result.complete]).toEqual([deadAt, true]);
      expect((await plan(stack, cloud)).changes).toEqual([]);
    }
  });
});

describe('destroy', () => {
  test('users before what they use; contained things go with their container; adopted ones are detached', async () => {
    const cloud = new FakeCloud();
    cloud.things.set('theirs', { name: 'theirs', value: 'one', owner: 'them' });
    const stack = stackOf(
      thing('a'),
      thing('b', { dependsOn: ['a'] }),
      thing('inside', { dependsOn: ['b'], containedIn: 'b' }),
      thing('theirs', { adoptable: true }),
    );
    await apply(stackOf(...stack.resources, thing('forgotten')), cloud);
    cloud.calls.length = 0;
    const doomed = await planDestroy(stack, { tools: { cloud }, signal: never });
    expect(doomed.items.map((item) => `${item.action} ${item.id}`)).toEqual([
      'delete a',
      'delete b',
      'delete inside',
      'detach theirs',
      'delete forgotten',
    ]);
    const journal = new MemoryJournal();
    const result = await destroyPlanned(stack, doomed, {
      tools: () => ({ cloud }),
      signal: never,
      journal,
      now: () => 0,
    });
    expect(result.complete).toBe(true);
    const writes = cloud.calls.filter((call) => !call.startsWith('get '));
    expect(writes.indexOf('delete b')).toBeLessThan(writes.indexOf('delete a'));
    expect(writes).not.toContain('delete inside');
    expect(writes).not.toContain('delete theirs');
    expect(cloud.things.get('theirs')?.owner).toBe('them');
  });

  test('foreign things are left alone', async () => {
    const cloud = new FakeCloud();
    cloud.things.set('a', { name: 'a', value: 'one', owner: 'them' });
    expect((await planDestroy(stackOf(thing('a')), { tools: { cloud }, signal: never })).items).toEqual([]);
  });
});

test('unknowns survive interpolation', () => {
  const text = `https://${unknownValue('web/app', 'host')}/api`;
  expect(isUnknown({ deep: [{ text }] })).toBe(true);
  expect(isUnknown({ deep: ['https://known'] })).toBe(false);
});
