import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  BASE,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  ids,
  observation,
  patient,
} from './fhir-cloud.ts';

let cloud: FhirCloud;

beforeAll(async () => {
  cloud = await fhirCloud();
  for (const resource of [
    { resourceType: 'Organization', id: 'top', name: 'Top' },
    { resourceType: 'Organization', id: 'mid', name: 'Mid', partOf: { reference: 'Organization/top' } },
    { resourceType: 'Organization', id: 'low', name: 'Low', partOf: { reference: 'Organization/mid' } },
    // Two that are part of one another.
    {
      resourceType: 'Organization',
      id: 'ring-1',
      name: 'Ring',
      partOf: { reference: 'Organization/ring-2' },
    },
    {
      resourceType: 'Organization',
      id: 'ring-2',
      name: 'Ring',
      partOf: { reference: 'Organization/ring-1' },
    },
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'House' }] },
    patient('a', {
      managingOrganization: { reference: 'Organization/low' },
      generalPractitioner: [{ reference: 'Practitioner/doc' }, { reference: 'Practitioner/nobody' }],
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' },
      photo: [{ title: 'x' }],
      _birthDate: { extension: [{ url: 'http://example.org/x', valueBoolean: true }] },
      meta: { tag: [{ system: 'http://example.org/tag', code: 'mine' }] },
    }),
    patient('b', { name: [{ family: 'Alpha' }, { family: 'Zulu' }] }),
    patient('c', { name: [{ family: 'Mike' }] }),
    observation('o1', 'a', {
      performer: [{ reference: 'Practitioner/doc' }],
      effectiveDateTime: '2026-03-01',
    }),
    observation('o2', 'a', { effectiveDateTime: '2026-01-01' }),
    observation('o3', 'b', { effectiveDateTime: '2026-02-01' }),
    {
      resourceType: 'Condition',
      id: 'old',
      subject: { reference: 'Patient/a' },
      onsetDateTime: '2010-01-01',
    },
    { resourceType: 'Condition', id: 'undated', subject: { reference: 'Patient/a' } },
    {
      resourceType: 'Coverage',
      id: 'cov',
      status: 'active',
      beneficiary: { reference: 'Patient/a' },
      payor: [{ reference: 'Organization/top' }],
    },
  ]) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    cloud.clock.advance(1000);
  }
});

const search = (path: string, headers: Record<string, string> = {}) => cloud.admin(path, { headers });
const link = (answer: Answer, relation: string): string | undefined =>
  answer.body.link.find((item: { relation: string }) => item.relation === relation)?.url;

describe('includes', () => {
  test.each<[string, string, readonly string[]]>([
    ['nothing to follow', '/Patient?_id=b&_include=Patient:organization', []],
    ['one step only', '/Patient?_id=a&_include=Patient:organization&_include=Organization:partof', ['low']],
    [
      'iterated to the end',
      '/Patient?_id=a&_include=Patient:organization&_include:iterate=Organization:partof',
      ['low', 'mid', 'top'],
    ],
    ['recurse is iterate', '/Organization?_id=low&_include:recurse=Organization:partof', ['mid', 'top']],
    ['a ring ends', '/Organization?_id=ring-1&_include:iterate=Organization:partof', ['ring-2']],
    [
      'what is on the page is not included',
      '/Organization?_id=low,mid&_include=Organization:partof',
      ['top'],
    ],
    ['a target type', '/Observation?_id=o1&_include=Observation:performer:Practitioner', ['doc']],
    ['another target type', '/Observation?_id=o1&_include=Observation:performer:Organization', []],
    ['references to what is not there', '/Patient?_id=a&_include=Patient:general-practitioner', ['doc']],
    ['everything a type refers to', '/Patient?_id=a&_include=Patient:*', ['doc', 'low']],
    ['everything of every type', '/Patient?_id=a&_include=*', ['doc', 'low']],
    ['another source type', '/Patient?_id=a&_include=Observation:patient', []],
    ['back', '/Patient?_id=a&_revinclude=Observation:subject', ['o1', 'o2']],
    ['back to a target type', '/Patient?_id=a&_revinclude=Observation:subject:Patient', ['o1', 'o2']],
    ['back to another target type', '/Patient?_id=a&_revinclude=Observation:subject:Group', []],
    ['back by all of a type', '/Organization?_id=low&_revinclude=Patient:*', ['a']],
    ['back by all of every type', '/Practitioner?_id=doc&_revinclude=*', ['a', 'o1']],
    [
      'back and back again',
      '/Organization?_id=low&_revinclude=Patient:organization&_revinclude:iterate=Observation:patient',
      ['a', 'o1', 'o2'],
    ],
    [
      'back and on',
      '/Patient?_id=a&_revinclude=Observation:patient&_include:iterate=Observation:performer',
      ['doc', 'o1', 'o2'],
    ],
  ])('%s', async (_name, path, expected) => {
    const answer = await search(path);
    expect(answer.status).toBe(200);
    expect(ids(answer, 'include').sort()).toEqual(expected);
  });

  test('included resources count neither for totals nor for pages', async () => {
    const answer = await search(
      '/Observation?_count=1&_total=accurate&_include=Observation:patient&_sort=date',
    );
    expect([answer.body.total, ids(answer), ids(answer, 'include')]).toEqual([3, ['o2'], ['a']]);
    const second = await search(link(answer, 'next') ?? '');
    expect([ids(second), ids(second, 'include')]).toEqual([['o3'], ['b']]);
  });

  test.each([
    ['_include=Patient:', 'missing the type'],
    ['_include=:organization', 'missing the type'],
    ['_revinclude=Observation', '_revinclude search is missing the type'],
    ['_include=Frob:x', "Resource type 'Frob' is not supported."],
    ['_include=Patient:organization:', 'The target resource type cannot be empty.'],
    ['_include=Patient:organization:Frob', "Resource type 'Frob' is not supported."],
  ])('%s is 400', async (query, text) => {
    const answer = await search(`/Patient?${query}`);
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
  });

  test('an unknown reference is reported, refused when handling is strict', async () => {
    const path = '/Patient?_id=a&_include=Patient:frob';
    expect(ids(await search(path))).toEqual(['a']);
    expect(diagnostics(await search(path))).toContain("'_include' is not supported");
    expect((await search(path, { prefer: 'handling=strict' })).status).toBe(400);
  });
});

