import { describe, expect, test } from 'vitest';
import {
  covers,
  formatScopes,
  narrow,
  parseResourceScope,
  parseScope,
  parseScopeList,
} from '../../src/smart/scopes.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

/** Examples printed in SMART App Launch 2.2.0, scopes-and-launch-context. */
const FROM_THE_SPECIFICATION: readonly [text: string, context: string, type: string, letters: string][] = [
  ['patient/Observation.rs', 'patient', 'Observation', 'rs'],
  ['patient/*.cruds', 'patient', '*', 'cruds'],
  ['user/Appointment.cu', 'user', 'Appointment', 'cu'],
  ['system/*.rs', 'system', '*', 'rs'],
  ['patient/Patient.r', 'patient', 'Patient', 'r'],
  ['user/*.cruds', 'user', '*', 'cruds'],
  ['patient/*.rs', 'patient', '*', 'rs'],
  ['user/Encounter.cruds', 'user', 'Encounter', 'cruds'],
  [`patient/Observation.rs?category=${CATEGORY}|laboratory`, 'patient', 'Observation', 'rs'],
];

describe('grammar', () => {
  test.each(FROM_THE_SPECIFICATION)('%s', (text, context, type, letters) => {
    expect(parseScope(text)).toMatchObject({ kind: 'resource', text, context, type, letters, version: 2 });
  });

  test.each([
    ['patient/Observation.read', 'rs'],
    ['patient/Observation.write', 'cud'],
    ['user/*.*', 'cruds'],
  ])('version 1: %s', (text, letters) => {
    expect(parseScope(text)).toMatchObject({ kind: 'resource', version: 1, letters });
  });

  test.each([
    'launch',
    'launch/patient',
    'launch/encounter',
    'launch/imagingstudy?role=https://example.org/r',
  ])('launch: %s', (text) => {
    expect(parseScope(text)).toMatchObject({ kind: 'launch', text });
  });

  test.each(['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'])('oidc: %s', (text) => {
    expect(parseScope(text)).toEqual({ kind: 'oidc', text });
  });

  test.each(['https://example.org/scope', '__mine'])('extension: %s', (text) => {
    expect(parseScope(text)).toEqual({ kind: 'extension', text });
  });

  test.each([
    'patient/Observation.sr',
    'patient/Observation.dus',
    'patient/Observation.',
    'patient/Observation',
    'patient/Observation.x',
    'patient/Observation.readx',
    'patient/observation.rs',
    'Patient/Observation.rs',
    'patient/NotAResource.rs',
    'patient/Observation.RS',
    'patient.Observation.rs',
    'encounter/Observation.rs',
    'patient/Observation.read?category=a',
    'patient/*.rs?category=a',
    'patient/Observation.rs?category',
    'patient/Observation.rs?category=',
    'patient/Observation.rs?code:in=a',
    'patient/Observation.rs?subject.name=a',
    'patient/Observation.rs?_filter=a',
    'patient/Observation.rs?_has:Observation:code=a',
    'patient/Observation.rs?category="a"',
    'patient/Observation.rs\n',
    'OPENID',
    'launch/Patient',
    '',
  ])('refused: %j', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  test('a list names what it does not know, and repeats nothing', () => {
    const { scopes, unknown } = parseScopeList('openid  patient/*.rs nonsense openid');
    expect(scopes.map((scope) => scope.text)).toEqual(['openid', 'patient/*.rs']);
    expect(unknown).toEqual(['nonsense']);
  });
});

function granted(asked: string, allowed: string): string {
  return formatScopes(narrow(parseScopeList(asked).scopes, parseScopeList(allowed).scopes));
}

describe('narrowing', () => {
  test.each([
    ['openid launch patient/*.rs', 'openid patient/*.rs', 'openid patient/*.rs'],
    ['patient/Patient.rs', 'patient/*.rs', 'patient/Patient.rs'],
    ['patient/*.rs', 'patient/Patient.rs patient/Condition.r', 'patient/Patient.rs patient/Condition.r'],
    ['patient/Observation.cruds', 'patient/*.rs', 'patient/Observation.rs'],
    ['patient/Observation.cud', 'patient/*.rs', ''],
    ['patient/Observation.read', 'patient/*.rs', 'patient/Observation.read'],
    ['patient/*.*', 'patient/*.rs', 'patient/*.read'],
    ['patient/Observation.read', 'patient/*.read', 'patient/Observation.read'],
    ['user/Patient.rs', 'patient/*.rs', ''],
    [
      `patient/Observation.rs?category=${CATEGORY}|survey`,
      'patient/*.rs',
      `patient/Observation.rs?category=${CATEGORY}|survey`,
    ],
    ['patient/Observation.rs', 'patient/Observation.rs?category=a|b', 'patient/Observation.rs?category=a|b'],
    [
      'patient/Observation.rs?category=a|c',
      'patient/Observation.rs?category=a|b',
      'patient/Observation.rs?category=a|c&category=a|b',
    ],
    ['offline_access', 'openid', ''],
  ])('%s within %s', (asked, allowed, expected) => {
    expect(granted(asked, allowed)).toBe(expected);
  });

  test('a granular scope never covers the type as a whole', () => {
    const whole = parseResourceScope('patient/Observation.rs');
    const part = parseResourceScope('patient/Observation.rs?category=a');
    expect(whole !== undefined && part !== undefined && covers(whole, part)).toBe(true);
    expect(whole !== undefined && part !== undefined && covers(part, whole)).toBe(false);
  });
});
