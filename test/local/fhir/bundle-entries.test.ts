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

const URN = 'urn:uuid:0f5d5f5e-0000-4000-8000-00000000000a';
let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud();
  for (const id of ['twin-1', 'twin-2']) {
    await cloud.put(patient(id, { identifier: [{ system: 'http://example.org/mrn', value: 'twin' }] }));
  }
});

const send = (type: string, entry: unknown): Promise<Answer> =>
  cloud.admin('/', { method: 'POST', body: { resourceType: 'Bundle', type, entry } });
const statuses = (answer: Answer): string[] =>
  answer.body.entry.map((item: { response: { status: string } }) => item.response.status);
const anonymous = (resource: Record<string, unknown>) => ({ ...resource, id: undefined });
const about = (reference: string) => anonymous(observation('x', 'x', { subject: { reference } }));
const binary = (data: unknown) => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data,
});
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a bundle that cannot be read is refused as a whole', () => {
  test.each<[string, unknown, string]>([
    ['entries that are no list', { request: {} }, 'entry must be an array'],
    ['an entry that is no object', ['x'], 'request.url is required'],
    ['a request that is no object', [{ request: 'GET Patient' }], 'request.url is required'],
    ['no url', [{ request: { method: 'GET' } }], 'request.url is required'],
    ['an empty url', [{ request: { method: 'GET', url: '' } }], 'request.url is required'],
    ['no method', [{ request: { url: 'Patient' } }], 'invalid using the request method undefined'],
    ['a method in small letters', [{ request: { method: 'get', url: 'Patient' } }], 'request method get'],
    ['a method nobody knows', [{ request: { method: 'TRACE', url: 'Patient' } }], 'request method TRACE'],
  ])('%s', async (_name, entry, text) => {
    for (const type of ['batch', 'transaction']) {
      const answer = await send(type, entry);
      expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
    }
  });

  test.each(['batch', 'transaction'])('an empty %s is answered by an empty response', async (type) => {
    for (const entry of [[], undefined]) {
      const answer = await send(type, entry);
      expect([answer.status, answer.body.type, answer.body.entry]).toEqual([
        200,
        `${type}-response`,
        undefined,
      ]);
    }
  });
});

describe('what one entry of a batch answers', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a search', { request: { method: 'GET', url: 'Patient?identifier=twin' } }, '200'],
    ['a read with the whole URL', { request: { method: 'GET', url: `${BASE}/Patient/twin-1` } }, '200'],
    ['HEAD reads', { request: { method: 'HEAD', url: 'Patient/twin-1' } }, '200'],
    ['a version', { request: { method: 'GET', url: 'Patient/twin-1/_history/1' } }, '200'],
    ['a history', { request: { method: 'GET', url: 'Patient/twin-1/_history' } }, '200'],
    ['a compartment', { request: { method: 'GET', url: 'Patient/twin-1/Observation' } }, '200'],
    ['everything', { request: { method: 'GET', url: 'Patient/twin-1/$everything' } }, '200'],
    ['no such resource', { request: { method: 'GET', url: 'Patient/nobody' } }, '404'],
    ['another host', { request: { method: 'GET', url: 'https://evil.example/Patient/1' } }, '400'],
    ['no URL at all', { request: { method: 'GET', url: 'https://[' } }, '400'],
    ['a badly encoded one', { request: { method: 'GET', url: 'Patient/%zz' } }, '400'],
    ['a POST without type', { request: { method: 'POST', url: '/' }, resource: patient('x') }, '400'],
    [
      'a POST to an unknown type',
      { request: { method: 'POST', url: 'Frob' }, resource: patient('x') },
      '404',
    ],
    ['a POST to an id', { request: { method: 'POST', url: 'Patient/x' }, resource: patient('x') }, '405'],
    ['a POST of nothing', { request: { method: 'POST', url: 'Patient' } }, '400'],
    ['a PUT of another id', { request: { method: 'PUT', url: 'Patient/y' }, resource: patient('x') }, '400'],
    [
      'a stale PUT',
      { request: { method: 'PUT', url: 'Patient/twin-1', ifMatch: 'W/"9"' }, resource: patient('twin-1') },
      '412',
    ],
    [
      'a create that finds two',
      { request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=twin' }, resource: patient('x') },
      '412',
    ],
    ['a delete that finds two', { request: { method: 'DELETE', url: 'Patient?identifier=twin' } }, '412'],
    ['a delete of nothing', { request: { method: 'DELETE', url: 'Patient/nobody' } }, '204'],
    ['a search that cannot be read', { request: { method: 'GET', url: 'Observation?date=x' } }, '400'],
    ['a search with a refused modifier', { request: { method: 'GET', url: 'Observation?code:in=x' } }, '403'],
    [
      'an operation not imitated',
      { request: { method: 'POST', url: 'Patient/$validate' }, resource: patient('x') },
      '501',
    ],
    [
      'a patch without Binary',
      { request: { method: 'PATCH', url: 'Patient/twin-1' }, resource: patient('x') },
      '400',
    ],
    [
      'a patch without data',
      { request: { method: 'PATCH', url: 'Patient/twin-1' }, resource: binary(5) },
      '400',
    ],
    [
      'a patch that is no JSON',
      { request: { method: 'PATCH', url: 'Patient/twin-1' }, resource: binary(base64('{')) },
      '400',
    ],
    [
      'a patch that fails',
      {
        request: { method: 'PATCH', url: 'Patient/twin-1' },
        resource: binary(base64('[{"op":"remove","path":"/x"}]')),
      },
      '400',
    ],
  ])('%s', async (_name, entry, status) => {
    const witness = { request: { method: 'GET', url: 'Patient/twin-2' } };
    const answer = await send('batch', [entry, witness]);
    expect([answer.status, statuses(answer)]).toEqual([200, [status, '200']]);
    const [first] = answer.body.entry;
    if (Number(status) >= 400) {
      expect(first.resource).toBeUndefined();
      expect(first.response.outcome.issue[0].severity).toBe('error');
    }
  });
});