describe('_elements and _summary', () => {
  const keys = async (query: string): Promise<string[]> =>
    Object.keys((await search(`/Patient?_id=a&${query}`)).body.entry[0].resource).sort();
  const WHOLE = [
    '_birthDate',
    'birthDate',
    'gender',
    'generalPractitioner',
    'id',
    'managingOrganization',
    'meta',
    'name',
    'photo',
    'resourceType',
    'text',
  ];

  test.each([
    ['_elements=gender', ['gender', 'id', 'meta', 'resourceType']],
    ['_elements=Patient.gender,photo', ['gender', 'id', 'meta', 'photo', 'resourceType']],
    ['_elements=gender&_elements=photo', ['gender', 'id', 'meta', 'photo', 'resourceType']],
    ['_elements=birthDate', ['_birthDate', 'birthDate', 'id', 'meta', 'resourceType']],
    ['_elements=frob', ['id', 'meta', 'resourceType']],
    ['_summary=text', ['id', 'meta', 'resourceType', 'text']],
    ['_summary=data', WHOLE.filter((name) => name !== 'text')],
    [
      '_summary=true',
      ['_birthDate', 'birthDate', 'gender', 'id', 'managingOrganization', 'meta', 'name', 'resourceType'],
    ],
    [
      '_summary=TRUE',
      ['_birthDate', 'birthDate', 'gender', 'id', 'managingOrganization', 'meta', 'name', 'resourceType'],
    ],
    ['_summary=false', WHOLE],
    ['_summary=false&_elements=gender', ['gender', 'id', 'meta', 'resourceType']],
  ])('%s', async (query, expected) => {
    expect(await keys(query)).toEqual(expected);
  });

  test('what is left out is said in a tag beside the others; the stored resource has none', async () => {
    const answer = await search('/Patient?_id=a&_elements=gender');
    expect(answer.body.entry[0].resource.meta.tag.map((tag: { code: string }) => tag.code)).toEqual([
      'mine',
      'SUBSETTED',
    ]);
    expect((await search('/Patient/a')).body.meta.tag).toHaveLength(1);
  });
});

