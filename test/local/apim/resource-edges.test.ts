import { beforeAll, describe, expect, test } from 'vitest';
import { GROUP, SUBSCRIPTION } from '../arm/small-cloud.ts';
import { type ApimCloud, api, apimCloud, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});

type Answer = Awaited<ReturnType<ApimCloud['arm']>>;
const put = (path: string, properties: unknown): Promise<Answer> =>
  cloud.arm('PUT', `${SERVICE}${path}`, { properties });
const targetOf = ({ status, body }: Answer): unknown[] => [
  status,
  body?.error?.details?.[0]?.target ?? body?.error?.code,
];
const VERSION = { version: '2024-05-01' };
const deletedAt = (name: string, location = 'eastus'): string =>
  `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ApiManagement/locations/${location}/deletedservices/${name}`;

describe('services', () => {
  const body = {
    location: 'eastus',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@b.c', publisherName: 'A' },
  };
  const at = (name: string, group = GROUP): string =>
    `${group}/providers/Microsoft.ApiManagement/service/${name}`;
  const available = async (name: unknown): Promise<unknown> =>
    (
      await cloud.arm(
        'POST',
        `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ApiManagement/checkNameAvailability`,
        { name },
        VERSION,
      )
    ).body;

  test.each([
    ['a', true],
    ['a'.repeat(50), true],
    ['a'.repeat(51), false],
    ['1a', false],
    ['a-', false],
    ['a_b', false],
    ['', false],
  ])('the name %s: valid is %s', async (name, valid) => {
    expect(await available(name)).toMatchObject({
      nameAvailable: valid,
      reason: valid ? 'Valid' : 'Invalid',
    });
  });

  test.each([
    ['no SKU', { ...body, sku: undefined }, 'sku'],
    ['no capacity', { ...body, sku: { name: 'Developer' } }, 'sku'],
    [
      'an empty publisher',
      { ...body, properties: { ...body.properties, publisherName: '' } },
      'publisherName',
    ],
    ['Consumption of one unit', { ...body, sku: { name: 'Consumption', capacity: 1 } }, 'sku.capacity'],
  ])('%s is refused', async (_, wanted, target) => {
    const answer = await cloud.arm('PUT', at('apim-2'), wanted);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.error)).toContain(target);
    expect((await cloud.arm('GET', at('apim-2'))).status).toBe(404);
  });

  test('a patch changes what it names; the SKU stays what it can be', async () => {
    const patched = await cloud.arm('PATCH', SERVICE, { tags: { a: 'b' } });
    expect(patched.status).toBeLessThan(300);
    expect((await cloud.arm('GET', SERVICE)).body).toMatchObject({
      tags: { a: 'b' },
      sku: { name: 'Developer' },
      properties: { publisherName: 'A' },
    });
    const consumption = await cloud.arm('PATCH', SERVICE, { sku: { name: 'Consumption', capacity: 0 } });
    expect(targetOf(consumption)).toEqual([400, 'sku']);
  });

  test('deleted: read, restored only where it was, purged once', async () => {
    await cloud.arm('PUT', at('apim-3'), body);
    await cloud.arm('DELETE', at('apim-3'));
    await cloud.arm('GET', at('apim-3'));
    expect(await available('APIM-3')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
    const shown = await cloud.arm('GET', deletedAt('apim-3'), undefined, VERSION);
    expect(shown.body).toMatchObject({ name: 'apim-3', location: 'eastus' });
    const { deletionDate, scheduledPurgeDate } = shown.body.properties;
    expect(Date.parse(scheduledPurgeDate) - Date.parse(deletionDate)).toBe(48 * 3_600_000);
    for (const path of [deletedAt('apim-3', 'westus'), deletedAt('apim-9')]) {
      expect(targetOf(await cloud.arm('GET', path, undefined, VERSION))).toEqual([404, 'ServiceNotFound']);
      expect(targetOf(await cloud.arm('DELETE', path, undefined, VERSION))).toEqual([404, 'ServiceNotFound']);
    }
    const other = GROUP.replace(/rg$/, 'rg2');
    await cloud.arm('PUT', other, { location: 'eastus' });
    const restore = { ...body, properties: { ...body.properties, restore: true } };
    expect(targetOf(await cloud.arm('PUT', at('apim-3', other), restore))).toEqual([
      400,
      'ServiceUndeleteNotPossible',
    ]);
    expect((await cloud.arm('DELETE', deletedAt('apim-3'), undefined, VERSION)).status).toBeLessThan(300);
    expect((await cloud.arm('DELETE', deletedAt('apim-3'), undefined, VERSION)).status).toBe(404);
    expect(await available('apim-3')).toMatchObject({ nameAvailable: true });
  });

  test('nothing lies below a service that is not there', async () => {
    const answer = await cloud.arm('PUT', `${at('nobody')}/apis/a`, {
      properties: { displayName: 'a', path: 'a' },
    });
    expect(answer.status).toBe(404);
  });
});

