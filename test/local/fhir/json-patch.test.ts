import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, diagnostics, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

const HL7 = 'http://hl7.org/fhir';
let cloud: FhirCloud;
let turn = 0;
beforeAll(async () => {
  cloud = await fhirCloud();
});

const START = {
  name: [{ family: 'A', given: ['x', 'y'] }, { family: 'B' }],
  contact: [{ name: { family: 'C' } }],
  extension: [{ url: `${HL7}/a~b`, valueInteger: 5 }],
};

/** What a patch makes of a new patient like START. */
async function patched(operations: unknown, type = 'application/json-patch+json'): Promise<Answer> {
  const id = `p${turn++}`;
  expect((await cloud.put(patient(id, START))).status).toBe(201);
  const answer = await cloud.admin(`/Patient/${id}`, {
    method: 'PATCH',
    body: operations,
    headers: { 'content-type': type },
  });
  const stored = await cloud.admin(`/Patient/${id}`);
  if (answer.status === 200) expect(stored.body).toEqual(answer.body);
  else expect([stored.headers.get('etag'), stored.body.name]).toEqual(['W/"1"', START.name]);
  return answer;
}

describe('RFC 6902: what each operation does', () => {
  test.each<[string, unknown, Record<string, unknown>]>([
    ['add a member', { op: 'add', path: '/active', value: true }, { active: true }],
    ['add over a member', { op: 'add', path: '/gender', value: 'male' }, { gender: 'male' }],
    [
      'add in front of a list',
      { op: 'add', path: '/name/0/given/0', value: 'w' },
      { name: [{ family: 'A', given: ['w', 'x', 'y'] }, { family: 'B' }] },
    ],
    [
      'add behind a list by its length',
      { op: 'add', path: '/name/0/given/2', value: 'z' },
      { name: [{ family: 'A', given: ['x', 'y', 'z'] }, { family: 'B' }] },
    ],
    [
      'remove an item',
      { op: 'remove', path: '/name/0/given/0' },
      { name: [{ family: 'A', given: ['y'] }, { family: 'B' }] },
    ],
    ['remove a member', { op: 'remove', path: '/contact' }, { contact: undefined }],
    [
      'replace an item',
      { op: 'replace', path: '/name/1', value: { text: 'n' } },
      { name: [{ family: 'A', given: ['x', 'y'] }, { text: 'n' }] },
    ],
    [
      'move between lists',
      { op: 'move', from: '/name/1', path: '/contact/0/name' },
      { name: [{ family: 'A', given: ['x', 'y'] }], contact: [{ name: { family: 'B' } }] },
    ],
    ['move onto itself', { op: 'move', from: '/name/0', path: '/name/0' }, { name: START.name }],
    [
      'copy a whole object',
      { op: 'copy', from: '/name/1', path: '/name/-' },
      { name: [...START.name, { family: 'B' }] },
    ],
    [
      'a test that holds, members in any order',
      { op: 'test', path: '/name/0', value: { given: ['x', 'y'], family: 'A' } },
      START,
    ],
    [
      'members nobody knows are ignored',
      { op: 'add', path: '/active', value: false, note: 'x' },
      { active: false },
    ],
    ['an escaped pointer', { op: 'test', path: '/extension/0/url', value: `${HL7}/a~b` }, START],
  ])('%s', async (_name, operation, expected) => {
    const answer = await patched([operation]);
    expect(answer.status).toBe(200);
    for (const [name, value] of Object.entries(expected)) expect(answer.body[name]).toEqual(value);
  });

  test('operations see what the ones before them did', async () => {
    const answer = await patched([
      { op: 'add', path: '/photo', value: [] },
      { op: 'add', path: '/photo/-', value: { title: 'a' } },
      { op: 'copy', from: '/photo/0', path: '/photo/0' },
      { op: 'replace', path: '/photo/1/title', value: 'b' },
    ]);
    expect(answer.body.photo).toEqual([{ title: 'a' }, { title: 'b' }]);
  });

  test('application/json is a patch as well, FHIRPath Patch is refused aloud', async () => {
    expect((await patched([{ op: 'remove', path: '/gender' }], 'application/json')).status).toBe(200);
    const parameters = await patched({ resourceType: 'Parameters' }, 'application/fhir+json');
    expect([parameters.status, diagnostics(parameters)]).toEqual([
      501,
      expect.stringContaining('FHIRPath Patch'),
    ]);
    expect((await patched('x', 'text/plain')).status).toBe(415);
  });
});

