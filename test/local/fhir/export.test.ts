import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../src/core/clock.ts';
import type { StandInFactory } from '../../../src/local/fabric.ts';
import { exportJobs } from '../../../src/local/fhir/export/export-job.ts';
import { fhirService } from '../../../src/local/fhir/fhir.ts';
import {
  type Answer,
  BASE,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  observation,
  patient,
} from './fhir-cloud.ts';

interface Blobs {
  readonly files: Map<string, string>;
  readonly make: StandInFactory;
  /** Answers instead, when set. */
  refuse: Response | undefined;
}

/** The part of blob storage an export needs; it wants a bearer token. */
function blobs(): Blobs {
  const files = new Map<string, string>();
  const containers = new Set<string>();
  const result: Blobs = {
    files,
    refuse: undefined,
    make: () => ({
      name: 'blobs',
      serves: (host) => host === 'exports.blob.core.windows.net',
      fetch: async (request) => {
        if (result.refuse !== undefined) return result.refuse.clone();
        if (!request.headers.get('authorization')?.startsWith('Bearer ey'))
          return new Response(null, { status: 401 });
        const url = new URL(request.url);
        if (url.searchParams.get('restype') === 'container') {
          const known = containers.has(url.pathname);
          containers.add(url.pathname);
          return new Response(null, { status: known ? 409 : 201 });
        }
        if (request.headers.get('x-ms-blob-type') !== 'BlockBlob') return new Response(null, { status: 400 });
        files.set(url.href, await request.text());
        return new Response(null, { status: 201 });
      },
    }),
  };
  return result;
}

const ASYNC = { accept: 'application/fhir+json', prefer: 'respond-async' };
const CONFIGURED = { exportConfiguration: { storageAccountName: 'exports' } };

async function exportCloud(
  properties: Record<string, unknown> = CONFIGURED,
): Promise<FhirCloud & { blobs: Blobs }> {
  const storage = blobs();
  const cloud = await fhirCloud({ properties, others: [storage.make] });
  for (const resource of [
    patient('a'),
    patient('b'),
    patient('c'),
    observation('oa', 'a'),
    observation('ob', 'b', { status: 'amended' }),
    observation('oc', 'c'),
    { resourceType: 'Organization', id: 'org', name: 'Clinic' },
    {
      resourceType: 'Group',
      id: 'g',
      type: 'person',
      actual: true,
      member: [
        { entity: { reference: 'Patient/a' } },
        { entity: { reference: 'Patient/b' } },
        { entity: { reference: 'Patient/c' }, inactive: true },
      ],
    },
  ]) {
    const answer = await cloud.put(resource);
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  }
  return { ...cloud, blobs: storage };
}

/** Polls until the job is no longer under way. */
async function finished(cloud: FhirCloud, location: string, token?: string): Promise<Answer> {
  for (let turn = 0; turn < 1000; turn++) {
    const answer = token === undefined ? await cloud.admin(location) : await cloud.call(location, { token });
    if (answer.status !== 202) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('the export does not end');
}

async function run(cloud: FhirCloud, path: string): Promise<Answer> {
  const kickOff = await cloud.admin(path, { headers: ASYNC });
  expect([kickOff.status, kickOff.body]).toEqual([202, undefined]);
  const location = kickOff.headers.get('content-location') ?? '';
  expect(location).toMatch(new RegExp(`^${BASE}/_operations/export/\\d+$`));
  return finished(cloud, location);
}

const contents = (cloud: { blobs: Blobs }, answer: Answer): Record<string, string[]> =>
  Object.fromEntries(
    answer.body.output.map((file: { type: string; url: string }) => [
      file.type,
      (cloud.blobs.files.get(file.url) ?? '')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id)
        .sort(),
    ]),
  );

