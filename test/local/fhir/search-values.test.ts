import { beforeAll, describe, expect, test } from 'vitest';
import { BASE, diagnostics, type FhirCloud, fhirCloud, ids, observation, patient } from './fhir-cloud.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
let cloud: FhirCloud;

const quantity = (value: number, code: string, more = {}) => ({
  value,
  unit: code,
  system: UCUM,
  code,
  ...more,
});
const dated = (id: string, effective: Record<string, unknown>) =>
  observation(id, 'dates', { effectiveDateTime: undefined, valueQuantity: undefined, ...effective });
const valued = (id: string, value: Record<string, unknown>) =>
  observation(id, 'values', { effectiveDateTime: undefined, valueQuantity: undefined, ...value });
const risk = (id: string, prediction: Record<string, unknown>) => ({
  resourceType: 'RiskAssessment',
  id,
  status: 'final',
  subject: { reference: 'Patient/values' },
  prediction: [prediction],
});

const RESOURCES: readonly Record<string, unknown>[] = [
  // dates in every type that a date parameter reads
  dated('year', { effectiveDateTime: '2020' }),
  dated('month', { effectiveDateTime: '2020-02' }),
  dated('day', { effectiveDateTime: '2020-02-29' }),
  dated('second', { effectiveDateTime: '2020-02-29T12:00:00Z' }),
  dated('zone', { effectiveDateTime: '2020-03-01T00:30:00+02:00' }),
  dated('fraction', { effectiveInstant: '2020-02-29T12:00:00.250Z' }),
  dated('period', { effectivePeriod: { start: '2020-02-01', end: '2020-02-10' } }),
  dated('since', { effectivePeriod: { start: '2021-01-01' } }),
  dated('until', { effectivePeriod: { end: '2019-01-01' } }),
  dated('empty', { effectivePeriod: { id: 'x' } }),
  dated('events', { effectiveTiming: { event: ['2018-01-01', '2018-01-03'] } }),
  dated('bounds', {
    effectiveTiming: { repeat: { boundsPeriod: { start: '2017-01-01', end: '2017-06-30' } } },
  }),
  dated('code', { effectiveTiming: { code: { text: 'daily' } } }),
  // quantities
  valued('q5', { valueQuantity: quantity(5, 'mg') }),
  valued('q5.4', { valueQuantity: quantity(5.4, 'mg') }),
  valued('q5.04', { valueQuantity: quantity(5.04, 'g') }),
  valued('q-1', { valueQuantity: quantity(-1, 'mg') }),
  valued('qbare', { valueQuantity: { value: 100 } }),
  valued('qunit', { valueQuantity: { value: 100, unit: 'drops' } }),
  valued('qnone', { valueQuantity: { unit: 'mg' } }),
  valued('sampled', {
    valueSampledData: { origin: quantity(7, 'mV'), period: 10, dimensions: 1, data: '1 2' },
  }),
  valued('concept', {
    valueCodeableConcept: { coding: [{ system: 'http://example.org/v', code: 'yes' }], text: 'Yes' },
  }),
  valued('text', { valueString: 'Straße in Zürich' }),
  // numbers and ranges
  risk('r-decimal', { probabilityDecimal: 0.5 }),
  risk('r-range', { probabilityRange: { low: { value: 0.2 }, high: { value: 0.3 } } }),
  risk('r-low', { probabilityRange: { low: { value: 0.9 } } }),
  risk('r-high', { probabilityRange: { high: { value: 0.01 } } }),
  // money
  { resourceType: 'Invoice', id: 'eur', status: 'issued', totalGross: { value: 10, currency: 'EUR' } },
  { resourceType: 'Invoice', id: 'usd', status: 'issued', totalGross: { value: 10, currency: 'USD' } },
  // people
  patient('one', {
    name: [{ text: 'Dr. Núñez', prefix: ['Dr.'], family: 'Núñez', given: ['José'], suffix: ['Jr.'] }],
    address: [{ line: ['1 Main St'], city: 'Málaga', state: 'AN', postalCode: '29001', country: 'ES' }],
    identifier: [
      { system: 'http://example.org/a', value: 'x|y' },
      { value: 'nosystem' },
      { system: 'http://example.org/empty' },
    ],
    telecom: [
      { system: 'phone', value: '+1 555' },
      { system: 'email', value: 'one@example.org' },
    ],
    active: false,
    deceasedBoolean: false,
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'es' }] } }],
  }),
  patient('two', {
    name: [{ family: 'a,b', given: ['$'] }, { family: '100%_\\' }],
    gender: 'male',
    active: true,
    deceasedBoolean: true,
    link: [{ other: { reference: `${BASE}/Patient/one` }, type: 'seealso' }],
    generalPractitioner: [
      { reference: 'https://other.example/fhir/Practitioner/doc' },
      { identifier: { value: 'logical' } },
      { reference: '#inside' },
    ],
    contained: [{ resourceType: 'Practitioner', id: 'inside' }],
  }),
  {
    resourceType: 'PlanDefinition',
    id: 'plan',
    status: 'active',
    action: [{ definitionCanonical: 'http://example.org/activity|1' }, { definitionUri: 'urn:x:y' }],
  },
  { resourceType: 'ValueSet', id: 'vs', status: 'draft', url: 'http://example.org/vs', version: '1' },
];

