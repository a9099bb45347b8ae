import { beforeAll, describe, expect, test } from 'vitest';
import { BASE, diagnostics, type FhirCloud, fhirCloud, observation, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud();
});

describe('create, read, update, delete', () => {
  test('create gives an id, version 1, ETag, Location and Last-Modified', async () => {
    const made = await cloud.admin('/Patient', { method: 'POST', body: patient('ignored') });
    expect(made.status).toBe(201);
    expect(made.body.id).not.toBe('ignored');
    expect(made.headers.get('etag')).toBe('W/"1"');
    expect(made.headers.get('location')).toBe(`${BASE}/Patient/${made.body.id}/_history/1`);
    expect(made.headers.get('last-modified')).not.toBeNull();
    expect(made.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
    expect(made.body.meta).toMatchObject({ versionId: '1' });
    const read = await cloud.admin(`/Patient/${made.body.id}`);
    expect(read.status).toBe(200);
    expect(read.body).toEqual(made.body);
  });

  test('update creates, then makes version 2, and nothing for the same content', async () => {
    expect((await cloud.put(patient('u1'))).status).toBe(201);
    const second = await cloud.put(patient('u1', { active: true }));
    expect([second.status, second.headers.get('etag')]).toEqual([200, 'W/"2"']);
    const same = await cloud.put({ ...second.body });
    expect(same.headers.get('etag')).toBe('W/"2"');
  });

  test('a wrong If-Match is 412, a malformed one 400', async () => {
    await cloud.put(patient('u2'));
    const call = (etag: string) =>
      cloud.admin('/Patient/u2', {
        method: 'PUT',
        body: patient('u2', { active: true }),
        headers: { 'if-match': etag },
      });
    expect((await call('W/"7"')).status).toBe(412);
    expect((await call('"1"')).status).toBe(400);
    expect((await call('W/"1"')).status).toBe(200);
  });

  test('id and type of the URL must agree with the resource', async () => {
    const other = await cloud.admin('/Patient/x1', { method: 'PUT', body: patient('x2') });
    expect([other.status, diagnostics(other)]).toEqual([400, 'Id in the URL must match id in the resource.']);
    const type = await cloud.admin('/Observation', { method: 'POST', body: patient('x2') });
    expect([type.status, diagnostics(type)]).toEqual([
      400,
      'Resource type in the URL must match resourceType in the resource.',
    ]);
    const none = await cloud.admin('/Patient/x1', { method: 'PUT', body: { resourceType: 'Patient' } });
    expect(diagnostics(none)).toBe('Id must be specified in the resource.');
  });

  test('a deleted resource is 410 with its ETag, and comes back as the next version', async () => {
    await cloud.put(patient('d1'));
    const gone = await cloud.admin('/Patient/d1', { method: 'DELETE' });
    expect([gone.status, gone.headers.get('etag')]).toEqual([204, 'W/"2"']);
    const read = await cloud.admin('/Patient/d1');
    expect([read.status, read.headers.get('etag')]).toEqual([410, 'W/"2"']);
    expect((await cloud.admin('/Patient/d1', { method: 'DELETE' })).status).toBe(204);
    const again = await cloud.put(patient('d1'));
    expect([again.status, again.headers.get('etag')]).toEqual([201, 'W/"3"']);
  });

  test('a hard delete leaves nothing', async () => {
    await cloud.put(patient('d2'));
    expect((await cloud.admin('/Patient/d2?_hardDelete=true', { method: 'DELETE' })).status).toBe(204);
    expect((await cloud.admin('/Patient/d2')).status).toBe(404);
    expect((await cloud.admin('/Patient/d2/_history/1')).status).toBe(404);
  });

  test('versions can be read and listed, latest first', async () => {
    await cloud.put(patient('h1'));
    cloud.clock.advance(1000);
    await cloud.put(patient('h1', { active: true }));
    cloud.clock.advance(1000);
    await cloud.admin('/Patient/h1', { method: 'DELETE' });
    expect((await cloud.admin('/Patient/h1/_history/1')).body.active).toBeUndefined();
    expect((await cloud.admin('/Patient/h1/_history/2')).body.active).toBe(true);
    expect((await cloud.admin('/Patient/h1/_history/3')).status).toBe(410);
    expect((await cloud.admin('/Patient/h1/_history/9')).status).toBe(404);
    const history = await cloud.admin('/Patient/h1/_history');
    expect(history.body.type).toBe('history');
    expect(history.body.entry.map((entry: { request: { method: string } }) => entry.request.method)).toEqual([
      'DELETE',
      'PUT',
      'PUT',
    ]);
    const page = await cloud.admin('/Patient/h1/_history?_count=2');
    expect(page.body.entry).toHaveLength(2);
    const next = page.body.link.find((link: { relation: string }) => link.relation === 'next').url;
    expect((await cloud.admin(next)).body.entry).toHaveLength(1);
    expect((await cloud.admin('/Patient/_history')).body.total).toBeGreaterThan(2);
    expect((await cloud.admin('/_history')).body.total).toBeGreaterThan(2);
    expect((await cloud.admin('/Patient/h1/$purge-history', { method: 'DELETE' })).status).toBe(204);
    expect((await cloud.admin('/Patient/h1/_history')).body.total).toBe(1);
  });

  test('Prefer: return decides what a write answers', async () => {
    const minimal = await cloud.admin('/Patient', {
      method: 'POST',
      body: patient('p'),
      headers: { prefer: 'return=minimal' },
    });
    expect([minimal.status, minimal.body]).toEqual([201, undefined]);
    const outcome = await cloud.admin('/Patient', {
      method: 'POST',
      body: patient('p'),
      headers: { prefer: 'return=OperationOutcome' },
    });
    expect(outcome.body.resourceType).toBe('OperationOutcome');
  });
});

describe('what a write refuses', () => {
  test.each([
    ['no JSON', '{', 'not JSON'],
    ['no resource', '[]', 'not a JSON object'],
    ['no type', {}, "'resourceType' is missing"],
    ['an unknown type', { resourceType: 'Patiant' }, "unknown type 'Patiant'"],
    ['an unknown element', patient('s', { nam: 'x' }), "unknown element 'nam'"],
    ['a wrong primitive', patient('s', { birthDate: '03.02.1980' }), 'cannot be parsed as a date'],
    ['a wrong code', patient('s', { gender: 'zz' }), "'zz' is not a valid value"],
    ['a list where one is allowed', patient('s', { gender: ['male'] }), 'cannot be parsed'],
    ['one where a list is needed', patient('s', { name: { family: 'x' } }), 'must be an array'],
    ['an empty list', patient('s', { name: [] }), 'cannot be empty'],
    ['two of a choice', patient('s', { deceasedBoolean: true, deceasedDateTime: '2020' }), 'only one of'],
    ['a missing element', { ...observation('s', 'p'), status: undefined }, 'minimum cardinality 1'],
    [
      'active links',
      patient('s', { text: { status: 'generated', div: '<div><a href="javascript:x">x</a></div>' } }),
      'xhtml',
    ],
  ])('%s is 400', async (_name, body, text) => {
    const type = typeof body === 'object' && 'code' in body ? 'Observation' : 'Patient';
    const answer = await cloud.admin(`/${type}`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(diagnostics(answer)).toContain(text);
    expect(answer.body.issue[0]).toMatchObject({ severity: 'error', code: 'invalid' });
    expect(answer.body.id).toBe(answer.headers.get('x-request-id'));
  });

  test('primitives may carry extensions, and lists nulls beside them', async () => {
    const body = patient('ext', {
      _birthDate: { extension: [{ url: 'http://example.org/time', valueDateTime: '1980-02-03T10:00:00Z' }] },
      name: [
        {
          given: ['A', null],
          _given: [null, { extension: [{ url: 'http://example.org/x', valueCode: 'y' }] }],
        },
      ],
    });
    expect((await cloud.put(body)).status).toBe(201);
  });

  test('media types, paths and methods', async () => {
    const xml = await cloud.admin('/Patient', {
      method: 'POST',
      body: '<x/>',
      headers: { 'content-type': 'text/xml' },
    });
    expect([xml.status, xml.body.issue[0].code]).toEqual([415, 'not-supported']);
    expect((await cloud.admin('/Patient', { headers: { accept: 'application/xml' } })).status).toBe(406);
    expect((await cloud.admin('/Patient?_format=xml')).status).toBe(406);
    expect((await cloud.admin('/Patient?_format=json')).status).toBe(200);
    const mistyped = await cloud.admin('/patient/1');
    expect([mistyped.status, diagnostics(mistyped)]).toEqual([
      404,
      "Resource type 'patient' is not supported.",
    ]);
    expect((await cloud.admin('/Patient/nobody')).body.issue[0]).toMatchObject({
      code: 'not-found',
      diagnostics: "Resource type 'Patient' with id 'nobody' couldn't be found.",
    });
    expect((await cloud.admin('/Patient/1', { method: 'POST', body: patient('1') })).status).toBe(405);
    expect((await cloud.admin('/Patient/1/$frob')).status).toBe(404);
    expect((await cloud.admin('/Patient/%')).status).toBe(404);
  });

  test('what is not imitated is 501 and logged', async () => {
    const answer = await cloud.admin('/Patient/$validate', { method: 'POST', body: patient('v') });
    expect(answer.status).toBe(501);
    expect(cloud.logs.some((line) => line.standIn === 'fhir' && line.text.includes('$validate'))).toBe(true);
    const own = {
      resourceType: 'SearchParameter',
      url: 'http://example.org/sp',
      name: 'x',
      status: 'active',
      description: 'x',
      code: 'x',
      base: ['Patient'],
      type: 'string',
      expression: 'Patient.id',
    };
    expect((await cloud.admin('/SearchParameter', { method: 'POST', body: own })).status).toBe(501);
    const builtIn = { ...own, url: 'http://hl7.org/fhir/SearchParameter/Patient-active' };
    expect((await cloud.admin('/SearchParameter', { method: 'POST', body: builtIn })).status).toBe(405);
  });
});

describe('JSON Patch', () => {
  const patch = (id: string, operations: unknown, headers: Record<string, string> = {}) =>
    cloud.admin(`/Patient/${id}`, {
      method: 'PATCH',
      body: operations,
      headers: { 'content-type': 'application/json-patch+json', ...headers },
    });

  test('all operations', async () => {
    await cloud.put(patient('jp'));
    const answer = await patch('jp', [
      { op: 'test', path: '/gender', value: 'female' },
      { op: 'replace', path: '/gender', value: 'other' },
      { op: 'add', path: '/name/0/given/-', value: 'Zoe' },
      { op: 'add', path: '/name/-', value: { family: 'Second' } },
      { op: 'copy', from: '/name/0/family', path: '/name/1/text' },
      { op: 'move', from: '/name/0/given/0', path: '/name/0/given/1' },
      { op: 'remove', path: '/birthDate' },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"2"');
    expect(answer.body).toMatchObject({
      gender: 'other',
      name: [{ given: ['María', 'Ana', 'Zoe'] }, { family: 'Second', text: 'Family-jp' }],
    });
    expect(answer.body.birthDate).toBeUndefined();
  });

  test('refusals', async () => {
    await cloud.put(patient('jq'));
    expect((await patch('jq', [])).status).toBe(400);
    expect((await patch('jq', [{ op: 'replace', path: '/nothing', value: 1 }])).status).toBe(400);
    expect((await patch('jq', [{ op: 'test', path: '/gender', value: 'male' }])).status).toBe(400);
    expect((await patch('jq', [{ op: 'replace', path: '/gender', value: 'zz' }])).status).toBe(400);
    expect((await patch('jq', [{ op: 'frob', path: '/gender' }])).status).toBe(400);
    expect((await patch('jq', [{ op: 'add', path: '/__proto__/x', value: 1 }])).status).toBe(400);
    const id = await patch('jq', [{ op: 'replace', path: '/id', value: 'other' }]);
    expect(diagnostics(id)).toBe('Patching immutable properties is not allowed.');
    expect((await patch('jq', [{ op: 'remove', path: '/gender' }], { 'if-match': 'W/"9"' })).status).toBe(
      412,
    );
    expect((await patch('none', [{ op: 'remove', path: '/gender' }])).status).toBe(404);
  });
});

describe('conditional operations', () => {
  const identifier = (value: string) => ({ identifier: [{ system: 'http://example.org/mrn', value }] });

  test('create only when nothing matches', async () => {
    const create = (value: string) =>
      cloud.admin('/Patient', {
        method: 'POST',
        body: patient('c', identifier(value)),
        headers: { 'if-none-exist': `identifier=http://example.org/mrn|${value}` },
      });
    const first = await create('c1');
    expect(first.status).toBe(201);
    const second = await create('c1');
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
    await cloud.admin('/Patient', { method: 'POST', body: patient('c', identifier('c1')) });
    expect((await create('c1')).status).toBe(412);
  });

  test('update what matches', async () => {
    const update = (value: string, more = {}) =>
      cloud.admin(`/Patient?identifier=http://example.org/mrn|${value}`, {
        method: 'PUT',
        body: { ...patient('x', identifier(value)), id: undefined, ...more },
      });
    const first = await update('c2');
    expect(first.status).toBe(201);
    const second = await update('c2', { active: true });
    expect([second.status, second.body.id, second.headers.get('etag')]).toEqual([
      200,
      first.body.id,
      'W/"2"',
    ]);
    expect((await update('c2', { id: 'other' })).status).toBe(400);
    expect((await cloud.admin('/Patient', { method: 'PUT', body: patient('x') })).status).toBe(412);
    const unknown = await cloud.admin('/Patient?frob=1', { method: 'PUT', body: patient('x') });
    expect(unknown.status).toBe(400);
  });

  test('delete what matches, several only with _count', async () => {
    for (const id of ['cd1', 'cd2', 'cd3']) await cloud.put(patient(id, identifier('c3')));
    const remove = (query: string) =>
      cloud.admin(`/Patient?identifier=http://example.org/mrn|c3${query}`, { method: 'DELETE' });
    expect((await remove('')).status).toBe(412);
    expect((await remove('&_count=101')).status).toBe(400);
    expect((await remove('&_count=2')).status).toBe(204);
    expect((await remove('')).status).toBe(204);
    expect((await cloud.admin('/Patient/cd3')).status).toBe(410);
    expect((await cloud.admin('/Patient', { method: 'DELETE' })).status).toBe(412);
  });
});

test('a client request id comes back as correlation id', async () => {
  const answer = await cloud.admin('/Patient/nobody', { headers: { 'x-request-id': 'mine' } });
  expect(answer.headers.get('x-correlation-id')).toBe('mine');
  expect(answer.headers.get('x-request-id')).not.toBe('mine');
});

test('the version policy of the service is obeyed', async () => {
  const strict = await fhirCloud({
    properties: {
      resourceVersionPolicyConfiguration: {
        default: 'versioned',
        resourceTypeOverrides: { Patient: 'versioned-update', Observation: 'no-version' },
      },
    },
  });
  await strict.put(patient('a'));
  expect((await strict.put(patient('a', { active: true }))).status).toBe(412);
  await strict.put(observation('o', 'a'));
  await strict.put(observation('o', 'a', { status: 'amended' }));
  expect((await strict.admin('/Observation/o/_history')).body.total).toBe(1);
});