describe('what is exported', () => {
  test('system: all, as NDJSON in a container of its own', async () => {
    const cloud = await exportCloud();
    const done = await run(cloud, '/$export');
    expect(done.status).toBe(200);
    expect(done.headers.get('content-type')).toBe('application/json');
    expect(done.body).toMatchObject({
      request: `${BASE}/$export`,
      requiresAccessToken: false,
      error: [],
      issues: [],
    });
    expect(contents(cloud, done)).toEqual({
      Group: ['g'],
      Observation: ['oa', 'ob', 'oc'],
      Organization: ['org'],
      Patient: ['a', 'b', 'c'],
    });
    expect(done.body.output.find((file: { type: string }) => file.type === 'Patient')).toMatchObject({
      url: expect.stringMatching(/^https:\/\/exports\.blob\.core\.windows\.net\/\d+\/Patient-1-1\.ndjson$/),
      count: 3,
    });
  });

  test('Patient and Group: one patient compartment after the other, what they share in each', async () => {
    const cloud = await exportCloud();
    expect(contents(cloud, await run(cloud, '/Patient/$export'))).toEqual({
      Group: ['g', 'g', 'g'],
      Observation: ['oa', 'ob', 'oc'],
      Patient: ['a', 'b', 'c'],
    });
    expect(contents(cloud, await run(cloud, '/Group/g/$export'))).toEqual({
      Group: ['g', 'g'],
      Observation: ['oa', 'ob'],
      Patient: ['a', 'b'],
    });
  });

  test('Group: who is a member at the kick-off, members of member groups, no group twice', async () => {
    const cloud = await exportCloud();
    await cloud.put(patient('d'));
    const inner = { entity: { reference: 'Group/outer' } };
    await cloud.put({
      resourceType: 'Group',
      id: 'inner',
      type: 'person',
      actual: true,
      member: [
        inner,
        { entity: { reference: 'Patient/a' }, period: { start: '2020-01-01' } },
        { entity: { reference: 'Patient/b' }, period: { end: '2020-01-01' } },
        { entity: { reference: 'Patient/c' }, period: { start: '2030-01-01' } },
        { entity: { reference: 'Patient/d' }, period: { start: '2020-01-01', end: '2030-01-01' } },
      ],
    });
    await cloud.put({
      resourceType: 'Group',
      id: 'outer',
      type: 'person',
      actual: true,
      member: [{ entity: { reference: 'Group/inner' } }],
    });
    expect(contents(cloud, await run(cloud, '/Group/outer/$export?_type=Patient'))).toEqual({
      Patient: ['a', 'd'],
    });
  });

  test('patients: filters and _since also choose whose compartments are searched', async () => {
    const cloud = await exportCloud();
    cloud.clock.advance(10_000);
    const since = new Date(cloud.clock.now()).toISOString();
    await cloud.put(patient('a', { active: true }));
    await cloud.put(observation('oa2', 'a'));
    await cloud.put(observation('ob2', 'b'));
    const later = await run(cloud, `/Group/g/$export?_type=Patient,Observation&_since=${since}`);
    expect(contents(cloud, later)).toEqual({ Observation: ['oa2'], Patient: ['a'] });
    const filter = '_type=Patient,Observation&_typeFilter=Patient%3F_id%3Db';
    expect(contents(cloud, await run(cloud, `/Group/g/$export?${filter}`))).toEqual({
      Observation: ['ob', 'ob2'],
      Patient: ['b'],
    });
  });

  test('_type, _typeFilter, _since, _till, _container and _maxCount', async () => {
    const cloud = await exportCloud();
    const typed = await run(
      cloud,
      '/$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Dfinal&_container=mine',
    );
    expect(contents(cloud, typed)).toEqual({ Observation: ['oa', 'oc'] });
    expect(typed.body.output[0].url).toMatch(/\/mine\/20261124T\d{6}-\d+\/Observation-1-1\.ndjson$/);
    cloud.clock.advance(10_000);
    const since = new Date(cloud.clock.now()).toISOString();
    await cloud.put(patient('late'));
    expect(contents(cloud, await run(cloud, `/$export?_since=${since}`))).toEqual({ Patient: ['late'] });
    const till = await run(cloud, '/$export?_type=Patient&_till=2020-01-01&_maxCount=1');
    expect(till.body.output).toEqual([]);
    const small = await run(
      cloud,
      '/$export?_type=Patient&_maxCount=1&_outputFormat=application%2Ffhir%2Bndjson',
    );
    expect(small.body.output).toEqual([expect.objectContaining({ count: 4 })]);
  });
});

