import { beforeAll, describe, expect, test } from 'vitest';
import { exportJobs } from '../../../src/local/fhir/export/export-job.ts';
import { Resources } from '../../../src/local/resources.ts';
import {
  type Answer,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  observation,
  patient,
  SERVICE_ID,
} from './fhir-cloud.ts';

const ASYNC = { accept: 'application/fhir+json', prefer: 'respond-async' };
const CONFIGURED = { exportConfiguration: { storageAccountName: 'exports' } };
const files = new Map<string, string>();
let cloud: FhirCloud;

const storing = () =>
  fhirCloud({
    properties: CONFIGURED,
    others: [
      () => ({
        name: 'blobs',
        serves: (host) => host === 'exports.blob.core.windows.net',
        fetch: async (request) => {
          files.set(request.url, await request.text());
          return new Response(null, { status: 201 });
        },
      }),
    ],
  });

beforeAll(async () => {
  cloud = await storing();
  for (const resource of [
    patient('a'),
    patient('b', { gender: 'male' }),
    observation('oa', 'a'),
    observation('ob', 'b'),
  ]) {
    await cloud.put(resource);
  }
});

const kickOff = (path: string, headers: Record<string, string> = ASYNC): Promise<Answer> =>
  cloud.admin(path, { headers });
const place = (answer: Answer): string => answer.headers.get('content-location') ?? '';

