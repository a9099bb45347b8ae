import { beforeAll, describe, expect, test } from 'vitest';
import { diagnostics, type FhirCloud, fhirCloud, patient } from './fhir-cloud.ts';

let cloud: FhirCloud;
beforeAll(async () => {
  cloud = await fhirCloud({ properties: { exportConfiguration: { storageAccountName: 'exports' } } });
  await cloud.put(patient('a'));
});

/** A request of an administrator; writes carry a body that would be fine. */
function send(method: string, path: string, headers: Record<string, string> = {}) {
  const bodyless = ['GET', 'HEAD', 'DELETE'].includes(method);
  return cloud.admin(path, { method, headers, ...(bodyless ? {} : { body: patient('a') }) });
}

describe('methods a route does not have are 405', () => {
  test.each([
    ['PATCH', '/', { 'content-type': 'application/json' }],
    ['PUT', '/', {}],
    ['DELETE', '/', {}],
    ['POST', '/_history', {}],
    ['GET', '/_search', {}],
    ['POST', '/Patient/_history', {}],
    ['GET', '/Patient/_search', {}],
    ['DELETE', '/Patient/_search', {}],
    ['POST', '/Patient/a', {}],
    ['PUT', '/Patient/a/_history', {}],
    ['DELETE', '/Patient/a/_history', {}],
    ['DELETE', '/Patient/a/_history/1', {}],
    ['POST', '/Patient/a/Observation', {}],
    ['POST', '/Patient/a/$everything', {}],
    ['GET', '/Patient/a/$purge-history', {}],
    ['POST', '/$export', {}],
    ['POST', '/Patient/$export', {}],
  ])('%s %s', async (method, path, headers) => {
    const answer = await send(method, path, headers as Record<string, string>);
    expect(answer.status).toBe(405);
    expect(answer.body.issue[0]).toMatchObject({
      severity: 'error',
      code: 'not-supported',
      diagnostics: 'The requested operation is not supported.',
    });
  });
});

describe('routes that do not exist are 404', () => {
  test.each([
    ['/Patiant', "Resource type 'Patiant' is not supported."],
    ['/patient', "Resource type 'patient' is not supported."],
    ['/Resource/1', "Resource type 'Resource' is not supported."],
    ['/DomainResource', "Resource type 'DomainResource' is not supported."],
    ['/Patient/a_b', "Resource type 'Patient' with id 'a_b' couldn't be found."],
    [`/Patient/${'x'.repeat(65)}`, "couldn't be found."],
    ['/Patient/a%2Fb', "with id 'a/b' couldn't be found."],
    ['/Patient/a/_history/x', "version 'x' couldn't be found."],
    ['/Patient/a/_history/1/x', 'route was not found'],
    ['/Patient/a/Observation/x', 'route was not found'],
    ['/Patient/a/Frob', "Resource type 'Frob' is not supported."],
    ['/Device/a/Observation', 'route was not found'],
    ['/Encounter/a/Observation', 'route was not found'],
    ['/_history/1', 'route was not found'],
    ['/_search/1', 'route was not found'],
    ['/$frob', 'route was not found'],
    ['/Patient/$everything', 'route was not found'],
    ['/Observation/a/$everything', 'route was not found'],
    ['/Frob/a/$purge-history', 'route was not found'],
    ['/_operations/export', 'route was not found'],
    ['/_operations/export/1/2', 'route was not found'],
    ['/_operations/export/12345', 'The requested job "12345" was not found.'],
    ['/metadata/x', "Resource type 'metadata' is not supported."],
  ])('%s', async (path, text) => {
    const answer = await send('GET', path);
    expect([answer.status, diagnostics(answer)]).toEqual([404, expect.stringContaining(text)]);
    expect(answer.body.issue[0].code).toBe('not-found');
  });
});

describe('what the real service has and this one does not is 501, and logged', () => {
  test.each([
    ['POST', '/$convert-data', '$convert-data'],
    ['POST', '/Patient/$member-match', '$member-match'],
    ['POST', '/$import', '$import'],
    ['POST', '/$reindex', '$reindex'],
    ['DELETE', '/$bulk-delete', '$bulk-delete'],
    ['DELETE', '/Patient/$bulk-delete', '$bulk-delete'],
    ['POST', '/DocumentReference/$docref', '$docref'],
    ['GET', '/ValueSet/$expand', '$expand'],
    ['GET', '/SearchParameter/$status', '$status'],
    ['GET', '/$versions', '$versions'],
    ['GET', '/Patient/a/$includes', '$includes'],
    ['POST', '/Patient/a/$validate', '$validate'],
  ])('%s %s', async (method, path, operation) => {
    const answer = await send(method, path);
    expect([answer.status, answer.body.issue[0].code]).toEqual([501, 'not-supported']);
    expect(diagnostics(answer)).toContain(operation);
    expect(cloud.logs.at(-1)).toMatchObject({ standIn: 'fhir', level: 'warn', text: diagnostics(answer) });
  });

  test('conditional patch', async () => {
    const answer = await cloud.admin('/Patient?family=x', {
      method: 'PATCH',
      body: [{ op: 'remove', path: '/gender' }],
      headers: { 'content-type': 'application/json-patch+json' },
    });
    expect([answer.status, diagnostics(answer)]).toEqual([501, expect.stringContaining('Conditional patch')]);
  });
});

