import { beforeEach, describe, expect, test } from 'vitest';
import { apimGateway } from '../../../src/local/apim/gateway.ts';
import { type ApimCloud, api, apimCloud, operation, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeEach(async () => {
  cloud = await apimCloud();
});

const mark = (name: string): string =>
  `<set-header name="X-Order" exists-action="append"><value>${name}</value></set-header>`;

describe('routing', () => {
  test('the API with the longest path, the operation with the most fixed segments', async () => {
    await api(cloud, 'ab', { path: 'a/b' });
    await operation(cloud, 'ab', 'GET', '/items/{id}', 'item');
    await operation(cloud, 'ab', 'GET', '/items/new', 'new');
    await cloud.policy(
      '/apis/ab',
      policies({
        inbound:
          '<base /><set-header name="X-Op"><value>@(context.Operation.Id + " " + context.Request.MatchedParameters.GetValueOrDefault("id", "-"))</value></set-header>',
      }),
    );
    for (const [path, expected] of [
      ['/a/b/items/new', 'new -'],
      ['/a/b/items/a%20b', 'item a b'],
      ['/a/b/items/1/2', 'get -'],
      ['/a/b/other', 'get -'],
    ] as const) {
      await cloud.call(path);
      expect(cloud.received.at(-1)?.headers.get('x-op')).toBe(expected);
    }
    await cloud.call('/a/bc');
    expect(cloud.received.at(-1)?.url).toBe('https://app1.azurewebsites.net/api/bc');
  });

  test.each(['/', '/nothing', '/a', '/ab/x'])('%s is not found', async (path) => {
    const response = await cloud.call(path);
    expect([response.status, await response.json()]).toEqual([
      404,
      { statusCode: 404, message: 'Resource not found' },
    ]);
  });

  test('a method without operation is not found, and on-error of the API knows why', async () => {
    await cloud.policy(
      '/apis/a',
      policies({
        onError: '<base /><set-header name="X-Why"><value>@(context.LastError.Reason)</value></set-header>',
      }),
    );
    const response = await cloud.call('/a/x', { method: 'DELETE' });
    expect([response.status, response.headers.get('x-why')]).toEqual([404, 'OperationNotFound']);
  });

  test('query and path go on as the client spelled them', async () => {
    await cloud.call('/a/Patient/a%2Fb?x=a%20b&y=c%7Cd&z');
    expect(cloud.received.at(-1)?.url).toBe(
      'https://app1.azurewebsites.net/api/Patient/a%2Fb?x=a%20b&y=c%7Cd&z',
    );
  });

  test('a subscription key is asked for where one is required', async () => {
    await api(cloud, 'keyed', { subscriptionRequired: true });
    const none = await cloud.call('/keyed/x');
    expect([none.status, await none.text()]).toEqual([
      401,
      expect.stringContaining('missing subscription key'),
    ]);
    const wrong = await cloud.call('/keyed/x', { headers: { 'ocp-apim-subscription-key': 'k' } });
    expect([wrong.status, await wrong.text()]).toEqual([
      401,
      expect.stringContaining('invalid subscription key'),
    ]);
    expect(cloud.received).toEqual([]);
  });

  test('another service’s host is not answered by this one', async () => {
    const response = await cloud.fetch(new Request('https://apim-2.azure-api.net/a/x'));
    expect(response.status).toBe(404);
  });
});

describe('scopes', () => {
  test('base runs the outer scope where it stands; leaving it out drops it', async () => {
    await cloud.policy(
      '',
      policies({ inbound: mark('global'), backend: '<forward-request />', outbound: '' }),
    );
    await cloud.policy('/apis/a', policies({ inbound: `${mark('api-1')}<base />${mark('api-2')}` }));
    await cloud.policy(
      '/apis/a/operations/get',
      policies({ inbound: `${mark('op-1')}<base />${mark('op-2')}` }),
    );
    await cloud.call('/a/x');
    expect(cloud.received.at(-1)?.headers.get('x-order')).toBe('op-1, api-1, global, api-2, op-2');
    await cloud.policy('/apis/a/operations/get', policies({ inbound: mark('op') }));
    await cloud.call('/a/x');
    expect(cloud.received.at(-1)?.headers.get('x-order')).toBe('op');
    await cloud.policy('/apis/a', policies({ backend: '' }));
    const before = cloud.received.length;
    expect((await cloud.call('/a/x')).status).toBe(200);
    expect(cloud.received.length).toBe(before);
  });

  test('on-error of the innermost scope answers; its own error is a plain 500', async () => {
    const failing =
      '<base /><set-variable name="x" value="@(1 / context.Variables.GetValueOrDefault<int>("zero", 0))" />';
    await cloud.policy(
      '/apis/a',
      policies({
        inbound: failing,
        onError: '<return-response><set-status code="420" reason="Api" /></return-response>',
      }),
    );
    expect((await cloud.call('/a/x')).status).toBe(420);
    await cloud.policy(
      '/apis/a/operations/get',
      policies({ onError: '<set-status code="421" reason="Op" /><base />' }),
    );
    expect((await cloud.call('/a/x')).status).toBe(420);
    await cloud.policy(
      '/apis/a/operations/get',
      policies({ onError: '<set-status code="421" reason="Op" />' }),
    );
    const own = await cloud.call('/a/x');
    expect([own.status, await own.json()]).toEqual([
      421,
      { statusCode: 500, message: 'Internal server error' },
    ]);
    await cloud.policy(
      '/apis/a/operations/get',
      policies({ onError: '<set-variable name="x" value="@((string)context.Variables["no"])" />' }),
    );
    const broken = await cloud.call('/a/x');
    expect([broken.status, await broken.json()]).toEqual([
      500,
      { statusCode: 500, message: 'Internal server error' },
    ]);
  });
});

describe('forwarding', () => {
  test('hop-by-hop headers stay here, the client’s address is added', async () => {
    cloud.answer = () =>
      new Response('x', {
        headers: { connection: 'x-hop', 'x-hop': '1', 'keep-alive': 'timeout=5', 'x-end': '1' },
      });
    const response = await cloud.call('/a/x', {
      headers: {
        te: 'trailers',
        'proxy-authorization': 'Basic x',
        'x-forwarded-for': '10.1.1.1',
        accept: 'a/b',
      },
    });
    const { headers } = cloud.received.at(-1)!;
    expect([
      headers.get('te'),
      headers.get('proxy-authorization'),
      headers.get('accept'),
      headers.get('x-forwarded-for'),
    ]).toEqual([null, null, 'a/b', '10.1.1.1, 127.0.0.1']);
    expect([
      response.headers.get('x-hop'),
      response.headers.get('keep-alive'),
      response.headers.get('x-end'),
    ]).toEqual([null, null, '1']);
  });

  test('a client cannot have a header dropped that a policy sets', async () => {
    await cloud.policy('/apis/a', policies({ inbound: `<base />${mark('set')}` }));
    await cloud.call('/a/x', { headers: { connection: 'x-order', 'x-order': 'forged' } });
    expect(cloud.received.at(-1)?.headers.get('x-order')).toBe('set');
  });

  test('redirects and several cookies are passed on', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['location', 'https://elsewhere.example'],
    ]);
    cloud.answer = () => new Response(null, { status: 302, headers });
    const response = await cloud.call('/a/x');
    expect([response.status, response.headers.get('location'), response.headers.getSetCookie()]).toEqual([
      302,
      'https://elsewhere.example',
      ['a=1', 'b=2'],
    ]);
  });

  test('a body is streamed through when it is not buffered', async () => {
    await cloud.policy('/apis/a', policies({ backend: '<forward-request buffer-response="false" />' }));
    let push = (_: string): void => undefined;
    let end = (): void => undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        push = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
      },
    });
    cloud.answer = () => new Response(stream);
    const reader = (await cloud.call('/a/x')).body!.getReader();
    push('one');
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('one');
    end();
    expect((await reader.read()).done).toBe(true);
  });

  test('a backend that cannot be reached, or does not answer in time', async () => {
    const why = '<base /><set-header name="X-Why"><value>@(context.LastError.Reason)</value></set-header>';
    await cloud.policy('/apis/a', policies({ onError: why }));
    cloud.answer = () => {
      throw new TypeError('fetch failed');
    };
    const refused = await cloud.call('/a/x');
    expect([refused.status, refused.headers.get('x-why')]).toEqual([500, 'BackendConnectionFailure']);
    cloud.answer = () => new Promise(() => undefined);
    await cloud.policy('/apis/a', policies({ backend: '<forward-request timeout-ms="5" />', onError: why }));
    const late = await cloud.call('/a/x');
    expect([late.status, late.headers.get('x-why')]).toEqual([500, 'Timeout']);
  });

  test('fail-on-error-status-code', async () => {
    await cloud.policy(
      '/apis/a',
      policies({
        backend: '<forward-request fail-on-error-status-code="true" />',
        onError: '<set-status code="424" reason="x" />',
      }),
    );
    cloud.answer = () => new Response('no', { status: 503 });
    expect((await cloud.call('/a/x')).status).toBe(424);
  });
});