describe('order', () => {
  const order = async (query: string): Promise<string[]> => {
    const seen: string[] = [];
    for (let next: string | undefined = `${query}&_count=1`; next !== undefined; ) {
      const page: Answer = await search(next);
      seen.push(...ids(page));
      next = link(page, 'next');
    }
    return seen;
  };

  test.each([
    ['/Patient?_sort=family', ['b', 'a', 'c']],
    ['/Patient?_sort=-family', ['b', 'c', 'a']],
    ['/Patient?_sort=_lastUpdated', ['a', 'b', 'c']],
    ['/Patient?_sort=-_lastUpdated', ['c', 'b', 'a']],
    ['/Observation?_sort=date', ['o2', 'o3', 'o1']],
    ['/Observation?_sort=-date', ['o1', 'o3', 'o2']],
    ['/Condition?_sort=onset-date', ['undated', 'old']],
    ['/Condition?_sort=-onset-date', ['old', 'undated']],
  ])('%s, page by page', async (query, expected) => {
    expect(await order(query)).toEqual(expected);
  });

  test.each([
    ['/Patient?_sort=gender', "Sorting by the 'gender' parameter is not supported."],
    ['/Patient?_sort=frob', "Sort parameter value 'frob' is invalid"],
    ['/Patient?_sort=family,-birthdate', 'Multiple sort parameters'],
    ['/Patient?_sort=family&_sort=birthdate', 'Multiple sort parameters'],
  ])('%s is reported, refused when handling is strict', async (path, text) => {
    const lenient = await search(path);
    expect([lenient.status, ids(lenient), diagnostics(lenient)]).toEqual([
      200,
      ['a', 'b', 'c'],
      expect.stringContaining(text),
    ]);
    const strict = await search(path, { prefer: 'handling=strict' });
    expect([strict.status, diagnostics(strict)]).toEqual([400, expect.stringContaining(text)]);
  });
});

describe('bundles', () => {
  test.each([
    ['/Patient', `${BASE}/Patient`],
    ['/Patient?gender=female&frob=1', `${BASE}/Patient?gender=female`],
    ['/Patient?identifier=a%7Cb', `${BASE}/Patient?identifier=a%7Cb`],
    ['/Patient?name=x%20y%26z', `${BASE}/Patient?name=x%20y%26z`],
    ['/Patient?birthdate=ge2000&birthdate=lt2001', `${BASE}/Patient?birthdate=ge2000&birthdate=lt2001`],
    ['/Patient/a/Observation?code=x', `${BASE}/Patient/a/Observation?code=x`],
  ])('%s is repeated by its self link', async (path, self) => {
    const answer = await search(path);
    expect(link(answer, 'self')).toBe(self);
    expect(ids(await search(self))).toEqual(ids(answer));
  });

  test.each(['_total=none', '_total=NONE', ''])('no total with %s', async (query) => {
    expect((await search(`/Patient?${query}`)).body.total).toBeUndefined();
  });

  test.each(['_total=accurate', '_total=Accurate', '_summary=count', '_count=0'])(
    'a total with %s',
    async (query) => {
      expect((await search(`/Patient?${query}`)).body.total).toBe(3);
    },
  );

  test('unknown types of a system search are reported, an empty list is 400', async () => {
    const answer = await search('/?_type=Frob,Coverage,Aaa');
    expect([ids(answer), diagnostics(answer)]).toEqual([['cov'], expect.stringContaining("'Aaa','Frob'")]);
    expect((await search('/?_type=')).status).toBe(400);
  });

  test.each(['ct=', 'ct=WzFd', 'ct=WyJ4IixudWxsXQ', 'ct=Wy0xLG51bGxd', 'ct=WzEuNSxudWxsXQ'])(
    '%s',
    async (query) => {
      const answer = await search(`/Patient?${query}`);
      if (query === 'ct=') expect(diagnostics(answer)).toContain("'ct' is not supported");
      else expect([answer.status, diagnostics(answer)]).toEqual([400, 'The continuation token is invalid.']);
    },
  );
});

describe('$everything', () => {
  const all = async (query: string): Promise<string[]> =>
    ids(await search(`/Patient/a/$everything?_count=50&${query}`)).sort();

  test.each([
    ['', ['a', 'cov', 'doc', 'low', 'o1', 'o2', 'old', 'undated']],
    ['_type=Patient', ['a']],
    ['_type=Condition,Coverage', ['cov', 'old', 'undated']],
    ['_type=Practitioner', ['doc']],
    ['_type=Frob', []],
    ['start=2026-02-01', ['a', 'cov', 'doc', 'low', 'o1']],
    ['end=2026-01-31', ['a', 'cov', 'doc', 'low', 'o2', 'old']],
    ['start=2026-01-01&end=2026-01-31', ['a', 'cov', 'doc', 'low', 'o2']],
    ['_since=2026-11-24T12:00:09Z', ['cov', 'o1', 'o2', 'old', 'undated']],
    ['_since=2030', []],
  ])('%s', async (query, expected) => {
    expect(await all(query)).toEqual(expected);
  });

  test.each(['_since=x', 'start=2026-13', 'end=tomorrow', '_count=0', '_count=x', 'ct=x'])(
    '%s is 400',
    async (query) => {
      expect((await search(`/Patient/a/$everything?${query}`)).status).toBe(400);
    },
  );

  test('a deleted patient has nothing', async () => {
    await cloud.put(patient('gone'));
    await cloud.admin('/Patient/gone', { method: 'DELETE' });
    expect((await search('/Patient/gone/$everything')).status).toBe(410);
  });
});