const found = async (query: string): Promise<string[]> => {
  const answer = await cloud.admin(
    query.replaceAll('|', '%7C').replaceAll('+', '%2B').replaceAll(' ', '%20'),
  );
  expect([
    answer.status,
    answer.body.entry?.filter((entry: { search: { mode: string } }) => entry.search.mode === 'outcome') ?? [],
  ]).toEqual([200, []]);
  return ids(answer).sort();
};

beforeAll(async () => {
  cloud = await fhirCloud();
  for (const resource of RESOURCES) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  }
});

/** FHIR R4 section 3.1.1.4.7: a date is all the time it names. */
describe('date', () => {
  test.each([
    ['2020', ['day', 'fraction', 'month', 'period', 'second', 'year', 'zone']],
    ['eq2020-02', ['day', 'fraction', 'month', 'period', 'second', 'zone']],
    ['2020-02-29', ['day', 'fraction', 'second', 'zone']],
    ['2020-02-29T12:00Z', ['fraction', 'second']],
    ['2020-02-29T12:00:00Z', ['fraction', 'second']],
    ['2020-02-29T12:00:00', ['fraction', 'second']],
    ['2020-02-29T14:00:00+02:00', ['fraction', 'second']],
    ['2020-02-29T12:00:00.250Z', ['fraction']],
    ['2020-02-29T22:30:00Z', ['zone']],
    ['2018', ['events']],
    ['2018-01-02', []],
    ['2017', ['bounds']],
    ['ge2020-12-31', ['since', 'year']],
    ['gt2020', ['since']],
    ['lt2018-01-02', ['bounds', 'events', 'until']],
    ['le2017-06-30', ['bounds', 'until']],
    ['sa2020-12-31', ['since']],
    ['sa2020-02-29T11:59:59Z', ['fraction', 'second', 'since', 'zone']],
    ['eb2018', ['bounds']],
    ['eb2019-06', ['bounds', 'events', 'until']],
    ['ne2020', ['bounds', 'events', 'since', 'until']],
    ['ap2018-01-02', ['bounds', 'events', 'until']],
  ])('date=%s', async (value, expected) => {
    expect(await found(`/Observation?patient=dates&date=${value}&_count=50`)).toEqual(expected);
  });

  test('what holds no time is missing', async () => {
    expect(await found('/Observation?patient=dates&date:missing=true')).toEqual(['code', 'empty']);
  });

  test.each([
    '2020-02-30',
    '2019-02-29',
    '2020-13',
    '2020-00',
    '20-01',
    '2020-1-1',
    '2020-01-01T25:00Z',
    '2020-01-01T10',
    'ge',
    'xx2020',
    '0000',
  ])('date=%s is 400', async (value) => {
    const answer = await cloud.admin(`/Observation?date=${value}`);
    expect([answer.status, diagnostics(answer)]).toEqual([
      400,
      expect.stringContaining('is not in a correct format.'),
    ]);
  });

  test.each(['date=gt2020,2021', 'date=2020,sa2021', '_lastUpdated=gt2020,lt2030'])(
    '%s is 403',
    async (query) => {
      const answer = await cloud.admin(`/Observation?${query}`);
      expect([answer.status, diagnostics(answer)]).toEqual([
        403,
        expect.stringContaining('Comparator is not supported'),
      ]);
    },
  );
});

