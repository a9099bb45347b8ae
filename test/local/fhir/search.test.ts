import { beforeAll, describe, expect, test } from 'vitest';
import { BASE, diagnostics, type FhirCloud, fhirCloud, ids, observation, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
const search = (path: string, headers: Record<string, string> = {}) => cloud.admin(path, { headers });
const found = async (path: string): Promise<string[]> => ids(await search(path)).sort();

beforeAll(async () => {
  cloud = await fhirCloud();
  const resources = [
    { resourceType: 'Organization', id: 'org', name: 'Clinic' },
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'House' }] },
    patient('a', {
      name: [{ family: 'Müller', given: ['Eva'] }],
      identifier: [{ system: 'http://example.org/mrn', value: '1' }],
      telecom: [
        { system: 'phone', value: '555' },
        { system: 'email', value: 'a@example.org' },
      ],
      managingOrganization: { reference: 'Organization/org' },
      generalPractitioner: [{ reference: 'Practitioner/doc' }],
      deceasedDateTime: '2020-05-01',
      meta: { tag: [{ system: 'http://example.org/tag', code: 't' }], profile: ['http://example.org/p'] },
    }),
    patient('b', {
      name: [{ family: 'Mueller-Lüd', given: ['Eva', 'Ruth'] }],
      gender: 'male',
      birthDate: '1990',
    }),
    patient('c', { name: [{ family: 'Zed, Jr' }], gender: undefined, birthDate: undefined }),
    observation('o1', 'a', { effectiveDateTime: '2026-01-15T10:00:00Z' }),
    observation('o2', 'a', {
      effectiveDateTime: '2026-02-01',
      valueQuantity: { value: 120, unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    }),
    observation('o3', 'b', {
      effectiveDateTime: undefined,
      effectivePeriod: { start: '2026-01-01', end: '2026-03-01' },
    }),
    observation('o4', 'b', {
      subject: { reference: `${BASE}/Patient/b` },
      effectiveDateTime: undefined,
      status: 'amended',
      code: { coding: [{ system: 'http://other', code: '8867-4' }] },
    }),
    {
      resourceType: 'Encounter',
      id: 'e1',
      status: 'finished',
      class: { system: 'x', code: 'AMB' },
      subject: { reference: 'Patient/a' },
      serviceProvider: { reference: 'Organization/org' },
    },
    {
      resourceType: 'RiskAssessment',
      id: 'r1',
      status: 'final',
      subject: { reference: 'Patient/a' },
      prediction: [{ probabilityDecimal: 0.8 }],
    },
    { resourceType: 'ValueSet', id: 'v1', url: 'http://example.org/vs', status: 'active' },
    {
      resourceType: 'Provenance',
      id: 'prov',
      target: [{ reference: 'Observation/o1' }],
      recorded: '2026-01-15T10:00:00Z',
      agent: [{ who: { reference: 'Practitioner/doc' } }],
    },
    {
      resourceType: 'QuestionnaireResponse',
      id: 'qr',
      status: 'completed',
      questionnaire: 'http://example.org/q|2',
      subject: { reference: 'Patient/a' },
    },
  ];
  for (const resource of resources) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    cloud.clock.advance(1000);
  }
});

