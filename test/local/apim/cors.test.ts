import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, operation, policies } from './apim-cloud.ts';

const APP = 'https://app.example.org';
let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});

function cors(attributes = '', more = ''): string {
  return `<cors ${attributes}><allowed-origins><origin>${APP}</origin></allowed-origins>
    <allowed-methods preflight-result-max-age="30"><method>GET</method><method>POST</method></allowed-methods>
    <allowed-headers><header>X-A</header></allowed-headers>${more}</cors><base />`;
}

function preflight(origin: string, method = 'POST', headers = 'x-a'): Promise<Response> {
  return cloud.call('/a/x', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
  });
}

const granted = (response: Response): string | null => response.headers.get('access-control-allow-origin');

describe('preflight', () => {
  test('is answered when origin, method and headers fit', async () => {
    await cloud.policy('/apis/a', policies({ inbound: cors('allow-credentials="true"') }));
    const response = await preflight(APP);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-a',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '30',
      vary: 'Origin',
    });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test.each([
    ['another origin', 'https://evil.example', 'POST', 'x-a'],
    ['another port', `${APP}:8443`, 'POST', 'x-a'],
    ['the null origin', 'null', 'POST', 'x-a'],
    ['another header', APP, 'POST', 'x-b'],
  ])('%s gets an empty 200 without any grant', async (_, origin, method, headers) => {
    await cloud.policy('/apis/a', policies({ inbound: cors() }));
    const response = await preflight(origin, method, headers);
    expect([response.status, granted(response), await response.text()]).toEqual([200, null, '']);
  });

  test('a method without operation is not found', async () => {
    await cloud.policy('/apis/a', policies({ inbound: cors() }));
    expect((await preflight(APP, 'DELETE')).status).toBe(404);
  });

  test('without cors nothing answers', async () => {
    await cloud.policy('/apis/a', policies({ inbound: '<base />' }));
    expect((await preflight(APP)).status).toBe(404);
  });

  test('only cors runs: what stands before it does not', async () => {
    const inbound = `<return-response><set-status code="403" /></return-response>${cors()}`;
    await cloud.policy('/apis/a', policies({ inbound }));
    expect(granted(await preflight(APP))).toBe(APP);
  });

  test('an unmatched one goes on to the outer scope when it may', async () => {
    await cloud.policy('/apis/a', policies({ inbound: cors() }));
    const own = (terminate: string): string =>
      `<cors terminate-unmatched-request="${terminate}"><allowed-origins><origin>https://b.example</origin></allowed-origins></cors><base />`;
    await cloud.policy('/apis/a/operations/post', policies({ inbound: own('false') }));
    expect(granted(await preflight(APP))).toBe(APP);
    await cloud.policy('/apis/a/operations/post', policies({ inbound: own('true') }));
    expect(granted(await preflight(APP))).toBeNull();
    await cloud.policy('/apis/a/operations/post', policies({}));
  });
});

describe('simple requests', () => {
  test('get their headers on answers and on refusals', async () => {
    const inbound = `${cors('', '<expose-headers><header>X-Out</header></expose-headers>')}<choose><when condition="@(context.Request.Url.Query.ContainsKey("no"))"><return-response><set-status code="403" /></return-response></when></choose>`;
    await cloud.policy('/apis/a', policies({ inbound }));
    for (const [path, status] of [
      ['/a/x', 200],
      ['/a/x?no=1', 403],
    ] as const) {
      const response = await cloud.call(path, { headers: { origin: APP } });
      expect([
        response.status,
        granted(response),
        response.headers.get('access-control-expose-headers'),
      ]).toEqual([status, APP, 'X-Out']);
    }
  });

  test('an unmatched one ends in an empty 200, or goes on without headers', async () => {
    await cloud.policy('/apis/a', policies({ inbound: cors() }));
    const before = cloud.received.length;
    const ended = await cloud.call('/a/x', { headers: { origin: 'https://evil.example' } });
    expect([ended.status, granted(ended), await ended.text(), cloud.received.length]).toEqual([
      200,
      null,
      '',
      before,
    ]);
    await cloud.policy('/apis/a', policies({ inbound: cors('terminate-unmatched-request="false"') }));
    const went = await cloud.call('/a/x', { headers: { origin: 'https://evil.example' } });
    expect([went.status, granted(went), cloud.received.length]).toEqual([200, null, before + 1]);
  });

  test('without an origin nothing changes', async () => {
    await cloud.policy('/apis/a', policies({ inbound: cors() }));
    const response = await cloud.call('/a/x');
    expect([response.status, granted(response)]).toEqual([200, null]);
  });

  test('an OPTIONS operation of the API’s own is run as any other', async () => {
    await operation(cloud, 'a', 'OPTIONS', '/own');
    await cloud.policy('/apis/a', policies({ inbound: '<base />' }));
    expect((await cloud.call('/a/own', { method: 'OPTIONS' })).status).toBe(200);
    expect(cloud.received.at(-1)?.method).toBe('OPTIONS');
  });
});