/** FHIR R4 sections 3.1.1.4.6 and 3.1.1.4.11: as precise as it is written. */
describe('quantity and number', () => {
  test.each([
    ['/Observation?value-quantity=5', ['q5', 'q5.04', 'q5.4']],
    ['/Observation?value-quantity=5.0', ['q5', 'q5.04']],
    ['/Observation?value-quantity=5.00', ['q5']],
    ['/Observation?value-quantity=5.4', ['q5.4']],
    ['/Observation?value-quantity=-1', ['q-1']],
    ['/Observation?value-quantity=1e2', ['qbare', 'qunit']],
    ['/Observation?value-quantity=1.0e2', ['qbare', 'qunit']],
    ['/Observation?value-quantity=+5.00', ['q5']],
    ['/Observation?value-quantity=ne5&value-quantity=lt50', ['q-1', 'sampled']],
    ['/Observation?value-quantity=lt5', ['q-1']],
    ['/Observation?value-quantity=le5', ['q-1', 'q5']],
    ['/Observation?value-quantity=gt5.04', ['q5.4', 'qbare', 'qunit', 'sampled']],
    ['/Observation?value-quantity=ge5.4&value-quantity=lt100', ['q5.4', 'sampled']],
    ['/Observation?value-quantity=sa7', ['qbare', 'qunit']],
    ['/Observation?value-quantity=eb5', ['q-1']],
    ['/Observation?value-quantity=ap5', ['q5', 'q5.04', 'q5.4']],
    ['/Observation?value-quantity=ap5.7', ['q5.4']],
    ['/Observation?value-quantity=5,7', ['q5', 'q5.04', 'q5.4', 'sampled']],
    [`/Observation?value-quantity=5|${UCUM}|mg`, ['q5', 'q5.4']],
    [`/Observation?value-quantity=5|${UCUM}`, ['q5', 'q5.04', 'q5.4']],
    ['/Observation?value-quantity=5||g', ['q5.04']],
    ['/Observation?value-quantity=5|http://other|mg', []],
    ['/Observation?value-quantity=100||drops', ['qunit']],
    [`/Observation?value-quantity=100|${UCUM}|drops`, []],
    ['/RiskAssessment?probability=0.5', ['r-decimal']],
    ['/RiskAssessment?probability=0.25', []],
    ['/RiskAssessment?probability=gt0.25', ['r-decimal', 'r-low', 'r-range']],
    ['/RiskAssessment?probability=lt0.25', ['r-high', 'r-range']],
    ['/RiskAssessment?probability=sa0.5', ['r-low']],
    ['/RiskAssessment?probability=eb0.1', ['r-high']],
    ['/Invoice?totalgross=10', ['eur', 'usd']],
    ['/Invoice?totalgross=10||EUR', ['eur']],
    ['/Invoice?totalgross=10|urn:iso:std:iso:4217|USD', ['usd']],
    ['/Observation?patient=values&value-quantity:missing=true', ['concept', 'qnone', 'text']],
  ])('%s', async (query, expected) => {
    expect(await found(`${query}${query.includes('?') ? '&_count=50' : ''}`)).toEqual(expected);
  });

  test.each(['x', '5..0', '5|a|b|c', '|mg', '5e', '0x5', 'NaN', '5 '])(
    'value-quantity=%s is 400',
    async (value) => {
      const answer = await cloud.admin(
        `/Observation?value-quantity=${value.replaceAll('|', '%7C').replaceAll(' ', '%20')}`,
      );
      expect(answer.status).toBe(400);
    },
  );
});

describe('string', () => {
  test.each([
    ['name=dr', ['one']],
    ['name=jos', ['one']],
    ['name=NUNEZ', ['one']],
    ['name=jr', ['one']],
    ['name=unez', []],
    ['name:contains=unez', ['one']],
    ['name:exact=Núñez', ['one']],
    ['name:exact=Nunez', []],
    ['name:exact=Núñ', []],
    ['address=malaga', ['one']],
    ['address=1 main', ['one']],
    ['address-city=mál', ['one']],
    ['address-postalcode=290', ['one']],
    ['address-country=es', ['one']],
    ['family=a\\,b', ['two']],
    ['family=a,b', ['two']],
    ['family=b', []],
    ['given=\\$', ['two']],
    ['family:contains=%25', ['two']],
    ['family:contains=_', ['two']],
    ['family:contains=\\\\', ['two']],
    ['family=_', []],
    ['name:missing=true', []],
  ])('%s', async (query, expected) => {
    expect(await found(`/Patient?${query}`)).toEqual(expected);
  });

  test('a value of an observation', async () => {
    expect(await found('/Observation?value-string=strasse')).toEqual([]);
    expect(await found('/Observation?value-string=straße in zur')).toEqual(['text']);
  });
});

