import { beforeAll, describe, expect, test } from 'vitest';
import { fhirService } from '../../../src/local/fhir/fhir.ts';
import { diagnostics, type FhirCloud, fhirCloud, ids, observation, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud();
  await cloud.put(patient('a', { name: [{ family: '%_*\'"' }] }));
  await cloud.put(observation('o', 'a'));
});

const chainOf = (link: string, length: number, end: string): string => `${`${link}.`.repeat(length)}${end}`;

describe('chains', () => {
  test.each([
    ['/Observation?patient.link:Patient.link:Patient.family=x', 200],
    ['/Patient?_has:Observation:patient:_has:Provenance:target:recorded=2020', 200],
    [`/Procedure?${chainOf('part-of', 2, 'frob=1')}`, 200],
    [`/Procedure?${chainOf('part-of', 40, 'frob=1')}`, 400],
    [`/Patient?${chainOf('link:Patient', 2000, 'family=x')}`, 400],
    [`/Patient?${'_has:Patient:link:'.repeat(2000)}family=x`, 400],
  ])('%.80s is %i at once', async (path, status) => {
    const answer = await cloud.admin(path);
    expect(answer.status).toBe(status);
    if (status === 400) expect(diagnostics(answer)).toContain('too complex');
  });
});

describe('names and values that are something else elsewhere', () => {
  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '%00',
    'a%27%3B--',
    '%F0%9F%92%A9',
    '%ED%A0%80',
  ])('a parameter called %s is one nobody knows', async (name) => {
    const answer = await cloud.admin(`/Patient?${name}=1`);
    expect([answer.status, ids(answer)]).toEqual([200, ['a']]);
    expect(diagnostics(answer)).toContain('is not supported for resource type');
  });

  test.each([
    ['family=%25', 1],
    ['family=%25_', 1],
    ['family=_', 0],
    ['family=*', 0],
    ['family:contains=%27', 1],
    ['family:contains=%22', 1],
    ['family=%27%20OR%201%3D1--', 0],
    ['identifier=%27%20OR%201%3D1--', 0],
    ['family=%00', 0],
    ['family=%F4%8F%BF%BF', 0],
    ['_id=%27a%27', 0],
    [`family=${'x'.repeat(20_000)}`, 0],
  ])('%.60s matches %i', async (query, matches) => {
    const answer = await cloud.admin(`/Patient?${query}`);
    expect([answer.status, ids(answer).length]).toEqual([200, matches]);
  });

  test.each(['1e999', '-1e999', '1e-999', '9'.repeat(400), '0.'.padEnd(400, '0')])(
    'value-quantity=%.20s matches nothing',
    async (value) => {
      const answer = await cloud.admin(`/Observation?value-quantity=${value}`);
      expect([answer.status, ids(answer)]).toEqual([200, []]);
    },
  );

  test.each(['__proto__', 'constructor', 'toString'])('%s is no type', async (name) => {
    expect((await cloud.admin(`/${name}`)).status).toBe(404);
    expect((await cloud.admin(`/Patient?_include=${name}:x`)).status).toBe(400);
    const posted = await cloud.admin('/Patient', { method: 'POST', body: { resourceType: name } });
    expect(diagnostics(posted)).toContain('unknown type');
  });

  test.each([
    '{"resourceType":"Patient","__proto__":{"active":true}}',
    '{"resourceType":"Patient","constructor":{}}',
    '{"resourceType":"Patient","name":[{"__proto__":1}]}',
  ])('%s has an unknown element', async (body) => {
    const answer = await cloud.admin('/Patient', { method: 'POST', body });
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining('unknown element')]);
  });
});

describe('depth', () => {
  const deep = (levels: number): string =>
    `${'{"extension":['.repeat(levels)}{"url":"x"}${']}'.repeat(levels)}`;

  test('a resource nested a hundred thousand times is refused', async () => {
    const answer = await cloud.admin('/Patient', {
      method: 'POST',
      body: `{"resourceType":"Patient","extension":[${deep(100_000)}]}`,
    });
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining('nested too deeply')]);
  });

  test.each(['batch', 'transaction'])('in a %s it changes nothing', async (type) => {
    const entry = (id: string, more: string) =>
      `{"request":{"method":"PUT","url":"Patient/${id}"},"resource":{"resourceType":"Patient","id":"${id}"${more}}}`;
    const body = `{"resourceType":"Bundle","type":"${type}","entry":[${entry(`first-${type}`, '')},${entry(`deep-${type}`, `,"extension":[${deep(100_000)}]`)}]}`;
    const answer = await cloud.admin('/', { method: 'POST', body });
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining('nested too deeply')]);
    expect((await cloud.admin(`/Patient/first-${type}`)).status).toBe(404);
  });

  test('in a patch inside a Binary it is refused for its entry', async () => {
    const data = Buffer.from(`[{"op":"add","path":"/extension","value":[${deep(100_000)}]}]`).toString(
      'base64',
    );
    const resource = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
    const entry = [{ resource, request: { method: 'PATCH', url: 'Patient/a' } }];
    const answer = await cloud.admin('/', {
      method: 'POST',
      body: { resourceType: 'Bundle', type: 'batch', entry },
    });
    expect([answer.status, answer.body.entry[0].response.status]).toEqual([200, '400']);
  });

  test('in a patch it is refused', async () => {
    const answer = await cloud.admin('/Patient/a', {
      method: 'PATCH',
      body: `[{"op":"add","path":"/extension","value":[${deep(100_000)}]}]`,
      headers: { 'content-type': 'application/json-patch+json' },
    });
    expect(answer.status).toBe(400);
    expect((await cloud.admin('/Patient/a')).headers.get('etag')).toBe('W/"1"');
  });
});

test('what was written is there for the next process', async () => {
  const own = await fhirCloud();
  await own.put(patient('kept', { gender: 'other' }));
  const next = fhirService(own.fabric);
  const token = await own.token({ oid: own.principal('FHIR Data Reader') });
  const ask = async (path: string) => {
    const request = new Request(`https://ws-fhir.fhir.azurehealthcareapis.com${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return (await next.fetch(request)).json() as Promise<{ total?: number; id?: string }>;
  };
  expect((await ask('/Patient/kept')).id).toBe('kept');
  expect((await ask('/Patient?gender=other&_total=accurate')).total).toBe(1);
  expect((await ask('/Patient/kept/_history')).total).toBe(1);
  await next.close?.();
});
