import { beforeAll, describe, expect, test } from 'vitest';
import { diagnostics, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud();
});

const EXTENSION = 'http://example.org/value';

/** The status of a write whose extension holds this value: an extension may hold every data type. */
async function written(name: string, value: unknown): Promise<number> {
  const body = patient('p', { extension: [{ url: EXTENSION, [name]: value }] });
  const answer = await cloud.put(body);
  if (answer.status === 400) expect(diagnostics(answer)).toContain('cannot be parsed as a');
  return answer.status;
}

/** FHIR R4 section 2.24.0.1 by data type: values that are one, values that are none. */
describe.each<[string, readonly unknown[], readonly unknown[]]>([
  ['valueBoolean', [true, false], ['true', 1, null]],
  ['valueInteger', [0, -5, 2_147_483_647, -2_147_483_648], [1.5, '1', 2_147_483_648, -2_147_483_649]],
  ['valuePositiveInt', [1, 2_147_483_647], [0, -1, 1.5, 2_147_483_648, '1']],
  ['valueUnsignedInt', [0, 1, 2_147_483_647], [-1, 0.5, 2_147_483_648]],
  ['valueDecimal', [0, -0.25, 1e-7, 1e20], ['0.25', true, null]],
  ['valueString', ['x', ' x ', 'línea\nzwei'], ['', '   ', 5, {}]],
  ['valueMarkdown', ['**x**'], ['', '\n']],
  ['valueCode', ['a', 'a b', 'a-b_c'], ['', ' a', 'a ', 'a  b']],
  ['valueId', ['a', 'A-1.b', 'x'.repeat(64)], ['', 'a b', 'a_b', 'x'.repeat(65)]],
  ['valueUri', ['http://example.org/x', 'urn:oid:1.2', '#a'], ['', 'a b']],
  ['valueUrl', ['https://example.org/x?y=z'], ['', 'https://example.org/x y']],
  ['valueCanonical', ['http://example.org/x|1.0'], ['', 'a b']],
  [
    'valueOid',
    ['urn:oid:1.2.840.113619', 'urn:oid:2.16.0'],
    ['1.2.840', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1'],
  ],
  [
    'valueUuid',
    ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520', 'urn:uuid:1'],
  ],
  [
    'valueBase64Binary',
    ['QQ==', 'QUI=', 'QUJD', 'QUJD\n  QUJD', ' QUJD '],
    ['', ' ', 'QUJ', 'QUJD!', 'Q===', 'QQ==QQ==', 'QU-_'],
  ],
  [
    'valueDate',
    ['1980', '1980-12', '1980-12-31', '0001-01-01'],
    ['80', '1980-13', '1980-00', '1980-1-1', '1980-12-32', '0000', '1980-12-31T10:00:00Z'],
  ],
  [
    'valueDateTime',
    [
      '1980',
      '1980-12-31',
      '1980-12-31T23:59:60Z',
      '1980-12-31T10:00:00.123+14:00',
      '1980-12-31T10:00:00-05:30',
    ],
    [
      '1980-12-31T10:00',
      '1980-12-31T10:00Z',
      '1980-12-31T10:00:00',
      '1980-12-31T24:00:00Z',
      '1980-12-31T10:00:00+15:00',
    ],
  ],
  [
    'valueInstant',
    ['2015-02-07T13:28:17.239+02:00', '2017-01-01T00:00:00Z'],
    ['2017-01-01', '2017', '2017-01-01T00:00:00', '2017-01-01T00:00Z'],
  ],
  ['valueTime', ['00:00:00', '23:59:60', '10:00:00.5'], ['24:00:00', '10:00', '10:00:00Z', '1:00:00']],
])('%s', (name, good, bad) => {
  test.each(good.map((value) => [value]))('%j is one', async (value) => {
    expect(await written(name, value)).toBeLessThan(202);
  });

  test.each(bad.map((value) => [value]))('%j is none', async (value) => {
    expect(await written(name, value)).toBe(400);
  });
});

describe('base64 of any size is read in one pass', () => {
  const binary = (data: string) => ({ resourceType: 'Binary', id: 'bin', contentType: 'text/plain', data });

  test('many lines that end in no base64 are refused', async () => {
    expect((await cloud.put(binary(`${'QUJD\n'.repeat(5000)}!`))).status).toBe(400);
  });

  test('several megabytes are stored', async () => {
    expect((await cloud.put(binary('QUJD'.repeat(2_000_000)))).status).toBe(201);
  });
});

describe('narrative', () => {
  const narrative = (div: string) =>
    cloud.put(
      patient('text', {
        text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` },
      }),
    );

  test.each([
    'plain',
    '<a href="https://example.org/">link</a>',
    '<img src="data:image/png;base64,QUJD" alt="x"/>',
    'onward = forward',
  ])('%s is harmless', async (div) => {
    expect((await narrative(div)).status).toBeLessThan(202);
  });

  test.each([
    '<script>x()</script>',
    '<SCRIPT src="x"/>',
    '<iframe src="https://example.org"/>',
    '<object data="x"/>',
    '<p onclick="x()">x</p>',
    '<img src=x onerror = "x()"/>',
    "<a href='javascript:x()'>x</a>",
    '<a href= "vbscript:x">x</a>',
    '<a href="data:text/html,x">x</a>',
  ])('%s would run something', async (div) => {
    expect((await narrative(div)).status).toBe(400);
  });

  test('a narrative is a div', async () => {
    const answer = await cloud.put(patient('text', { text: { status: 'generated', div: '<p>x</p>' } }));
    expect(answer.status).toBe(400);
  });
});

describe('structure', () => {
  const nested = (levels: number): Record<string, unknown> => {
    let extension: Record<string, unknown> = { url: EXTENSION, valueString: 'x' };
    for (let level = 1; level < levels; level++) extension = { url: EXTENSION, extension: [extension] };
    return extension;
  };

  test.each<[string, Record<string, unknown>, string, string]>([
    ['an empty object', { maritalStatus: {} }, 'at least one property', 'Patient.maritalStatus'],
    [
      'a primitive where an object belongs',
      { maritalStatus: 'M' },
      'an object was expected',
      'Patient.maritalStatus',
    ],
    ['null in a list without its companion', { name: [null] }, 'an object was expected', 'Patient.name[0]'],
    [
      'an unknown element deep inside',
      { contact: [{ nam: 'x' }] },
      "unknown element 'nam'",
      'Patient.contact[0]',
    ],
    [
      'a companion of an object',
      { _maritalStatus: { id: 'x' } },
      "unknown element '_maritalStatus'",
      'Patient',
    ],
    [
      'a companion with other members',
      { _gender: { value: 'x' } },
      "unknown element 'value'",
      'Patient._gender',
    ],
    ['a companion that is no object', { _gender: 'x' }, 'an object was expected', 'Patient._gender'],
    [
      'a contained resource of no type',
      { contained: [{ id: 'x' }] },
      'without a known resourceType',
      'Patient.contained[0]',
    ],
    [
      'a contained resource of an unknown type',
      { contained: [{ resourceType: 'X' }] },
      'without a known resourceType',
      'Patient.contained[0]',
    ],
    [
      'a contained resource that is wrong',
      { contained: [{ resourceType: 'Basic' }] },
      'minimum cardinality 1',
      'Patient.contained[0].code',
    ],
    [
      'a required element missing inside',
      { link: [{ type: 'seealso' }] },
      'minimum cardinality 1',
      'Patient.link[0].other',
    ],
    [
      'a choice of another type',
      { multipleBirthString: 'x' },
      "unknown element 'multipleBirthString'",
      'Patient',
    ],
    ['too deep a nesting', { extension: [nested(60)] }, 'nested too deeply', 'extension[0].extension[0]'],
  ])('%s', async (_name, more, text, place) => {
    const answer = await cloud.put(patient('s', more));
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
    expect(answer.body.issue[0].expression[0]).toContain(place);
  });

  test('a required primitive may be only its extension', async () => {
    const answer = await cloud.put({
      resourceType: 'Observation',
      id: 'absent',
      code: { text: 'x' },
      _status: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
        ],
      },
    });
    expect(answer.status).toBe(201);
  });

  test('nesting within the limit is fine', async () => {
    expect((await cloud.put(patient('deep', { extension: [nested(20)] }))).status).toBe(201);
  });
});
