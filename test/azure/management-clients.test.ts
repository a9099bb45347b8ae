import { describe, expect, test } from 'vitest';
import { ApiManagement } from '../../src/azure/api-management.ts';
import { Healthcare } from '../../src/azure/healthcare.ts';
import type { SdkOptions } from '../../src/azure/sdk.ts';
import { type Answer, clockAt, countingCredential, NOW, script } from './script.ts';

const BASE = 'https://management.azure.com';
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const OPERATION = `${BASE}/subscriptions/${SUBSCRIPTION}/operations/1?api-version=1`;
const SERVICE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.ApiManagement/service/a`;

function clients(...answers: Answer[]) {
  const server = script(...answers);
  const clock = clockAt();
  const controller = new AbortController();
  const told = { operations: [] as string[], waiting: [] as string[] };
  const options: SdkOptions = {
    fetch: server.fetch,
    credential: countingCredential(),
    clock,
    armBase: BASE,
    subscriptionId: SUBSCRIPTION,
    watch: {
      signal: controller.signal,
      operation: async (url) => void told.operations.push(url),
      waiting: (text) => void told.waiting.push(text),
    },
  };
  return {
    apim: new ApiManagement(options),
    healthcare: new Healthcare(options),
    calls: server.calls,
    clock,
    controller,
    told,
  };
}

const refused = (status: number, code: string): Answer => ({
  status,
  body: { error: { code, message: 'm' } },
});
const named = (name: string, properties: object = {}): Answer => ({
  status: 200,
  body: { id: `${SERVICE}/namedValues/${name}`, name, properties },
});

describe('what is not there is undefined, what is refused is told', () => {
  type Read = (given: ReturnType<typeof clients>) => Promise<unknown>;
  const reads: [string, Read][] = [
    ['an API Management service', ({ apim }) => apim.getService('g', 'a')],
    ['a named value', ({ apim }) => apim.getNamedValue('g', 'a', 'n')],
    ['an API', ({ apim }) => apim.getApi('g', 'a', 'smart-fhir')],
    ['a policy', ({ apim }) => apim.getPolicy(`${SERVICE}/apis/smart-fhir`)],
    ['a workspace', ({ healthcare }) => healthcare.getWorkspace('g', 'w')],
  ];

  test.each(reads)('%s', async (_, read) => {
    expect(await read(clients(refused(404, 'ResourceNotFound')))).toBeUndefined();
    await expect(read(clients(refused(403, 'AuthorizationFailed')))).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('AuthorizationFailed'),
    });
    await expect(read(clients(refused(400, 'ValidationError')))).rejects.toMatchObject({
      code: 'AZURE_REFUSED',
    });
  });

  test('operations of an API that is not there are no answer', async () => {
    const { apim } = clients(refused(404, 'ResourceNotFound'));
    await expect(apim.listOperations('g', 'a', 'x')).rejects.toMatchObject({ code: 'AZURE_REFUSED' });
  });
});

describe('writes', () => {
  test.each([
    [true, '*'],
    [false, null],
  ])('exists: %s, so If-Match is %s', async (exists, condition) => {
    const { apim, calls } = clients(named('n'), { status: 200, body: {} }, { status: 200, body: {} });
    await apim.putNamedValue('g', 'a', 'n', { displayName: 'n', value: 'v', tags: [] }, exists);
    await apim.putApiPolicy('g', 'a', 'smart-fhir', '<policies/>', exists);
    await apim.putOperationPolicy('g', 'a', 'smart-fhir', 'op', '<policies/>', exists);
    expect(calls.map(({ headers }) => headers.get('if-match'))).toEqual([condition, condition, condition]);
  });

  test('a named value is a plain one, or a secret that only Key Vault holds', async () => {
    const { apim, calls } = clients(named('n'), named('n'));
    await apim.putNamedValue('g', 'a', 'n', { displayName: 'n', value: 'v', tags: ['t'] }, false);
    const secretUrl = 'https://v.vault.azure.net/secrets/s';
    await apim.putNamedValue('g', 'a', 'n', { displayName: 'n', secretUrl, tags: [] }, false);
    const [plain, secret] = calls.map(({ body }) => (JSON.parse(body) as { properties: object }).properties);
    expect(plain).toMatchObject({ value: 'v', secret: false, tags: ['t'] });
    expect(secret).toMatchObject({ secret: true, keyVault: { secretIdentifier: secretUrl } });
    expect(secret).not.toHaveProperty('value');
  });

  test('policies go as raw XML', async () => {
    const { apim, calls } = clients({ status: 200, body: {} });
    await apim.putApiPolicy('g', 'a', 'smart-fhir', '<a b="@(1 < 2)"/>', false);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({
      properties: { format: 'rawxml', value: '<a b="@(1 < 2)"/>' },
    });
  });

  test('a policy is read raw, and empty where it has no text', async () => {
    const { apim, calls } = clients(
      { status: 200, body: { properties: { value: '<policies/>' } } },
      { status: 200, body: {} },
    );
    expect(await apim.getPolicy(`${SERVICE}/apis/x`)).toBe('<policies/>');
    expect(calls[0]?.url).toContain(`${SERVICE}/apis/x/policies/policy?api-version=`);
    expect(calls[0]?.url).toContain('format=rawxml');
    expect(await apim.getPolicy(`${SERVICE}/apis/x`)).toBe('');
  });

  test('operations are listed over all pages', async () => {
    const operation = (name: string) => ({
      id: `${SERVICE}/apis/x/operations/${name}`,
      name,
      properties: {},
    });
    const { apim } = clients(
      {
        status: 200,
        body: { value: [operation('a')], nextLink: `${BASE}${SERVICE}/apis/x/operations?$skip=1` },
      },
      { status: 200, body: { value: [operation('b')] } },
    );
    expect((await apim.listOperations('g', 'a', 'x')).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('long operations', () => {
  const service = {
    location: 'eastus2',
    publisherName: 'p',
    publisherEmail: 'p@example.org',
    tags: { t: 'v' },
    restore: false,
  };
  const made: Answer = {
    status: 200,
    body: { id: SERVICE, name: 'a', properties: { gatewayUrl: 'https://a.azure-api.net' } },
  };

  test.each([
    ['Consumption', 0],
    ['Developer', 1],
    ['StandardV2', 1],
  ])('a %s service has capacity %i and an identity', async (sku, capacity) => {
    const { apim, calls } = clients(made);
    const body = await apim.putService('g', 'a', { ...service, sku });
    expect(body.properties).toMatchObject({ gatewayUrl: 'https://a.azure-api.net' });
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({
      sku: { name: sku, capacity },
      identity: { type: 'SystemAssigned' },
      properties: { publisherName: 'p', publisherEmail: 'p@example.org' },
    });
    expect(calls[0]?.body).not.toContain('restore');
  });

  test('the URL is told before anything is waited for; restoring is asked for', async () => {
    const { apim, calls, told } = clients(
      { ...made, status: 202, headers: { 'azure-asyncoperation': OPERATION, 'retry-after': '0' } },
      { status: 200, body: { status: 'InProgress' }, headers: { 'retry-after': '0' } },
      { status: 200, body: { status: 'Succeeded' } },
      made,
    );
    await apim.putService('g', 'a', { ...service, sku: 'Consumption', restore: true });
    expect(told.operations).toEqual([OPERATION]);
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ properties: { restore: true } });
  });

  test('one that fails is a refusal with its own code', async () => {
    const { apim } = clients(
      { ...made, status: 202, headers: { 'azure-asyncoperation': OPERATION, 'retry-after': '0' } },
      {
        status: 200,
        body: { status: 'Failed', error: { code: 'ActivationFailed', message: 'no capacity' } },
      },
    );
    await expect(apim.putService('g', 'a', { ...service, sku: 'Consumption' })).rejects.toMatchObject({
      code: 'AZURE_REFUSED',
    });
  });

  test('a deletion of what is gone is fine', async () => {
    const { healthcare, apim } = clients({ status: 204 }, { status: 204 });
    await healthcare.deleteWorkspace('g', 'w');
    await apim.deleteService('g', 'a');
  });

  test('after a stop nothing is begun', async () => {
    const { apim, healthcare, controller, calls, clock } = clients();
    controller.abort(new Error('stopped'));
    await expect(apim.refreshSecret('g', 'a', 'n')).rejects.toThrow('stopped');
    await expect(apim.valueOf('g', 'a', 'n')).rejects.toThrow('stopped');
    await expect(healthcare.putWorkspace('g', 'w', { location: 'l', tags: {} })).rejects.toThrow('stopped');
    expect([calls, clock.now()]).toEqual([[], NOW]);
  });
});