describe('the Consumption SKU', () => {
  const BIG = 2 * 1024 * 1024 + 1;

  test('buffers no more than 2 MiB of an answer; streamed answers have no such limit', async () => {
    const consumption = await apimCloud('Consumption');
    consumption.answer = () => new Response('x'.repeat(BIG));
    expect((await consumption.call('/a/x')).status).toBe(500);
    await consumption.policy('/apis/a', policies({ backend: '<forward-request buffer-response="false" />' }));
    expect((await (await consumption.call('/a/x')).text()).length).toBe(BIG);
  });

  test('buffers no more than 2 MiB of a request', async () => {
    const consumption = await apimCloud('Consumption');
    await consumption.policy(
      '/apis/a',
      policies({
        inbound:
          '<base /><set-header name="X-L"><value>@(context.Request.Body.As<string>(true).Length.ToString())</value></set-header>',
      }),
    );
    expect((await consumption.call('/a/x', { method: 'POST', body: 'x'.repeat(BIG) })).status).toBe(413);
    expect((await consumption.call('/a/x', { method: 'POST', body: 'x'.repeat(BIG - 1) })).status).toBe(200);
  });

  test('takes no URL over 4096 bytes', async () => {
    const consumption = await apimCloud('Consumption');
    expect((await consumption.call(`/a/x?${'q'.repeat(5000)}`)).status).toBe(414);
    expect((await cloud.call(`/a/x?${'q'.repeat(5000)}`)).status).toBe(200);
  });
});

