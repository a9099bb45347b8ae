import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  BASE,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  observation,
  patient,
} from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud();
});

const send = (type: string, entry: unknown[]): Promise<Answer> =>
  cloud.admin('/', { method: 'POST', body: { resourceType: 'Bundle', type, entry } });
const statuses = (answer: Answer): string[] =>
  answer.body.entry.map((item: { response: { status: string } }) => item.response.status);
const withoutId = (resource: Record<string, unknown>) => ({ ...resource, id: undefined });

describe('transaction', () => {
  test('references between entries turn into the new places', async () => {
    const urn = 'urn:uuid:0f5d5f5e-0000-4000-8000-000000000001';
    const answer = await send('transaction', [
      {
        resource: withoutId(
          observation('x', 'x', {
            subject: { reference: urn },
            text: { status: 'generated', div: '<div>x</div>' },
          }),
        ),
        request: { method: 'POST', url: 'Observation' },
      },
      { fullUrl: urn, resource: withoutId(patient('x')), request: { method: 'POST', url: 'Patient' } },
      { resource: patient('fixed'), request: { method: 'PUT', url: 'Patient/fixed' } },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.type).toBe('transaction-response');
    expect(statuses(answer)).toEqual(['201', '201', '201']);
    const [first, second] = answer.body.entry;
    expect(first.resource.subject.reference).toBe(`Patient/${second.resource.id}`);
    expect(second.response).toMatchObject({
      etag: 'W/"1"',
      location: `${BASE}/Patient/${second.resource.id}/_history/1`,
    });
  });

  test('one failure undoes all and says which', async () => {
    const answer = await send('transaction', [
      { resource: patient('t1'), request: { method: 'PUT', url: 'Patient/t1' } },
      { resource: patient('t2', { gender: 'zz' }), request: { method: 'PUT', url: 'Patient/t2' } },
    ]);
    expect(answer.status).toBe(400);
    expect(diagnostics(answer)).toContain("Transaction failed on 'PUT' for the requested url '/Patient/t2'.");
    expect((await cloud.admin('/Patient/t1')).status).toBe(404);
    expect((await cloud.put(patient('t1'))).headers.get('etag')).toBe('W/"1"');
  });

  test('deletes come first, reads last', async () => {
    await cloud.put(patient('o1'));
    const answer = await send('transaction', [
      { request: { method: 'GET', url: 'Patient?_id=o2' } },
      { resource: patient('o2'), request: { method: 'PUT', url: 'Patient/o2' } },
      { request: { method: 'DELETE', url: 'Patient/o1' } },
    ]);
    expect(statuses(answer)).toEqual(['200', '201', '204']);
    expect(answer.body.entry[0].resource.entry).toHaveLength(1);
  });

  test('conditional create and conditional references', async () => {
    const identifier = [{ system: 'http://example.org/mrn', value: 'tx' }];
    await cloud.put(patient('known', { identifier }));
    const answer = await send('transaction', [
      {
        fullUrl: 'urn:uuid:0f5d5f5e-0000-4000-8000-000000000002',
        resource: withoutId(patient('x', { identifier })),
        request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=http://example.org/mrn|tx' },
      },
      {
        resource: withoutId(
          observation('x', 'x', { subject: { reference: 'urn:uuid:0f5d5f5e-0000-4000-8000-000000000002' } }),
        ),
        request: { method: 'POST', url: 'Observation' },
      },
      {
        resource: withoutId(
          observation('x', 'x', { subject: { reference: 'Patient?identifier=http://example.org/mrn|tx' } }),
        ),
        request: { method: 'POST', url: 'Observation' },
      },
    ]);
    expect(statuses(answer)).toEqual(['200', '201', '201']);
    for (const index of [1, 2])
      expect(answer.body.entry[index].resource.subject.reference).toBe('Patient/known');
    const lost = await send('transaction', [
      {
        resource: withoutId(observation('x', 'x', { subject: { reference: 'Patient?identifier=nobody' } })),
        request: { method: 'POST', url: 'Observation' },
      },
    ]);
    expect(diagnostics(lost)).toContain('does not resolve to a resource');
  });

  test('ifMatch and a JSON Patch in a Binary', async () => {
    await cloud.put(patient('p1'));
    const data = Buffer.from(JSON.stringify([{ op: 'replace', path: '/gender', value: 'other' }])).toString(
      'base64',
    );
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
    const patched = await send('transaction', [
      { resource: binary, request: { method: 'PATCH', url: 'Patient/p1', ifMatch: 'W/"1"' } },
    ]);
    expect(patched.body.entry[0].resource.gender).toBe('other');
    const stale = await send('transaction', [
      { resource: binary, request: { method: 'PATCH', url: 'Patient/p1', ifMatch: 'W/"1"' } },
    ]);
    expect(stale.status).toBe(412);
  });

  test.each([
    [
      'twice the same resource',
      [
        { resource: patient('same'), request: { method: 'PUT', url: 'Patient/same' } },
        { request: { method: 'DELETE', url: 'Patient/same' } },
      ],
      'refers to the same resource',
    ],
    [
      'a conditional delete',
      [{ request: { method: 'DELETE', url: 'Patient?family=x' } }],
      'not supported using DELETE',
    ],
    ['no request', [{ resource: patient('x') }], 'Bundle.entry.request.url is required.'],
    ['another host', [{ request: { method: 'GET', url: 'https://evil.example/Patient' } }], 'was not found'],
  ])('%s is refused', async (_name, entry, text) => {
    const answer = await send('transaction', entry);
    expect(answer.status).toBe(400);
    expect(diagnostics(answer)).toContain(text);
  });
});

describe('batch', () => {
  test('entries stand alone', async () => {
    const answer = await send('batch', [
      { resource: patient('b1'), request: { method: 'PUT', url: 'Patient/b1' } },
      { resource: patient('b2', { gender: 'zz' }), request: { method: 'PUT', url: 'Patient/b2' } },
      { request: { method: 'GET', url: 'Patient/none' } },
      { request: { method: 'GET', url: '/Patient/b1' } },
      { request: { method: 'GET', url: 'Frob/1' } },
    ]);
    expect(answer.body.type).toBe('batch-response');
    expect(statuses(answer)).toEqual(['201', '400', '404', '200', '404']);
    expect(answer.body.entry[1].response.outcome.issue[0].code).toBe('invalid');
    expect((await cloud.admin('/Patient/b1')).status).toBe(200);
  });

  test('500 entries are taken, 501 are not', async () => {
    const entry = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        resource: patient(`n${index}`),
        request: { method: 'PUT', url: `Patient/n${index}` },
      }));
    expect(statuses(await send('batch', entry(500))).every((status) => status === '201')).toBe(true);
    const many = await send('batch', entry(501));
    expect(diagnostics(many)).toBe(
      'The number of entries in the bundle exceeded the configured limit of 500.',
    );
  });
});

test.each([
  [{ resourceType: 'Patient' }, 'Only a bundle'],
  [{ resourceType: 'Bundle' }, 'Bundle type is not present'],
  [{ resourceType: 'Bundle', type: 'collection' }, 'not supported. Supported values are'],
])('%j is no batch', async (body, text) => {
  const answer = await cloud.admin('/', { method: 'POST', body });
  expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
});