describe('kick-off refusals', () => {
  test.each([
    ['/$export', { accept: 'application/json', prefer: 'respond-async' }, 400, 'Accept'],
    ['/$export', { accept: 'application/fhir+json' }, 400, 'Prefer'],
    ['/$export', { ...ASYNC, prefer: 'handling=lenient' }, 400, 'respond-async'],
    ['/$export', { ...ASYNC, prefer: 'respond-async, return=minimal' }, 400, 'Prefer'],
    ['/$export?_elements=id', ASYNC, 400, '"_elements" parameter is not supported'],
    ['/$export?patient=Patient/a', ASYNC, 400, '"patient" parameter is not supported'],
    ['/$export?_typeFilter=Patient%3Factive%3Dtrue', ASYNC, 400, '_type parameter must be included'],
    ['/$export?_type=Patient&_typeFilter=Patient', ASYNC, 400, 'could not be parsed'],
    ['/$export?_type=Patient&_typeFilter=Patient%3Ffrob%3D1', ASYNC, 400, 'parameter: frob'],
    ['/$export?_type=Frob', ASYNC, 400, 'unknown resource'],
    ['/$export?_outputFormat=csv', ASYNC, 400, "'csv' is not supported"],
    ['/$export?_since=yesterday', ASYNC, 400, 'not in a correct format'],
    ['/$export?_container=..%2Fx', ASYNC, 400, 'Path traversal'],
    ['/$export?_format=mine', ASYNC, 400, 'could not be found'],
    ['/$export?includeAssociatedData=frob', ASYNC, 400, 'includeAssociatedData'],
    ['/$export?_anonymizationConfig=x.json', ASYNC, 400, '_container'],
    ['/$export?_anonymizationConfig=x.json&_container=c', ASYNC, 501, 'not imitated'],
    ['/Observation/$export', ASYNC, 400, 'does not support resource type: Observation'],
    ['/_operations/export/1', ASYNC, 404, 'The requested job "1" was not found.'],
  ])('%s with %j is %i', async (path, headers, status, text) => {
    const cloud = await fhirCloud({ properties: CONFIGURED });
    const answer = await cloud.admin(path, { headers });
    expect([answer.status, diagnostics(answer)]).toEqual([status, expect.stringContaining(text)]);
  });

  test('POST is not routed', async () => {
    const cloud = await fhirCloud({ properties: CONFIGURED });
    expect((await cloud.admin('/$export', { method: 'POST', body: {}, headers: ASYNC })).status).toBe(405);
  });

  test('a reader may not export', async () => {
    const cloud = await exportCloud();
    const token = await cloud.token({ oid: cloud.principal('FHIR Data Reader') });
    expect((await cloud.call('/$export', { token, headers: ASYNC })).status).toBe(403);
  });
});

describe('jobs that fail', () => {
  test('without a configured account', async () => {
    const cloud = await exportCloud({});
    const failed = await run(cloud, '/$export');
    expect([failed.status, diagnostics(failed)]).toEqual([
      400,
      'export operation failed for reason: The given storage uri is invalid',
    ]);
  });

  test('when storage refuses the identity', async () => {
    const cloud = await exportCloud();
    cloud.blobs.refuse = new Response(
      '<Error><Code>AuthorizationPermissionMismatch</Code><Message>Not this one.</Message></Error>',
      { status: 403 },
    );
    const failed = await run(cloud, '/$export');
    expect([failed.status, diagnostics(failed)]).toEqual([
      403,
      expect.stringContaining('AuthorizationPermissionMismatch'),
    ]);
  });

  test('when the account does not exist', async () => {
    const cloud = await exportCloud({ exportConfiguration: { storageAccountName: 'nowhere' } });
    const failed = await run(cloud, '/$export');
    expect([failed.status, diagnostics(failed)]).toEqual([
      404,
      expect.stringContaining('storage account not found'),
    ]);
  });

  test('when the group does not exist', async () => {
    const cloud = await exportCloud();
    const failed = await run(cloud, '/Group/none/$export');
    expect([failed.status, diagnostics(failed)]).toEqual([
      400,
      expect.stringContaining("'Group' with id 'none'"),
    ]);
  });
});