describe('by value', () => {
  test.each([
    // string: starts with, without case and accents
    ['/Patient?family=mu', ['a', 'b']],
    ['/Patient?family=mull', ['a']],
    ['/Patient?family:exact=Müller', ['a']],
    ['/Patient?family:exact=müller', []],
    ['/Patient?family:contains=lud', ['b']],
    ['/Patient?name=eva', ['a', 'b']],
    ['/Patient?family=Zed\\, Jr', ['c']],
    // token
    ['/Patient?gender=female,male', ['a', 'b']],
    ['/Patient?gender:not=female', ['b', 'c']],
    ['/Patient?gender:missing=true', ['c']],
    ['/Patient?gender:missing=false', ['a', 'b']],
    ['/Patient?identifier=1', ['a']],
    ['/Patient?identifier=http://example.org/mrn|1', ['a']],
    ['/Patient?identifier=http://example.org/mrn|', ['a']],
    ['/Patient?identifier=|1', []],
    ['/Patient?phone=555', ['a']],
    ['/Patient?email=555', []],
    ['/Patient?deceased=true', ['a']],
    ['/Patient?_tag=http://example.org/tag|t', ['a']],
    ['/Patient?_profile=http://example.org/p', ['a']],
    ['/Observation?code=8867-4', ['o1', 'o2', 'o3', 'o4']],
    ['/Observation?code=http://loinc.org|8867-4&status=final', ['o1', 'o2', 'o3']],
    ['/Observation?category=vital-signs&patient=a', ['o1', 'o2']],
    ['/Patient?_id=a,c', ['a', 'c']],
    // reference
    ['/Observation?subject=Patient/a', ['o1', 'o2']],
    ['/Observation?subject=a', ['o1', 'o2']],
    ['/Observation?patient=b', ['o3', 'o4']],
    [`/Observation?patient=${BASE}/Patient/b`, ['o3', 'o4']],
    ['/Observation?subject:Patient=b', ['o3', 'o4']],
    ['/Observation?subject:Group=b', []],
    // date: equality is containment, other prefixes as ranges
    ['/Observation?date=2026-01-15', ['o1']],
    ['/Observation?date=2026-01', ['o1']],
    ['/Observation?date=2026', ['o1', 'o2', 'o3']],
    ['/Observation?date=ne2026-01', ['o2', 'o3']],
    ['/Observation?date=ge2026-02-01', ['o2', 'o3']],
    ['/Observation?date=gt2026-02-01', ['o3']],
    ['/Observation?date=lt2026-01-10', ['o3']],
    ['/Observation?date=le2026-01-15T10:00:00Z', ['o1', 'o3']],
    ['/Observation?date=sa2026-01-20', ['o2']],
    ['/Observation?date=eb2026-02-01', ['o1']],
    ['/Observation?date=ge2026-01-10&date=lt2026-02-01', ['o1', 'o3']],
    ['/Observation?date:missing=true', ['o4']],
    ['/Patient?birthdate=1990', ['b']],
    ['/Patient?death-date=ge2020-05', ['a']],
    // number and quantity
    ['/RiskAssessment?probability=gt0.5', ['r1']],
    ['/RiskAssessment?probability=0.8', ['r1']],
    ['/RiskAssessment?probability=0.9', []],
    ['/Observation?value-quantity=120', ['o2']],
    ['/Observation?value-quantity=gt100|http://unitsofmeasure.org|mm[Hg]', ['o2']],
    ['/Observation?value-quantity=le120||mm[Hg]', ['o2']],
    ['/Observation?value-quantity=ap115||mm[Hg]', ['o2']],
    // uri
    ['/ValueSet?url=http://example.org/vs', ['v1']],
    ['/ValueSet?url=http://example.org', []],
    // chains
    ['/Observation?patient.family=muller', ['o1', 'o2']],
    ['/Observation?subject:Patient.family=muller', ['o1', 'o2']],
    ['/Patient?_has:Observation:patient:status=amended', ['b']],
    ['/Patient?organization.name=clinic', ['a']],
    // compartments
    ['/Patient/a/Observation', ['o1', 'o2']],
    ['/Patient/a/*', ['e1', 'o1', 'o2', 'qr', 'r1']],
    ['/Practitioner/doc/Patient', ['a']],
    // across types
    ['/?_type=Encounter,ValueSet', ['e1', 'v1']],
    ['/?_id=a', ['a']],
    ['/?_tag=t', ['a']],
  ])('%s', async (path, expected) => {
    expect(await found(path.replaceAll('|', '%7C'))).toEqual(expected);
  });

  test('_lastUpdated', async () => {
    const at = (await search('/Patient/a')).body.meta.lastUpdated as string;
    expect(await found(`/Patient?_lastUpdated=${encodeURIComponent(at)}`)).toEqual(['a']);
    expect(await found(`/Patient?_lastUpdated=gt${encodeURIComponent(at)}`)).toEqual(['b', 'c']);
  });
});

