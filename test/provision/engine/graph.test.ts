import { describe, expect, test } from 'vitest';
import { inOrder, walk } from '../../../src/provision/engine/graph.ts';

const node = (id: string, ...dependsOn: string[]) => ({ id, dependsOn });
const never = new AbortController().signal;

describe('order', () => {
  const cases: readonly [string, ReturnType<typeof node>[], string[]][] = [
    ['empty', [], []],
    ['free nodes keep their order', [node('b'), node('a')], ['b', 'a']],
    ['dependencies first', [node('c', 'b'), node('b', 'a'), node('a')], ['a', 'b', 'c']],
    ['a diamond', [node('d', 'b', 'c'), node('b', 'a'), node('c', 'a'), node('a')], ['a', 'b', 'c', 'd']],
  ];
  for (const [title, nodes, ids] of cases) {
    test(title, () => expect(inOrder(nodes).map((item) => item.id)).toEqual(ids));
  }

  test('defects are named', () => {
    expect(() => inOrder([node('a', 'b'), node('b', 'c'), node('c', 'b')])).toThrow(
      'dependency cycle: b → c → b',
    );
    expect(() => inOrder([node('a', 'x')])).toThrow('a depends on x');
    expect(() => inOrder([node('a'), node('a')])).toThrow('share the id a');
  });
});

test('never more at a time than allowed', async () => {
  let [running, most] = [0, 0];
  await walk(
    ['a', 'b', 'c', 'd', 'e'].map((id) => node(id)),
    { concurrency: 2, signal: never },
    async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      await Promise.resolve();
      running--;
    },
  );
  expect(most).toBe(2);
});