describe('cancelling', () => {
  test('a completed job once, then it is gone', async () => {
    const cloud = await exportCloud();
    const kickOff = await cloud.admin('/$export', { headers: ASYNC });
    const location = kickOff.headers.get('content-location') ?? '';
    await finished(cloud, location);
    expect((await cloud.admin(location, { method: 'DELETE' })).status).toBe(202);
    expect((await cloud.admin(location)).status).toBe(404);
    expect((await cloud.admin(location, { method: 'DELETE' })).status).toBe(404);
  });

  test('a queued job is never written', async () => {
    const cloud = await exportCloud();
    const kickOff = await cloud.admin('/$export', { headers: ASYNC });
    const location = kickOff.headers.get('content-location') ?? '';
    const job = [...exportJobs(cloud.fabric).values()][0];
    if (job === undefined) throw new Error('no job');
    exportJobs(cloud.fabric).put(job.id, { ...job, status: 'queued' });
    expect((await cloud.admin(location, { method: 'DELETE' })).status).toBe(202);
    expect((await cloud.admin(location)).status).toBe(404);
  });

  test('a failed job is not found', async () => {
    const cloud = await exportCloud({});
    const kickOff = await cloud.admin('/$export', { headers: ASYNC });
    const location = kickOff.headers.get('content-location') ?? '';
    expect((await finished(cloud, location)).status).toBe(400);
    expect((await cloud.admin(location, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('SMART callers', () => {
  const backend = async (cloud: FhirCloud, scopes: string, ...roles: string[]): Promise<string> => {
    const oid = cloud.principal('FHIR SMART User', ...roles);
    return cloud.token({ oid, roles: scopes.split(' ') });
  };

  test.each([
    ['system/*.rs', '/$export', 202],
    ['system.all.rs', '/Group/g/$export', 202],
    ['system/*.read', '/$export', 202],
    ['system/*.r', '/$export', 403],
    ['system/*.s', '/$export', 403],
    ['system/Patient.rs system/Group.rs', '/Group/g/$export', 202],
    ['system/Patient.rs', '/Group/g/$export', 403],
    ['system/Observation.rs', '/Patient/$export', 403],
    ['system/Patient.rs', '/$export?_type=Patient', 202],
    ['system/Patient.rs', '/$export?_type=Patient,Observation', 403],
    ['system/Observation.rs?status=final', '/$export', 403],
  ])('%s on %s is %i', async (scopes, path, status) => {
    const cloud = await exportCloud();
    const token = await backend(cloud, scopes, 'FHIR Data Exporter');
    expect((await cloud.call(path, { token, headers: ASYNC })).status).toBe(status);
  });

  test('without the export role nothing', async () => {
    const cloud = await exportCloud();
    expect(
      (await cloud.call('/$export', { token: await backend(cloud, 'system/*.rs'), headers: ASYNC })).status,
    ).toBe(403);
  });

  test('patient and user scopes never export', async () => {
    const cloud = await exportCloud();
    const oid = cloud.principal('FHIR SMART User', 'FHIR Data Exporter');
    const token = await cloud.token({ oid, scp: 'user/*.rs', fhirUser: 'Practitioner/x' });
    expect((await cloud.call('/$export', { token, headers: ASYNC })).status).toBe(403);
  });

  test('a group: the compartments of SMART, with the types that all patients share', async () => {
    const cloud = await exportCloud();
    await cloud.put({ resourceType: 'Device', id: 'da', patient: { reference: 'Patient/a' } });
    await cloud.put({ resourceType: 'Device', id: 'dc', patient: { reference: 'Patient/c' } });
    await cloud.put({ resourceType: 'Device', id: 'nobody' });
    await cloud.put({ resourceType: 'Practitioner', id: 'p' });
    const token = await backend(cloud, 'system/*.rs', 'FHIR Data Exporter');
    const kickOff = await cloud.call('/Group/g/$export', { token, headers: ASYNC });
    const done = await finished(cloud, kickOff.headers.get('content-location') ?? '', token);
    expect(contents(cloud, done)).toEqual({
      Device: ['da', 'nobody', 'nobody'],
      Group: ['g', 'g'],
      Observation: ['oa', 'ob'],
      Organization: ['org', 'org'],
      Patient: ['a', 'a', 'b', 'b'],
      Practitioner: ['p', 'p'],
    });
  });

  test('types are inferred from scopes, and others are told there is no such job', async () => {
    const cloud = await exportCloud();
    const token = await backend(
      cloud,
      'system/Patient.rs system/Organization.rs system/Group.r',
      'FHIR Data Exporter',
    );
    const kickOff = await cloud.call('/$export', { token, headers: ASYNC });
    const location = kickOff.headers.get('content-location') ?? '';
    const done = await finished(cloud, location, token);
    expect(contents(cloud, done)).toEqual({ Organization: ['org'], Patient: ['a', 'b', 'c'] });
    const other = await backend(cloud, 'system/Patient.rs', 'FHIR Data Exporter');
    expect((await cloud.call(location, { token: other })).status).toBe(404);
    expect((await cloud.call(location, { token: other, method: 'DELETE' })).status).toBe(404);
  });
});

test('an unfinished job is taken up by the next process', async () => {
  const cloud = await exportCloud();
  const kickOff = await cloud.admin('/$export?_type=Patient', { headers: ASYNC });
  const location = kickOff.headers.get('content-location') ?? '';
  await finished(cloud, location);
  const job = exportJobs(cloud.fabric).get(location.split('/').at(-1) ?? '');
  if (job === undefined) throw new Error('no job');
  cloud.blobs.files.clear();
  exportJobs(cloud.fabric).put(job.id, { ...job, status: 'running', output: [] });
  const next = fhirService({ ...cloud.fabric, clock: manualClock(cloud.clock.now()) });
  const done = await finished(cloud, location);
  expect(contents(cloud, done)).toEqual({ Patient: ['a', 'b', 'c'] });
  await next.close?.();
});