describe('APIs', () => {
  test.each([
    ['/apis/a*b', { displayName: 'n', path: 'n' }, [400, 'apiId']],
    ['/apis/b', { displayName: 'n', path: '/A/' }, [400, 'path']],
    ['/apis/b', { displayName: 'n', path: 'n', type: 'soap' }, [501, 'NotImplemented']],
    ['/apis/b', { displayName: 'n', path: 'n', apiType: 'graphql' }, [501, 'NotImplemented']],
    ['/apis/b', { displayName: 'n', path: 'n', sourceApiId: '/apis/a' }, [501, 'NotImplemented']],
    ['/apis/b', { path: 'n' }, [400, 'displayName']],
  ])('%s %j is refused', async (path, properties, refused) => {
    const answer = await put(path, properties);
    expect(answer.status).toBe(refused[0]);
    expect(JSON.stringify(answer.body.error)).toContain(refused[1]);
  });

  test('empty members that the portal sends are let through; a patch keeps the rest', async () => {
    await put('/apis/c', { displayName: 'C', path: 'c', type: 'http', apiVersion: '', description: 'd' });
    await cloud.arm('PATCH', `${SERVICE}/apis/c`, { properties: { subscriptionRequired: false } });
    const { properties } = (await cloud.arm('GET', `${SERVICE}/apis/c`)).body;
    expect(properties).toMatchObject({
      displayName: 'C',
      path: 'c',
      description: 'd',
      subscriptionRequired: false,
      subscriptionKeyParameterNames: { header: 'Ocp-Apim-Subscription-Key', query: 'subscription-key' },
    });
  });

  test('the Consumption SKU has fifty', async () => {
    const consumption = await apimCloud('Consumption');
    for (let n = 1; n < 50; n += 1) {
      await consumption.arm('PUT', `${SERVICE}/apis/n${n}`, {
        properties: { displayName: 'n', path: `n${n}` },
      });
    }
    const more = { properties: { displayName: 'n', path: 'more' } };
    expect(targetOf(await consumption.arm('PUT', `${SERVICE}/apis/more`, more))).toEqual([400, 'apis']);
    const changed = { properties: { displayName: 'N', path: 'n1' } };
    expect((await consumption.arm('PUT', `${SERVICE}/apis/n1`, changed)).status).toBe(200);
  });
});