test('a stored policy whose fragment went bad is told in the log and answered with 500', async () => {
  await cloud.namedValue('expr', '@("a")');
  await cloud.policy(
    '/apis/a',
    policies({ inbound: '<base /><set-header name="X-E"><value>{{expr}}</value></set-header>' }),
  );
  expect((await cloud.call('/a/x')).status).toBe(200);
  await cloud.namedValue('expr', '@(nonsense)');
  expect((await cloud.call('/a/x')).status).toBe(500);
  expect(cloud.log.some(({ level, text }) => level === 'error' && text.includes('no longer valid'))).toBe(
    true,
  );
});

test('the gateway origin leads to the oldest service, others keep their Azure host', async () => {
  const second = SERVICE.replace('apim-1', 'apim-2');
  const body = {
    location: 'eastus',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@b.c', publisherName: 'A' },
  };
  await cloud.arm('PUT', second, body);
  expect((await cloud.arm('GET', SERVICE)).body.properties.gatewayUrl).toBe('http://localhost:1');
  expect((await cloud.arm('GET', second)).body.properties.gatewayUrl).toBe('https://apim-2.azure-api.net');
  const gateway = apimGateway(cloud.fabric);
  expect((await gateway.fetch(new Request('http://localhost:1/a/x'))).status).toBe(200);
  expect((await gateway.fetch(new Request('https://apim-2.azure-api.net/a/x'))).status).toBe(404);
  expect([gateway.serves('apim-9.azure-api.net'), gateway.serves('localhost')]).toEqual([true, false]);
});
