import { beforeEach, describe, expect, test } from 'vitest';
import { type Answer, BASE, diagnostics, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

const SYSTEM = 'http://example.org/mrn';
const mrn = (value: string) => ({ identifier: [{ system: SYSTEM, value }] });
const by = (value: string) => `identifier=${encodeURIComponent(`${SYSTEM}|${value}`)}`;
const withoutId = (resource: Record<string, unknown>) => ({ ...resource, id: undefined });

let cloud: FhirCloud;
beforeEach(async () => {
  cloud = await fhirCloud();
  for (const [id, value] of [
    ['one', 'single'],
    ['twin-1', 'twin'],
    ['twin-2', 'twin'],
  ] as const) {
    await cloud.put(patient(id, mrn(value)));
  }
});
const count = async (): Promise<number> => (await cloud.admin('/Patient?_summary=count')).body.total;

/** FHIR R4 section 3.1.0.8.1. */
describe('conditional create', () => {
  const create = (criteria: string, headers: Record<string, string> = {}): Promise<Answer> =>
    cloud.admin('/Patient', {
      method: 'POST',
      body: patient('x', mrn('new')),
      headers: { 'if-none-exist': criteria, ...headers },
    });

  test.each<[string, string, number, string]>([
    ['nothing matches', by('new'), 201, ''],
    ['a question mark in front', `?${by('new')}`, 201, ''],
    ['two criteria together match nothing', `${by('single')}&gender=male`, 201, ''],
    ['one matches', by('single'), 200, ''],
    ['one matches and only a count is asked for', `${by('single')}&_summary=count`, 200, ''],
    ['one matches and no page is asked for', `${by('single')}&_count=0`, 200, ''],
    ['one matches on an earlier page', `${by('single')}&ct=Wzk5OSxudWxsXQ`, 200, ''],
    ['several match', by('twin'), 412, 'not selective enough'],
    ['no criteria', '', 412, 'not selective enough'],
    ['only result parameters', '_count=1', 412, 'not selective enough'],
    ['an unknown parameter', 'frob=1', 400, "'frob' is not supported"],
    ['an unknown parameter beside a known one', `${by('new')}&frob=1`, 400, "'frob' is not supported"],
    ['a value that cannot be read', 'birthdate=x', 400, 'not in a correct format'],
    ['a modifier that is refused', 'identifier:of-type=x', 403, "Modifier 'of-type'"],
  ])('%s', async (_name, criteria, status, text) => {
    const answer = await create(criteria);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(diagnostics(answer)).toContain(text);
    expect(await count()).toBe(status === 201 ? 4 : 3);
  });

  test('what exists is answered with its version and without Location', async () => {
    const answer = await create(by('single'));
    expect([answer.body.id, answer.headers.get('etag'), answer.headers.get('location')]).toEqual([
      'one',
      'W/"1"',
      null,
    ]);
    const minimal = await create(by('single'), { prefer: 'return=minimal' });
    expect([minimal.status, minimal.body]).toEqual([200, undefined]);
    const outcome = await create(by('single'), { prefer: 'return=OperationOutcome' });
    expect(diagnostics(outcome)).toBe('The resource already exists.');
  });

  test('deleted resources do not match', async () => {
    await cloud.admin('/Patient/one', { method: 'DELETE' });
    expect((await create(by('single'))).status).toBe(201);
  });
});

describe('conditional update', () => {
  const update = (query: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    cloud.admin(`/Patient?${query}`, { method: 'PUT', body, headers });

  test('nothing matches: created with the id given, or with one of the server', async () => {
    const named = await update(by('n1'), patient('named', mrn('n1')));
    expect([named.status, named.headers.get('location')]).toEqual([201, `${BASE}/Patient/named/_history/1`]);
    const unnamed = await update(by('n2'), withoutId(patient('x', mrn('n2'))));
    expect([unnamed.status, unnamed.body.id]).toEqual([201, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  test('one matches: it is updated, whoever names its id rightly or not at all', async () => {
    expect(
      (await update(by('single'), patient('one', { ...mrn('single'), active: true }))).headers.get('etag'),
    ).toBe('W/"2"');
    const again = await update(by('single'), withoutId(patient('x', { ...mrn('single'), active: false })));
    expect([again.status, again.body.id, again.headers.get('etag')]).toEqual([200, 'one', 'W/"3"']);
    const wrong = await update(by('single'), patient('two', mrn('single')));
    expect([wrong.status, diagnostics(wrong)]).toEqual([
      400,
      expect.stringContaining("'one', which did not match the provided Id 'two'"),
    ]);
  });

  test.each<[string, string, number]>([
    ['several match', by('twin'), 412],
    ['no criteria', '', 412],
    ['only a result parameter', '_sort=family', 412],
    ['an unknown parameter', 'frob=1', 400],
  ])('%s', async (_name, query, status) => {
    expect((await update(query, withoutId(patient('x')))).status).toBe(status);
    expect(await count()).toBe(3);
  });

  test('If-Match holds for what was found', async () => {
    const body = withoutId(patient('x', { ...mrn('single'), active: true }));
    expect((await update(by('single'), body, { 'if-match': 'W/"7"' })).status).toBe(412);
    expect((await update(by('single'), body, { 'if-match': 'W/"1"' })).status).toBe(200);
  });
});

describe('conditional delete', () => {
  const remove = (query: string): Promise<Answer> => cloud.admin(`/Patient?${query}`, { method: 'DELETE' });

  test.each<[string, string, number, string | null, number]>([
    ['one matches', by('single'), 204, '1', 2],
    ['nothing matches', by('nobody'), 204, '0', 3],
    ['several match', by('twin'), 412, null, 3],
    ['several match and one is asked for', `${by('twin')}&_count=1`, 204, '1', 2],
    ['several match and all are asked for', `${by('twin')}&_count=100`, 204, '2', 1],
    ['too many are asked for', `${by('twin')}&_count=101`, 400, null, 3],
    ['none are asked for', `${by('twin')}&_count=0`, 400, null, 3],
    ['half of one is asked for', `${by('twin')}&_count=0.5`, 400, null, 3],
    ['a text is asked for', `${by('twin')}&_count=all`, 400, null, 3],
    ['no criteria', '_count=2', 412, null, 3],
    ['an unknown parameter', 'frob=1', 400, null, 3],
  ])('%s', async (_name, query, status, deleted, left) => {
    const answer = await remove(query);
    expect([answer.status, answer.headers.get('items-deleted')]).toEqual([status, deleted]);
    expect(await count()).toBe(left);
  });

  test.each([
    ['', 410],
    ['&_hardDelete=false', 410],
    ['&_hardDelete=true', 404],
    ['&hardDelete=true', 404],
  ])('afterwards, with %j, a read is %i', async (query, status) => {
    expect((await remove(by('single') + query)).status).toBe(204);
    expect((await cloud.admin('/Patient/one')).status).toBe(status);
  });
});

describe('who may', () => {
  test.each([
    ['FHIR Data Reader', 'POST', 403],
    ['FHIR Data Reader', 'PUT', 403],
    ['FHIR Data Reader', 'DELETE', 403],
    ['FHIR Data Writer', 'POST', 201],
    ['FHIR Data Writer', 'PUT', 201],
    ['FHIR Data Writer', 'DELETE', 204],
  ])('%s %s', async (role, method, status) => {
    const token = await cloud.token({ oid: cloud.principal(role) });
    const path = method === 'POST' ? '/Patient' : `/Patient?${by('new')}`;
    const answer = await cloud.call(path, {
      token,
      method,
      ...(method === 'DELETE' ? {} : { body: patient('x', mrn('new')) }),
      ...(method === 'POST' ? { headers: { 'if-none-exist': by('new') } } : {}),
    });
    expect(answer.status).toBe(status);
  });
});