async function finished(answer: Answer): Promise<Answer> {
  for (let turn = 0; turn < 1000; turn++) {
    const polled = await cloud.admin(place(answer));
    if (polled.status !== 202) return polled;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the export does not end');
}

/** Bulk Data Access 2.0.0, "Headers": FHIR JSON is accepted, and the answer comes later. */
describe('headers of a kick-off', () => {
  test.each<[Record<string, string>, number, string]>([
    [ASYNC, 202, ''],
    [{ ...ASYNC, accept: 'Application/FHIR+JSON' }, 202, ''],
    [{ ...ASYNC, prefer: 'Respond-Async' }, 202, ''],
    [{ ...ASYNC, prefer: 'respond-async, handling=strict' }, 202, ''],
    [{ ...ASYNC, prefer: 'handling=LENIENT,respond-async' }, 202, ''],
    [{ prefer: 'respond-async' }, 400, '"Accept" header'],
    [{ ...ASYNC, accept: '*/*' }, 400, '"Accept" header'],
    [{ ...ASYNC, accept: 'application/json' }, 400, '"Accept" header'],
    [{ ...ASYNC, accept: 'application/fhir+json, */*' }, 400, '"Accept" header'],
    [{ accept: ASYNC.accept }, 400, 'Missing required header; Prefer'],
    [{ ...ASYNC, prefer: '' }, 400, '"Prefer" header'],
    [{ ...ASYNC, prefer: 'handling=strict' }, 400, 'value=respond-async'],
    [{ ...ASYNC, prefer: 'respond-async=1' }, 400, '"Prefer" header'],
    [{ ...ASYNC, prefer: 'respond-async, handling=loose' }, 400, '"Prefer" header'],
    [{ ...ASYNC, prefer: 'respond-async, handling=strict=x' }, 400, '"Prefer" header'],
    [{ ...ASYNC, prefer: 'respond-async; wait=5' }, 400, '"Prefer" header'],
  ])('%j is %i', async (headers, status, text) => {
    const answer = await kickOff('/$export', headers);
    expect(answer.status).toBe(status);
    if (status === 400) expect(diagnostics(answer)).toContain(text);
    else expect(place(answer)).toMatch(/\/_operations\/export\/\d{10,}$/);
  });
});

describe('parameters of a kick-off', () => {
  test.each([
    '_outputFormat=application%2Ffhir%2Bndjson',
    '_outputFormat=application%2Fndjson',
    '_outputFormat=ndjson',
    '_since=2020',
    '_since=2020-01-01T00%3A00%3A00Z&_till=2021-01-01T00%3A00%3A00Z',
    '_type=Patient,Observation',
    '_type=Patient,%20Patient,',
    '_type=',
    '_type=Patient&_typeFilter=Patient%3Fgender%3Dmale,Patient%3Fgender%3Dfemale',
    '_maxCount=0',
    '_maxCount=999999999',
    '_isParallel=false',
    'includeAssociatedData=',
  ])('%s is taken', async (query) => {
    expect((await kickOff(`/$export?${query}`)).status).toBe(202);
  });

  test.each([
    ['_outputFormat=application%2Ffhir%2Bxml', 400, 'The output format'],
    ['_outputFormat=ndjson&_outputFormat=csv', 400, "'csv' is not supported"],
    ['_outputFormat=NDJSON', 400, "'NDJSON' is not supported"],
    ['_since=2020-13', 400, 'not in a correct format'],
    ['_till=now', 400, 'not in a correct format'],
    ['_type=Patient,Frob,Aaa', 400, 'unknown resource(s): Frob, Aaa'],
    ['_type=patient', 400, 'unknown resource(s): patient'],
    ['_type=Patient&_typeFilter=%3Fgender%3Dmale', 400, 'could not be parsed'],
    ['_type=Patient&_typeFilter=Patient%3F', 400, 'could not be parsed'],
    ['_type=Patient&_typeFilter=Patient%3Fgender', 400, 'could not be parsed'],
    ['_type=Patient&_typeFilter=Patient%3Fgender%3Dmale%3Dx', 400, 'could not be parsed'],
    ['_type=Patient&_typeFilter=Frob%3Fa%3Db', 400, "Resource type 'Frob' is not supported."],
    ['_type=Patient&_typeFilter=Patient%3Ffrob%3D1%26x%3D2', 400, '2 invalid search parameter(s) found'],
    ['_type=Patient&_typeFilter=Patient%3Fbirthdate%3Dx', 400, 'not in a correct format'],
    ['_type=Patient&_typeFilter=Patient%3Fgender:text%3Dx', 403, "Modifier 'text'"],
    ['_maxCount=-1', 400, 'not valid for _maxCount'],
    ['_maxCount=many', 400, 'not valid for _maxCount'],
    ['_container=a%2F..%2Fb', 400, 'Path traversal'],
    ['_container=a%5C..', 400, 'Path traversal'],
    ['includeAssociatedData=_history', 501, 'history and deleted'],
    ['includeAssociatedData=_deleted,_history', 501, 'history and deleted'],
    ['includeAssociatedData=_history,LatestProvenanceResources', 400, 'LatestProvenanceResources'],
    ['_anonymizationConfigEtag=x', 400, "Missing '_anonymizationConfig'"],
    ['_anonymizationConfigCollectionReference=x', 400, "Missing '_anonymizationConfig'"],
    ['_until=2020', 400, 'The "_until" parameter is not supported.'],
    ['organizeOutputBy=Patient', 400, 'The "organizeOutputBy" parameter is not supported.'],
  ])('%s is %i', async (query, status, text) => {
    const answer = await kickOff(`/$export?${query}`);
    expect([answer.status, diagnostics(answer)]).toEqual([status, expect.stringContaining(text)]);
  });

  test.each([
    ['/Group/$export', 400],
    ['/Group/a_b/$export', 400],
    ['/Patient/a/$export', 400],
    ['/Encounter/$export', 400],
    ['/Frob/$export', 404],
    ['/Group/g/x/$export', 404],
    ['/Patient/a/Observation/$export', 404],
  ])('%s is %i', async (path, status) => {
    expect((await kickOff(path)).status).toBe(status);
  });
});

test('filters of a type add up, types without filter come whole', async () => {
  const types = '_type=Patient,Observation';
  const filter = '_typeFilter=Patient%3Fgender%3Dmale%26_id%3Db,Patient%3F_id%3Dnobody';
  const { output } = (await finished(await kickOff(`/$export?${types}&${filter}`))).body;
  const listed = output.map(({ type, url }: { type: string; url: string }) => [
    type,
    (files.get(url) ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ]);
  expect(listed).toEqual([
    ['Observation', ['oa', 'ob']],
    ['Patient', ['b']],
  ]);
});

describe('a job', () => {
  test('answers 202 while it waits or runs, and has no other methods', async () => {
    const started = await kickOff('/$export?_type=Patient');
    await finished(started);
    const job = exportJobs(cloud.fabric).get(place(started).split('/').at(-1) ?? '');
    if (job === undefined) throw new Error('no job');
    for (const status of ['queued', 'running'] as const) {
      exportJobs(cloud.fabric).put(job.id, { ...job, status });
      expect((await cloud.admin(place(started))).status).toBe(202);
    }
    exportJobs(cloud.fabric).put(job.id, job);
    for (const method of ['PUT', 'POST']) {
      expect((await cloud.admin(place(started), { method, body: {} })).status).toBe(405);
    }
  });

  test('needs the export role to be polled and cancelled', async () => {
    const started = await kickOff('/$export?_type=Patient');
    await finished(started);
    const reader = await cloud.token({ oid: cloud.principal('FHIR Data Reader') });
    for (const method of ['GET', 'DELETE']) {
      expect((await cloud.call(place(started), { token: reader, method })).status).toBe(403);
      expect((await cloud.call(place(started), { method })).status).toBe(401);
    }
    expect((await cloud.admin(place(started))).status).toBe(200);
  });

  test('belongs to its service: one made anew knows nothing of it', async () => {
    const own = await storing();
    await own.put(patient('a'));
    const started = await own.admin('/$export', { headers: ASYNC });
    const resources = new Resources(own.fabric.store);
    const service = resources
      .ofType('Microsoft.HealthcareApis/workspaces/fhirservices')
      .find((item) => item.id === SERVICE_ID);
    if (service === undefined) throw new Error('no service');
    resources.put({ ...service, createdAt: new Date(own.clock.now() + 1).toISOString() });
    expect((await own.admin(place(started))).status).toBe(404);
    expect((await own.admin('/Patient/a')).status).toBe(404);
  });
});
