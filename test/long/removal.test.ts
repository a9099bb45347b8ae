import { afterAll, describe, expect, inject, test } from 'vitest';
import { restoreStack } from '../support/provisioned-stack.ts';
import { type Removal, remove, resourceIds } from '../support/removal.ts';
import { smoke } from '../support/smoke.ts';

const NARROWS =
  'takes away rather than gives: with it the FHIR service holds a backend to its scopes even when asked past the ' +
  'gateway, and this backend has all of system/*.rs; test/provision/removal.test.ts shows it on one that has less';

/** Resources whose absence the smoke set need not notice, each with the reason; ten at most. */
const EXEMPT: Readonly<Record<string, string>> = {
  'role/client-fhir/backend': NARROWS,
  'role/client-fhir/backend-2': NARROWS,
};

const ids = await resourceIds(inject('snapshot'));
const matrix: Removal[] = [];

/** The matrix: resource → what noticed. */
afterAll(() => {
  for (const { id, refused, forced, planned } of matrix) {
    const by = [...(planned.includes(id) ? ['plan'] : []), ...refused.map(({ name }) => name)].join(', ');
    const notes = [
      ...(EXEMPT[id] === undefined ? [] : ['exempt']),
      ...(forced === undefined ? [] : [forced]),
    ];
    console.log(`${id.padEnd(34)} ${by}${notes.length === 0 ? '' : `  [${notes.join('; ')}]`}`);
  }
});

test('the whole stack passes the smoke set', async () => {
  const stack = await restoreStack(inject('snapshot'));
  try {
    expect(await smoke(stack)).toEqual([]);
  } finally {
    await stack.close();
  }
});

test('exemptions are few and of resources that exist', () => {
  expect(Object.keys(EXEMPT).length).toBeLessThanOrEqual(10);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(EXEMPT)));
});

describe('without one resource plan names it and something of the smoke set is refused', () => {
  test.each(ids)('%s', async (id) => {
    const removal = await remove(inject('snapshot'), id);
    matrix.push(removal);
    expect(removal.planned).toContain(id);
    if (EXEMPT[id] === undefined) expect(removal.refused).not.toEqual([]);
  });
});
