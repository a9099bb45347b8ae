import { expect, test } from 'vitest';
import {
  appRoles,
  delegatedScopes,
  describeScope,
  scopesSupported,
  toEntra,
} from '../../src/smart/scope-table.ts';
import { parseScope } from '../../src/smart/scopes.ts';

test.each([
  ['patient/Patient.rs', 'patient.Patient.rs'],
  ['patient/*.rs', 'patient.all.rs'],
  ['system/*.read', 'system.all.read'],
  ['launch/patient', 'launch.patient'],
  ['launch', 'launch'],
  [
    'patient/Condition.rs?category=http://hl7.org/x|y',
    'patient.Condition.rs?category=http:%2f%2fhl7.org%2fx|y',
  ],
])('%s is %s in Entra', (smart, entra) => {
  expect(toEntra(smart)).toBe(entra);
});

test('every permission value is one Entra takes, and none appears twice', () => {
  const values = [...delegatedScopes(), ...appRoles()].map((entry) => entry.entra);
  for (const value of values) {
    expect(value.length).toBeLessThanOrEqual(120);
    expect(value).toMatch(/^[^\s/.][^\s/]*$/);
  }
  expect(new Set(values).size).toBe(values.length);
  expect(values.length).toBeLessThan(400);
});

test('everything discovery lists is a scope of the grammar that reads only', () => {
  for (const text of scopesSupported()) {
    const scope = parseScope(text);
    expect(scope, text).toBeDefined();
    if (scope?.kind === 'resource') expect(scope.letters).toBe('rs');
  }
});

test('every scope is told in plain words', () => {
  for (const { smart, description } of delegatedScopes()) expect(description, smart).toMatch(/^[A-Z][a-z]+ /);
  expect(describeScope('patient/Observation.rs?category=http://x|laboratory')).toContain('only laboratory');
});