describe('bodies', () => {
  const post = (body: string, type?: string) =>
    cloud.admin('/Patient', {
      method: 'POST',
      body,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
  const text = JSON.stringify(patient('a'));

  test.each([
    'application/json',
    'application/fhir+json',
    'Application/FHIR+JSON; charset=utf-8',
    'application/json;fhirVersion=4.0',
  ])('%s is taken', async (type) => {
    expect((await post(text, type)).status).toBe(201);
  });

  test.each(['text/plain', 'application/fhir+xml', 'application/json-patch+json', 'application/ld+json'])(
    '%s is 415',
    async (type) => {
      const answer = await post(text, type);
      expect([answer.status, diagnostics(answer)]).toEqual([
        415,
        `Value supplied, ${type},  for the "Content-Type" header is not supported.`,
      ]);
    },
  );

  test.each(['', '  \n'])('an empty body %j is 400', async (body) => {
    const answer = await post(body);
    expect([answer.status, diagnostics(answer)]).toEqual([400, expect.stringContaining('empty')]);
  });

  test.each(['null', '"x"', '5', '[]'])('%s is no resource', async (body) => {
    expect(diagnostics(await post(body))).toContain('not a JSON object');
  });

  test('a body without media type is 415', async () => {
    const answer = await cloud.admin('/Patient', { method: 'POST' });
    expect([answer.status, diagnostics(answer)]).toEqual([415, 'The "content-type" header is required.']);
  });

  test('beyond fifty megabytes nothing more is read', async () => {
    const chunk = new Uint8Array(8 * 1024 * 1024).fill(32);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(chunk);
      },
    });
    const token = await cloud.token({ oid: cloud.principal('FHIR Data Contributor') });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const answer = await cloud.fetch(
      new Request('https://ws-fhir.fhir.azurehealthcareapis.com/Patient', init),
    );
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(10);
  });
});

describe('what a client accepts', () => {
  test.each([
    'application/fhir+json',
    'application/json',
    'text/json',
    '*/*',
    'application/*',
    'application/xml;q=0.9, application/fhir+json;q=0.1',
    'Application/JSON',
  ])('Accept: %s', async (accept) => {
    expect((await send('GET', '/Patient/a', { accept })).status).toBe(200);
  });

  test.each(['application/fhir+xml', 'text/html', 'text/*', 'image/png, text/plain'])(
    'Accept: %s is 406',
    async (accept) => {
      const answer = await send('GET', '/Patient/a', { accept });
      expect([answer.status, diagnostics(answer)]).toEqual([
        406,
        `Value supplied, ${accept},  for the "Accept" header is not supported.`,
      ]);
    },
  );

  test.each([
    ['json', 200],
    ['application/json', 200],
    ['application/fhir+json', 200],
    ['application%2Ffhir%2Bjson', 200],
    ['xml', 406],
    ['application/fhir%2Bxml', 406],
    ['', 406],
  ])('_format=%s is %i whatever Accept says', async (format, status) => {
    const answer = await send('GET', `/Patient/a?_format=${format}`, {
      accept: status === 200 ? 'text/html' : '*/*',
    });
    expect(answer.status).toBe(status);
  });
});

test.each([
  ['PUT', '/Patient/new', 'W/"1"', 404],
  ['PUT', '/Patient/a', '', 200],
  ['PUT', '/Patient/a', 'W/1', 400],
  ['PUT', '/Patient/a', 'W/""', 400],
  ['PUT', '/Patient/a', '*', 400],
  ['PUT', '/Patient/a', 'W/"one"', 412],
])('%s %s with If-Match %s is %i', async (method, path, etag, status) => {
  const id = path.split('/').at(-1) ?? '';
  const answer = await cloud.admin(path, { method, body: patient(id), headers: { 'if-match': etag } });
  expect(answer.status).toBe(status);
});