describe('operations', () => {
  const at = (id: string): string => `/apis/a/operations/${id}`;
  const declared = (...names: string[]): unknown[] =>
    names.map((name) => ({ name, type: 'string', required: true }));

  test.each([
    ['a*b', { displayName: 'o', method: 'GET', urlTemplate: '/o' }, 'operationId'],
    ['o'.repeat(81), { displayName: 'o', method: 'GET', urlTemplate: '/o' }, 'operationId'],
    ['o', { displayName: 'o', method: 'GET', urlTemplate: '*' }, 'urlTemplate'],
    ['o', { displayName: 'o', method: '', urlTemplate: '/o' }, 'method'],
    ['o', { displayName: 'o', method: 'GET', urlTemplate: '/{a b}' }, 'urlTemplate'],
    [
      'o',
      { displayName: 'o', method: 'GET', urlTemplate: '/x{a}', templateParameters: declared('a') },
      'urlTemplate',
    ],
    [
      'o',
      { displayName: 'o', method: 'GET', urlTemplate: '/{a}', templateParameters: declared('a', 'b') },
      'templateParameters',
    ],
  ])('%s %j is refused', async (id, properties, target) => {
    const answer = await put(at(id), properties);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.error)).toContain(target);
  });

  test('method and template are kept in their one spelling, and matched by the gateway', async () => {
    await api(cloud, 'ops');
    const made = await put('/apis/ops/operations/rest', {
      displayName: 'o',
      method: 'delete',
      urlTemplate: 'things/{id}/{*rest}',
      templateParameters: declared('id', 'rest'),
    });
    expect(made.body.properties).toMatchObject({ method: 'DELETE', urlTemplate: '/things/{id}/{*rest}' });
    await cloud.policy(
      '/apis/ops/operations/rest',
      policies({
        inbound:
          '<return-response><set-body>@(context.Request.MatchedParameters["id"] + " " + context.Request.MatchedParameters["rest"])</set-body></return-response>',
      }),
    );
    const called = (path: string): Promise<string> =>
      cloud.call(path, { method: 'DELETE' }).then((response) => response.text());
    expect(await called('/ops/things/1/a%20b/c')).toBe('1 a b/c');
    expect(await called('/ops/things/%zz/x')).toBe('%zz x');
    expect(await called('/ops/other/1/x')).toContain('Resource not found');
    await cloud.arm('PATCH', `${SERVICE}/apis/ops/operations/rest`, { properties: { displayName: 'new' } });
    const { properties } = (await cloud.arm('GET', `${SERVICE}/apis/ops/operations/rest`)).body;
    expect(properties).toMatchObject({ displayName: 'new', method: 'DELETE' });
  });
});

describe('named values', () => {
  test.each([
    ['n*n', { displayName: 'n', value: 'v' }, 'namedValueId'],
    ['n', { displayName: '', value: 'v' }, 'displayName'],
    ['n', { displayName: 'n'.repeat(257), value: 'v' }, 'displayName'],
    [
      'n',
      { displayName: 'n', keyVault: { secretIdentifier: 'http://v.vault.azure.net/secrets/a' } },
      'keyVault.secretIdentifier',
    ],
    [
      'n',
      { displayName: 'n', keyVault: { secretIdentifier: 'https://v.vault.azure.net/keys/a' } },
      'keyVault.secretIdentifier',
    ],
    [
      'n',
      { displayName: 'n', keyVault: { secretIdentifier: 'https://v.vault.azure.net/secrets/a/1' } },
      'keyVault.secretIdentifier',
    ],
  ])('%s %j is refused', async (id, properties, target) => {
    const answer = await put(`/namedValues/${id}`, properties);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.error)).toContain(target);
  });

  test('a plain one has nothing to refresh; tags and a patch stay with it', async () => {
    await put('/namedValues/plain', { displayName: 'plain', value: 'one', tags: ['t'] });
    expect(targetOf(await cloud.arm('POST', `${SERVICE}/namedValues/plain/refreshSecret`))).toEqual([
      400,
      'keyVault',
    ]);
    await cloud.arm('PATCH', `${SERVICE}/namedValues/plain`, { properties: { value: 'two' } });
    const { properties } = (await cloud.arm('GET', `${SERVICE}/namedValues/plain`)).body;
    expect(properties).toMatchObject({ displayName: 'plain', value: 'two', tags: ['t'], secret: false });
  });

  test('one that a fragment names cannot be deleted, until the fragment lets it go', async () => {
    await put('/namedValues/held', { displayName: 'held.name', value: 'v' });
    const fragment = (value: string): Promise<Answer> =>
      put('/policyFragments/holder', {
        format: 'rawxml',
        value: `<fragment><set-method>${value}</set-method></fragment>`,
      });
    await fragment('{{ held.name }}');
    expect((await cloud.arm('DELETE', `${SERVICE}/namedValues/held`)).status).toBe(400);
    await fragment('{{plain}}');
    expect((await cloud.arm('DELETE', `${SERVICE}/namedValues/held`)).status).toBe(200);
  });
});