describe('RFC 6902: what fails changes nothing', () => {
  test.each<[string, unknown, string]>([
    ['no list', { op: 'remove', path: '/gender' }, 'not a list of operations'],
    ['an empty text', '  ', 'the patch is empty'],
    ['an operation that is a text', ['remove'], 'not an object'],
    ['no op', [{ path: '/gender' }], "unknown operation 'undefined'"],
    ['op in capitals', [{ op: 'Remove', path: '/gender' }], "unknown operation 'Remove'"],
    ['no path', [{ op: 'remove' }], 'not a JSON pointer'],
    ['a path without slash', [{ op: 'remove', path: 'gender' }], 'not a JSON pointer'],
    ['no from', [{ op: 'copy', path: '/gender' }], 'not a JSON pointer'],
    ['add without value', [{ op: 'add', path: '/active' }], 'lacks its value'],
    ['replace without value', [{ op: 'replace', path: '/gender' }], 'lacks its value'],
    ['test without value', [{ op: 'test', path: '/gender' }], 'lacks its value'],
    ['remove the whole', [{ op: 'remove', path: '' }], 'cannot be removed'],
    ['remove what is not there', [{ op: 'remove', path: '/active' }], "nothing is at '/active'"],
    ['add below what is not there', [{ op: 'add', path: '/photo/0', value: {} }], "nothing is at '/photo'"],
    ['add below a text', [{ op: 'add', path: '/gender/x', value: 1 }], 'nothing is at'],
    ['an index beyond the end', [{ op: 'add', path: '/name/3', value: {} }], "no such index '3'"],
    ['an index with a leading zero', [{ op: 'add', path: '/name/01', value: {} }], "no such index '01'"],
    ['a negative index', [{ op: 'add', path: '/name/-1', value: {} }], "no such index '-1'"],
    ['a name in a list', [{ op: 'replace', path: '/name/family', value: 'x' }], 'nothing is at'],
    ['behind the list, nothing to replace', [{ op: 'replace', path: '/name/-', value: {} }], 'nothing is at'],
    ['move into itself', [{ op: 'move', from: '/contact', path: '/contact/0' }], 'into itself'],
    [
      'move into the item that takes its place',
      [{ op: 'move', from: '/name/0', path: '/name/0/period' }],
      'into itself',
    ],
    ['copy what is not there', [{ op: 'copy', from: '/photo', path: '/contact' }], 'nothing is at'],
    ['a prototype', [{ op: 'add', path: '/name/0/__proto__', value: {} }], 'names no element'],
    ['an inherited member', [{ op: 'test', path: '/constructor', value: 1 }], 'nothing is at'],
    ['a test of another value', [{ op: 'test', path: '/name/1', value: { family: 'A' } }], 'differs'],
    ['a test of a shorter list', [{ op: 'test', path: '/name/0/given', value: ['x'] }], 'differs'],
    ['a test of fewer members', [{ op: 'test', path: '/name/0', value: { family: 'A' } }], 'differs'],
    [
      'a test of a number as text',
      [{ op: 'test', path: '/extension/0/valueInteger', value: '5' }],
      'differs',
    ],
    ['an unknown element', [{ op: 'add', path: '/frob', value: 1 }], "unknown element 'frob'"],
    ['an empty list left behind', [{ op: 'remove', path: '/contact/0' }], 'an array cannot be empty'],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Person' }], ''],
    [
      'the whole by another',
      [{ op: 'replace', path: '', value: { resourceType: 'Patient', id: 'q' } }],
      'immutable',
    ],
    ['the version', [{ op: 'replace', path: '/meta/versionId', value: '9' }], 'immutable'],
    ['the time', [{ op: 'replace', path: '/meta/lastUpdated', value: '2020-01-01T00:00:00Z' }], 'immutable'],
    [
      'a later operation',
      [
        { op: 'replace', path: '/gender', value: 'male' },
        { op: 'test', path: '/gender', value: 'female' },
      ],
      'differs',
    ],
  ])('%s', async (_name, operations, text) => {
    const answer = await patched(operations);
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
  });

  test('a deleted resource is gone for patches too', async () => {
    await cloud.put(patient('gone'));
    await cloud.admin('/Patient/gone', { method: 'DELETE' });
    const answer = await cloud.admin('/Patient/gone', {
      method: 'PATCH',
      body: [{ op: 'remove', path: '/gender' }],
      headers: { 'content-type': 'application/json-patch+json' },
    });
    expect([answer.status, answer.headers.get('etag')]).toEqual([410, 'W/"2"']);
  });
});