describe('refusals', () => {
  test.each([
    ['/Observation?date=yesterday', 400, 'The date time string'],
    ['/Observation?value-quantity=abc', 400, 'Malformed search value'],
    ['/Observation?code=a|b|c', 400, 'Only one token separator'],
    ['/Observation?code:text=heart', 403, "Modifier 'text' is not supported for search parameter 'code'."],
    ['/Observation?code:in=x', 403, 'not supported'],
    ['/Observation?date=gt2020,lt2021', 403, 'Comparator is not supported'],
    ['/Observation?subject.name=x', 400, 'refers to multiple possible resource types'],
    ['/Observation?code.name=x', 403, 'must be a reference'],
    ['/Patient?gender:missing=perhaps', 400, 'Invalid value for :missing'],
    ['/Observation?code-value-quantity=x$5', 501, 'not imitated'],
    ['/Patient?_total=estimate', 403, 'not supported'],
    ['/Patient?_total=lots', 400, 'invalid'],
    ['/Patient?_count=x', 400, '_count'],
    ['/Patient?_summary=some', 400, '_summary'],
    ['/Patient?_summary=true&_elements=name', 400, '_elements'],
    ['/Patient?ct=garbage', 400, 'The continuation token is invalid.'],
    ['/Patient?_include=Patient', 400, 'missing the type'],
    ['/Patient?_include=Frob:subject', 400, 'not supported'],
  ])('%s is %i', async (path, status, text) => {
    const answer = await search(path.replaceAll('|', '%7C'));
    expect([answer.status, diagnostics(answer)]).toEqual([status, expect.stringContaining(text)]);
  });

  test('unknown parameters are ignored and reported, or refused when handling is strict', async () => {
    const lenient = await search('/Patient?frob=1&gender=female&_text=x&nobody=');
    expect(ids(lenient)).toEqual(['a']);
    expect(diagnostics(lenient)).toContain(
      "The search parameter 'frob' is not supported for resource type 'Patient'.",
    );
    const self = lenient.body.link.find((link: { relation: string }) => link.relation === 'self').url;
    expect(self).toBe(`${BASE}/Patient?gender=female`);
    const strict = await search('/Patient?frob=1', { prefer: 'handling=strict' });
    expect(strict.status).toBe(400);
    expect((await search('/Patient?_sort=frob', { prefer: 'handling=strict' })).status).toBe(400);
    expect((await search('/Patient', { prefer: 'handling=loose' })).status).toBe(400);
  });

  test('references by canonical URL are not supported', async () => {
    const answer = await search('/QuestionnaireResponse?questionnaire=http://example.org/q');
    expect(diagnostics(answer)).toContain("'questionnaire' is not supported");
    expect(diagnostics(await search('/Encounter?length=gt5'))).toContain("'length' is not supported");
  });

  test('US Core parameters work once their SearchParameter is stored', async () => {
    const query = '/Encounter?discharge-disposition=home';
    expect(diagnostics(await search(query))).toContain('discharge-disposition');
    const made = await cloud.put({
      resourceType: 'SearchParameter',
      id: 'dd',
      url: 'http://hl7.org/fhir/us/core/SearchParameter/us-core-encounter-discharge-disposition',
      name: 'x',
      status: 'active',
      description: 'x',
      code: 'discharge-disposition',
      base: ['Encounter'],
      type: 'token',
      expression: 'Encounter.hospitalization.dischargeDisposition',
    });
    expect(made.status).toBe(201);
    expect((await search(query)).body.entry).toBeUndefined();
  });
});

