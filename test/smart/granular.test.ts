import { expect, test } from 'vitest';
import { isEnforceable, matchesConstraints } from '../../src/smart/granular.ts';
import { parseResourceScope } from '../../src/smart/scopes.ts';

const observation = {
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: 'http://s', code: 'laboratory' }] }, { coding: [{ code: 'plain' }] }],
};

test.each([
  ['category', 'http://s|laboratory', true],
  ['category', 'laboratory', true],
  ['category', 'http://s|', true],
  ['category', '|plain', true],
  ['category', '|laboratory', false],
  ['category', 'http://other|laboratory', false],
  ['category', 'http://s|lab', false],
  ['category', 'x,laboratory', true],
  ['status', 'final', true],
  ['status', 'preliminary', false],
  ['foo', 'bar', false],
])('%s=%s', (name, value, expected) => {
  expect(matchesConstraints(observation, 'Observation', [{ name, value }])).toBe(expected);
});

test('every constraint has to match', () => {
  const constraints = [
    { name: 'category', value: 'laboratory' },
    { name: 'status', value: 'preliminary' },
  ];
  expect(matchesConstraints(observation, 'Observation', constraints)).toBe(false);
});

test.each([
  ['patient/Observation.rs', true],
  ['patient/Observation.rs?category=a', true],
  ['patient/Observation.rs?foo=a', false],
  ['patient/Immunization.rs?status=a', false],
])('%s can be enforced: %s', (text, expected) => {
  const scope = parseResourceScope(text);
  expect(scope !== undefined && isEnforceable(scope)).toBe(expected);
});
