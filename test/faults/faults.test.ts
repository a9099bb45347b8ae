import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { faults } from './index.ts';
import { FaultLab } from './lab.ts';

let lab: FaultLab;
beforeAll(async () => {
  lab = await FaultLab.open(inject('snapshot'), faults);
});
afterAll(async () => await lab?.close());

test('the sound stack has no red check and nothing that could not be judged', () => {
  const allowed = new Set(['pass', 'na']);
  const odd = lab.baseline.filter((result) => !allowed.has(result.outcome) || result.fix !== null);
  expect(odd.map((result) => `${result.id}: ${result.outcome} ${result.message}`)).toEqual([]);
});

test('every check has a fault whose set is that check alone', () => {
  const alone = new Set(faults.filter((fault) => fault.fails.length === 1).map((fault) => fault.fails[0]));
  const missing = checks.map((check) => check.meta.id).filter((id) => !alone.has(id) && !ELSEWHERE.has(id));
  expect(missing).toEqual([]);
});

describe('a fault turns red exactly its named set, and what lost its evidence is skipped and says why', () => {
  test.each(faults.map((fault) => [`${fault.fails.join(', ')} ← ${fault.name}`, fault] as const))(
    '%s',
    async (_, fault) => {
      const effect = await lab.run(fault);
      expect(effect.touched, 'the fault concerns no request').not.toEqual([]);
      expect(effect.red).toEqual([...fault.fails]);
      expect(effect.astray, 'lost its evidence without naming the defect').toEqual([]);
    },
  );
});