describe('transactions', () => {
  test.each<[string, unknown[], number, string]>([
    [
      'a reference to an unknown type',
      [{ resource: about('Frob?x=y'), request: { method: 'POST', url: 'Observation' } }],
      400,
      "Resource type 'Frob' in the reference",
    ],
    [
      'a reference that finds two',
      [{ resource: about('Patient?identifier=twin'), request: { method: 'POST', url: 'Observation' } }],
      400,
      'resolved to multiple resources',
    ],
    [
      'a reference by an unknown parameter',
      [{ resource: about('Patient?frob=1'), request: { method: 'POST', url: 'Observation' } }],
      400,
      "'frob' is not supported",
    ],
    [
      'two entries of one fullUrl',
      [1, 2].map(() => ({
        fullUrl: URN,
        resource: anonymous(patient('x')),
        request: { method: 'POST', url: 'Patient' },
      })),
      400,
      `refers to the same resource '${URN}'`,
    ],
    [
      'one conditional update twice',
      [1, 2].map(() => ({
        resource: anonymous(patient('x')),
        request: { method: 'PUT', url: 'Patient?identifier=z' },
      })),
      400,
      "refers to the same resource 'Patient?identifier=z'",
    ],
    [
      'a POST without type',
      [{ resource: patient('x'), request: { method: 'POST', url: '/' } }],
      400,
      'not supported using POST',
    ],
    [
      'a read of nobody',
      [{ request: { method: 'GET', url: 'Patient/nobody' } }],
      404,
      "Transaction failed on 'GET' for the requested url '/Patient/nobody'.",
    ],
  ])('%s fails it all', async (_name, entry, status, text) => {
    const id = `never-${status}`;
    const answer = await send('transaction', [
      { resource: patient(id), request: { method: 'PUT', url: `Patient/${id}` } },
      ...entry,
    ]);
    expect([answer.status, diagnostics(answer)]).toEqual([status, expect.stringContaining(text)]);
    expect((await cloud.admin(`/Patient/${id}`)).status).toBe(404);
  });

  test('fullUrls of updates, and urns outside of references, are resolved as well', async () => {
    const urn = 'urn:uuid:0f5d5f5e-0000-4000-8000-00000000000b';
    const other = 'urn:uuid:0f5d5f5e-0000-4000-8000-00000000000c';
    const answer = await send('transaction', [
      { fullUrl: URN, resource: patient('named'), request: { method: 'PUT', url: 'Patient/named' } },
      { resource: about(URN), request: { method: 'POST', url: 'Observation' } },
      {
        fullUrl: urn,
        resource: anonymous(patient('x', { extension: [{ url: 'http://example.org/u', valueUri: URN }] })),
        request: { method: 'POST', url: 'Patient' },
      },
      { resource: about(other), request: { method: 'POST', url: 'Observation' } },
    ]);
    expect(statuses(answer)).toEqual(['201', '201', '201', '201']);
    expect(answer.body.entry[1].resource.subject.reference).toBe('Patient/named');
    expect(answer.body.entry[2].resource.extension[0].valueUri).toBe('Patient/named');
    expect(answer.body.entry[3].resource.subject.reference).toBe(other);
  });

  test('a response entry carries what the interaction would have in headers', async () => {
    const answer = await send('transaction', [
      { resource: patient('headers'), request: { method: 'PUT', url: 'Patient/headers' } },
      { request: { method: 'DELETE', url: 'Patient/twin-2' } },
    ]);
    const [made, gone] = answer.body.entry;
    expect(made.response).toEqual({
      status: '201',
      location: `${BASE}/Patient/headers/_history/1`,
      etag: 'W/"1"',
      lastModified: expect.stringMatching(/^2026-11-24T12:00:00(\.000)?\+00:00$/),
    });
    expect(made.resource.id).toBe('headers');
    expect(gone).toEqual({ response: { status: '204', etag: 'W/"2"' } });
  });

  test('entries have the rights of who sent them', async () => {
    const reader = await cloud.token({ oid: cloud.principal('FHIR Data Reader') });
    const write = { resource: patient('w'), request: { method: 'PUT', url: 'Patient/w' } };
    const read = { request: { method: 'GET', url: 'Patient/twin-1' } };
    const bundle = (type: string) =>
      cloud.call('/', {
        token: reader,
        method: 'POST',
        body: { resourceType: 'Bundle', type, entry: [write, read] },
      });
    expect(statuses(await bundle('batch'))).toEqual(['403', '200']);
    expect((await bundle('transaction')).status).toBe(403);
  });
});
