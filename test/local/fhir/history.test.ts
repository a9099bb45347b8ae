import { beforeAll, describe, expect, test } from 'vitest';
import { START } from '../directory/test-fabric.ts';
import {
  type Answer,
  BASE,
  diagnostics,
  type FhirCloud,
  fhirCloud,
  observation,
  patient,
} from './fhir-cloud.ts';

const MINUTE = 60_000;
const at = (minutes: number): string => new Date(START + minutes * MINUTE).toISOString();
let cloud: FhirCloud;

/** One change a minute: the first at 12:00. */
beforeAll(async () => {
  cloud = await fhirCloud();
  const changes = [
    () => cloud.put(patient('a')),
    () => cloud.put(observation('o', 'a')),
    () => cloud.put(patient('a', { active: true })),
    () => cloud.admin('/Patient/a', { method: 'DELETE' }),
    () => cloud.put(patient('a', { active: false })),
    () =>
      cloud.admin('/Observation/o', {
        method: 'PATCH',
        body: [{ op: 'replace', path: '/status', value: 'amended' }],
        headers: { 'content-type': 'application/json-patch+json' },
      }),
    () => cloud.admin('/Patient', { method: 'POST', body: patient('x') }),
  ];
  for (const change of changes) {
    const answer = await change();
    if (answer.status > 204) throw new Error(JSON.stringify(answer.body));
    cloud.clock.advance(MINUTE);
  }
});

interface HistoryEntry {
  readonly fullUrl: string;
  readonly resource?: { readonly id: string; readonly meta: { readonly versionId: string } };
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly status: string; readonly etag: string; readonly lastModified: string };
}
const entries = (answer: Answer): HistoryEntry[] => answer.body.entry;
const methods = (answer: Answer): string[] => entries(answer).map((entry) => entry.request.method);
const next = (answer: Answer): string | undefined =>
  answer.body.link.find((link: { relation: string }) => link.relation === 'next')?.url;

test('entries of one resource say what was asked and answered', async () => {
  const answer = await cloud.admin('/Patient/a/_history');
  expect([answer.status, answer.body.type, answer.body.total]).toEqual([200, 'history', 4]);
  expect(
    entries(answer).map(({ fullUrl, resource, request, response }) => [
      fullUrl,
      resource?.meta.versionId,
      `${request.method} ${request.url}`,
      response.status,
      response.etag,
      Date.parse(response.lastModified) - START,
    ]),
  ).toEqual([
    [`${BASE}/Patient/a`, '4', 'PUT Patient/a', '200 OK', 'W/"4"', 4 * MINUTE],
    [`${BASE}/Patient/a`, undefined, 'DELETE Patient/a', '204 NoContent', 'W/"3"', 3 * MINUTE],
    [`${BASE}/Patient/a`, '2', 'PUT Patient/a', '200 OK', 'W/"2"', 2 * MINUTE],
    [`${BASE}/Patient/a`, '1', 'PUT Patient/a', '201 Created', 'W/"1"', 0],
  ]);
});

test('a create names its type, a patch its resource', async () => {
  const [created] = entries(await cloud.admin('/Patient/_history?_count=1'));
  expect(created?.request).toEqual({ method: 'POST', url: 'Patient' });
  expect(created?.response.status).toBe('201 Created');
  expect(methods(await cloud.admin('/Observation/o/_history'))).toEqual(['PATCH', 'PUT']);
});

test.each([
  ['/_history', 7],
  ['/Patient/_history', 5],
  ['/Observation/_history', 2],
  ['/Observation/o/_history', 2],
  ['/Device/_history', 0],
])('%s has %i versions', async (path, total) => {
  const answer = await cloud.admin(path);
  expect([answer.body.total, entries(answer).length]).toEqual([total, total]);
});