describe('token', () => {
  test.each([
    ['/Patient?identifier=x\\|y', ['one']],
    ['/Patient?identifier=http://example.org/a|x\\|y', ['one']],
    ['/Patient?identifier=nosystem', ['one']],
    ['/Patient?identifier=|nosystem', ['one']],
    ['/Patient?identifier=|x\\|y', []],
    ['/Patient?identifier=http://example.org/a|', ['one']],
    ['/Patient?identifier=http://example.org/a|nosystem', []],
    ['/Patient?active=true', ['two']],
    ['/Patient?active=false', ['one']],
    ['/Patient?active:not=false', ['two']],
    ['/Patient?deceased=true', ['two']],
    ['/Patient?deceased=false', ['one']],
    ['/Patient?telecom=one@example.org', ['one']],
    ['/Patient?email=one@example.org', ['one']],
    ['/Patient?phone=one@example.org', []],
    ['/Patient?phone=+1 555', ['one']],
    ['/Patient?language=es', ['one']],
    ['/Patient?language=urn:ietf:bcp:47|es', ['one']],
    ['/Patient?gender=male,female', ['one', 'two']],
    ['/Patient?gender:not=male,female', []],
    ['/Patient?gender=MALE', []],
    ['/Observation?value-concept=yes', ['concept']],
    ['/Observation?value-concept=http://example.org/v|yes', ['concept']],
    ['/Observation?code=http://snomed.info/sct|8867-4', []],
    [`/Observation?code:not=${LOINC}|8867-4`, []],
    ['/ValueSet?status=draft&version=1', ['vs']],
    ['/ValueSet?url=http://example.org/vs', ['vs']],
    ['/ValueSet?url=http://example.org/VS', []],
    ['/ValueSet?url=http://example.org/vs,http://example.org/other', ['vs']],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

describe('reference', () => {
  test.each([
    ['/Patient?link=one', ['two']],
    ['/Patient?link=Patient/one', ['two']],
    [`/Patient?link=${BASE}/Patient/one`, ['two']],
    ['/Patient?link:Patient=one', ['two']],
    ['/Patient?link:RelatedPerson=one', []],
    ['/Patient?general-practitioner=https://other.example/fhir/Practitioner/doc', ['two']],
    ['/Patient?general-practitioner=Practitioner/doc', []],
    ['/Patient?general-practitioner=doc', []],
    ['/Patient?general-practitioner=inside', []],
    ['/Patient?general-practitioner:missing=false', ['two']],
    ['/Patient?link=Patient/none,Patient/one', ['two']],
    ['/Patient?link:Patient.family=nunez', ['two']],
    ['/Patient?_has:Patient:link:gender=male', ['one']],
    ['/PlanDefinition?definition=http://example.org/activity', ['plan']],
    ['/PlanDefinition?definition=http://example.org/activity|1', ['plan']],
    ['/PlanDefinition?definition=http://example.org/activity|2', []],
    ['/PlanDefinition?definition=urn:x:y', ['plan']],
    ['/PlanDefinition?definition=urn:x', []],
    ['/Patient?_has:Patient:link:_id=two', ['one']],
    ['/Patient?_has:Patient:link:gender:not=female', ['one']],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });
});

describe('modifiers the service does not take are 403, malformed ones 400', () => {
  test.each([
    ['/Patient?family:text=x', 403],
    ['/Patient?family:not=x', 403],
    ['/Patient?gender:exact=male', 403],
    ['/Patient?identifier:of-type=x', 403],
    ['/Observation?code:above=x', 403],
    ['/Observation?code:below=x', 403],
    ['/Observation?code:not-in=x', 403],
    ['/Observation?date:exact=2020', 403],
    ['/Observation?value-quantity:not=5', 403],
    ['/RiskAssessment?probability:exact=0.5', 403],
    ['/ValueSet?url:below=http://example.org', 403],
    ['/Patient?link:identifier=x', 403],
    ['/Patient?link:Frob=x', 403],
    ['/Patient?_id:not=one', 403],
    ['/Patient?_lastUpdated:missing=true', 403],
    ['/?_type:not=Patient', 403],
    ['/Patient?gender:not:missing=true', 400],
    ['/Patient?gender:missing=TRUE', 400],
    ['/Patient?link:Frob.family=x', 400],
    ['/Patient?gender.family=x', 403],
    ['/Patient?_has:Patient:gender:family=x', 403],
    ['/Patient?_has:Frob:link:family=x', 400],
    ['/Patient?_has:Patient:link=x', 400],
    ['/Patient?_has:Patient=x', 400],
    ['/Patient?_lastUpdated=then', 400],
  ])('%s is %i', async (query, status) => {
    expect((await cloud.admin(query)).status).toBe(status);
  });
});