describe('results', () => {
  test('pages of _count follow next links and meet every resource once', async () => {
    const seen: string[] = [];
    let next: string | undefined = '/Observation?_count=3&code=8867-4';
    let pages = 0;
    while (next !== undefined) {
      const page = await search(next);
      seen.push(...ids(page));
      pages++;
      next = page.body.link.find((link: { relation: string }) => link.relation === 'next')?.url;
    }
    expect([pages, seen.sort()]).toEqual([2, ['o1', 'o2', 'o3', 'o4']]);
  });

  test.each(['date', '-date'])('sorted by %s across pages, missing values at their end', async (sort) => {
    const seen: string[] = [];
    let next: string | undefined = `/Observation?_count=1&_sort=${sort}`;
    while (next !== undefined) {
      const page = await search(next);
      seen.push(...ids(page));
      next = page.body.link.find((link: { relation: string }) => link.relation === 'next')?.url;
    }
    expect(seen).toEqual(sort === 'date' ? ['o4', 'o3', 'o1', 'o2'] : ['o3', 'o2', 'o1', 'o4']);
  });

  test('sorted by family and by _lastUpdated', async () => {
    expect(ids(await search('/Patient?_sort=family'))).toEqual(['b', 'a', 'c']);
    expect(ids(await search('/Patient?_sort=-_lastUpdated'))).toEqual(['c', 'b', 'a']);
    const two = await search('/Patient?_sort=family,birthdate');
    expect(diagnostics(two)).toContain('Multiple sort parameters');
  });

  test('totals only when asked for', async () => {
    expect((await search('/Observation')).body.total).toBeUndefined();
    expect((await search('/Observation?_total=accurate&_count=1')).body.total).toBe(4);
    const count = await search('/Observation?_summary=count');
    expect([count.body.total, count.body.entry]).toEqual([4, undefined]);
    expect((await search('/Observation?_count=0')).body.total).toBe(4);
    expect(diagnostics(await search('/Observation?_count=5000'))).toContain('1000');
  });

  test('_elements and _summary leave out and say so', async () => {
    const elements = await search('/Observation?_id=o1&_elements=valueQuantity');
    expect(Object.keys(elements.body.entry[0].resource).sort()).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
      'valueQuantity',
    ]);
    expect(elements.body.entry[0].resource.meta.tag[0].code).toBe('SUBSETTED');
    const summary = await search('/Patient?_id=a&_summary=true');
    expect(summary.body.entry[0].resource.name).toBeDefined();
    expect(summary.body.entry[0].resource.generalPractitioner).toBeUndefined();
  });

  test('includes', async () => {
    expect(ids(await search('/Observation?patient=a&_include=Observation:patient'), 'include')).toEqual([
      'a',
    ]);
    expect(ids(await search('/Observation?_id=o1&_revinclude=Provenance:target'), 'include')).toEqual([
      'prov',
    ]);
    expect(ids(await search('/Patient?_id=a&_revinclude=Observation:patient'), 'include').sort()).toEqual([
      'o1',
      'o2',
    ]);
    expect(
      ids(
        await search(
          '/Observation?_id=o1&_include=Observation:patient&_include:iterate=Patient:organization',
        ),
        'include',
      ).sort(),
    ).toEqual(['a', 'org']);
    expect(ids(await search('/Observation?_id=o1&_include=Observation:subject:Group'), 'include')).toEqual(
      [],
    );
    expect(ids(await search('/Encounter?_id=e1&_include=Encounter:*'), 'include').sort()).toEqual([
      'a',
      'org',
    ]);
    expect(diagnostics(await search('/Observation?_include=Observation:frob'))).toContain('_include');
  });

  test('POST _search takes the form beside the query', async () => {
    const answer = await cloud.admin('/Observation/_search?status=final', {
      method: 'POST',
      body: 'patient=Patient%2Fa&date=2026-01-15',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(ids(answer)).toEqual(['o1']);
    const json = await cloud.admin('/Observation/_search', { method: 'POST', body: {} });
    expect(json.status).toBe(415);
  });

  test('$everything pages through the compartment', async () => {
    const all = await search('/Patient/a/$everything?_count=100');
    expect(ids(all).sort()).toEqual(['a', 'doc', 'e1', 'o1', 'o2', 'org', 'qr', 'r1']);
    expect(ids(await search('/Patient/a/$everything?_type=Observation')).sort()).toEqual(['o1', 'o2']);
    expect(ids(await search('/Patient/a/$everything?_type=Observation&start=2026-02-01'))).toEqual(['o2']);
    const first = await search('/Patient/a/$everything?_count=3');
    const next = first.body.link.find((link: { relation: string }) => link.relation === 'next').url;
    expect(ids(await search(next))).toHaveLength(3);
    expect((await search('/Patient/none/$everything')).status).toBe(404);
  });

  test('many alternatives', async () => {
    const codes = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(',');
    expect(ids(await search(`/Observation?code=${codes(399)},8867-4`))).toHaveLength(4);
    expect(diagnostics(await search(`/Observation?code=${codes(401)}`))).toContain('too complex');
    expect(ids(await search(`/Patient?_id=${codes(3000)},a`))).toEqual(['a']);
  });

  test('identical parameters count once, a hundred are too many', async () => {
    const many = Array.from({ length: 101 }, (_, index) => `_id=${index}`).join('&');
    expect((await search(`/Patient?${many}`)).status).toBe(400);
    expect(ids(await search('/Patient?gender=female&gender=female'))).toEqual(['a']);
  });
});

test('a change moves a resource out of old results', async () => {
  await cloud.put(patient('z', { gender: 'unknown' }));
  expect(await found('/Patient?gender=unknown')).toEqual(['z']);
  await cloud.put(patient('z', { gender: 'other' }));
  expect(await found('/Patient?gender=unknown')).toEqual([]);
  expect(await found('/Patient?gender=other')).toEqual(['z']);
  await cloud.admin('/Patient/z', { method: 'DELETE' });
  expect(await found('/Patient?gender=other')).toEqual([]);
});