describe('times', () => {
  test.each([
    ['_since is inclusive', `_since=${at(4)}`, 2],
    ['_since of a day takes its beginning', '_since=2026-11-24', 5],
    ['_since later than everything', `_since=${at(7)}`, 0],
    ['_before is exclusive', `_before=${at(4)}`, 3],
    ['both', `_since=${at(2)}&_before=${at(4)}`, 2],
    ['_at of an instant', `_at=${at(3).replace('.000', '')}`, 1],
    ['_at of a minute', '_at=2026-11-24T12:02Z', 1],
    ['_at of the day', '_at=2026-11-24', 5],
    ['_at of another day', '_at=2026-11-23', 0],
  ])('%s', async (_name, query, total) => {
    expect((await cloud.admin(`/Patient/_history?${query}`)).body.total).toBe(total);
  });

  test.each([
    ['_since=yesterday', "The date time string 'yesterday' is not in a correct format."],
    ['_before=2026-13', "The date time string '2026-13' is not in a correct format."],
    ['_at=noon', "The date time string 'noon' is not in a correct format."],
    ['_at=', "The date time string '' is not in a correct format."],
    [`_before=${at(60)}`, 'cannot a be a value in the future'],
    [`_at=2026&_since=${at(0)}`, '_at and _before or _since cannot both be specified.'],
    [`_at=2026&_before=${at(0)}`, '_at and _before or _since cannot both be specified.'],
    ['_count=0', 'The count must be greater than zero.'],
    ['_count=-1', 'The count must be greater than zero.'],
    ['_count=ten', 'The count must be greater than zero.'],
    ['ct=garbage', 'The continuation token is invalid.'],
    ['ct=WzEsIHt9XQ', 'The continuation token is invalid.'],
  ])('%s is 400', async (query, text) => {
    const answer = await cloud.admin(`/Patient/_history?${query}`);
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining(text)]);
  });
});

test('pages meet every version once, with the filters of the first', async () => {
  const seen: string[] = [];
  const sizes: number[] = [];
  for (let url: string | undefined = `/_history?_count=3&_since=${at(1)}`; url !== undefined; ) {
    const page: Answer = await cloud.admin(url);
    expect(page.body.total).toBe(6);
    sizes.push(entries(page).length);
    seen.push(...entries(page).map((entry) => `${entry.fullUrl} ${entry.response.etag}`));
    url = next(page);
  }
  expect(sizes).toEqual([3, 3]);
  expect(new Set(seen).size).toBe(6);
});

test('what never was has no history, what was deleted has', async () => {
  expect((await cloud.admin('/Patient/nobody/_history')).status).toBe(404);
  await cloud.put(patient('gone'));
  await cloud.admin('/Patient/gone', { method: 'DELETE' });
  expect(methods(await cloud.admin('/Patient/gone/_history'))).toEqual(['DELETE', 'PUT']);
  await cloud.admin('/Patient/gone?hardDelete=true', { method: 'DELETE' });
  expect((await cloud.admin('/Patient/gone/_history')).status).toBe(404);
});

describe('who may', () => {
  const as = async (path: string, claims: Record<string, unknown>, ...roles: string[]) =>
    cloud.call(path, { token: await cloud.token({ oid: cloud.principal(...roles), ...claims }) });

  test('nobody without the data action', async () => {
    expect((await as('/Patient/_history', {})).status).toBe(403);
    expect((await as('/Patient/_history', {}, 'FHIR Data Reader')).status).toBe(200);
  });

  test('a SMART caller only of what it may read; of a type or of all is not imitated', async () => {
    const claims = { scp: 'patient/Patient.rs', fhirUser: 'Patient/a' };
    expect((await as('/Patient/a/_history', claims, 'FHIR SMART User')).body.total).toBe(4);
    expect((await as('/Observation/o/_history', claims, 'FHIR SMART User')).status).toBe(403);
    for (const path of ['/Patient/_history', '/_history']) {
      const answer = await as(path, claims, 'FHIR SMART User');
      expect([answer.status, diagnostics(answer)]).toEqual([501, expect.stringContaining('SMART callers')]);
    }
  });
});