describe('policies and fragments', () => {
  test('a fragment keeps its description and comes back escaped, or raw when asked for', async () => {
    const value = '<fragment><set-method>@(1 < 2 ? "GET" : "PUT")</set-method><!-- why --></fragment>';
    await put('/policyFragments/shown', { format: 'rawxml', value, description: 'd' });
    const shown = async (query: string): Promise<Answer['body']> =>
      (await cloud.arm('GET', `${SERVICE}/policyFragments/shown${query}`)).body.properties;
    expect(await shown('')).toMatchObject({ format: 'xml', description: 'd' });
    expect((await shown('')).value).toContain('@(1 &lt; 2 ?');
    expect((await shown('?format=rawxml')).value).toContain(
      '@(1 < 2 ? "GET" : "PUT")</set-method>\r\n\t<!-- why -->',
    );
  });

  test.each(['-a', 'a-', 'a b', 'a'.repeat(81)])('the fragment id %s is refused', async (id) => {
    const answer = await put(`/policyFragments/${encodeURIComponent(id)}`, {
      format: 'rawxml',
      value: '<fragment />',
    });
    expect(answer.status).toBe(400);
  });

  test('a policy is changed and deleted only as it was read', async () => {
    const path = `${SERVICE}/apis/a/policies/policy`;
    const document = { properties: { format: 'rawxml', value: policies({}) } };
    const before = await cloud.arm('PUT', path, document, { headers: { 'if-match': '*' } });
    const etag = before.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const again = (headers: Record<string, string>, method = 'PUT'): Promise<Answer> =>
      cloud.arm(method, path, method === 'PUT' ? document : undefined, { headers });
    expect((await again({ 'if-match': '"other"' }, 'DELETE')).status).toBe(412);
    const changed = await again({ 'if-match': etag });
    expect(changed.status).toBe(200);
    expect((await cloud.arm('HEAD', path)).headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await again({ 'if-match': etag })).status).toBe(412);
    expect((await again({ 'if-match': `W/${changed.headers.get('etag')}` }, 'DELETE')).status).toBe(200);
    expect((await cloud.arm('GET', path)).status).toBe(404);
    expect((await again({ 'if-match': etag })).status).toBe(412);
  });

  test.each([
    ['no value', { format: 'rawxml' }, 400],
    ['a number for a value', { format: 'rawxml', value: 1 }, 400],
    ['a link', { format: 'xml-link', value: 'https://x.example' }, 501],
    ['a format of nobody', { format: 'yaml', value: policies({}) }, 400],
  ])('%s is refused', async (_, properties, status) => {
    expect((await put('/policies/policy', properties)).status).toBe(status);
  });
});

describe('backends', () => {
  test('a patch changes the URL; kinds that are not imitated stay refused', async () => {
    await put('/backends/b', { url: 'https://one.example', protocol: 'http', title: 't' });
    await cloud.arm('PATCH', `${SERVICE}/backends/b`, { properties: { url: 'https://two.example' } });
    expect((await cloud.arm('GET', `${SERVICE}/backends/b`)).body.properties).toMatchObject({
      url: 'https://two.example',
      title: 't',
      type: 'Single',
    });
    for (const [name, value] of [
      ['circuitBreaker', { rules: [] }],
      ['proxy', { url: 'https://p.example' }],
      ['tls', { validateCertificateChain: false }],
    ] as const) {
      const answer = await put('/backends/b', {
        url: 'https://one.example',
        protocol: 'http',
        [name]: value,
      });
      expect([name, answer.status]).toEqual([name, 501]);
    }
    expect(targetOf(await put('/backends/b', { url: 'ftp://one.example', protocol: 'http' }))).toEqual([
      400,
      'url',
    ]);
    expect((await cloud.arm('DELETE', `${SERVICE}/backends/b`)).status).toBe(200);
  });
});
