import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GROUP } from '../arm/small-cloud.ts';
import { type ApimCloud, api, apimCloud, policies, SERVICE } from './apim-cloud.ts';

const TELL =
  '<base /><set-header name="X-Why"><value>@(context.LastError.Section + " " + context.LastError.Reason)</value></set-header>';
const READS =
  '<base /><set-header name="X-L"><value>@(context.Request.Body.As<string>(true).Length.ToString())</value></set-header>';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});
beforeEach(() => {
  cloud.answer = () => Response.json({ ok: true });
});

async function save(sections: Parameters<typeof policies>[0]): Promise<void> {
  const answer = await cloud.policy('/apis/a', policies({ onError: TELL, ...sections }));
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
}

/** A body that breaks off after its first piece. */
function broken(): ReadableStream<Uint8Array> {
  let pieces = 0;
  return new ReadableStream({
    pull(controller) {
      if (pieces === 0) controller.enqueue(new TextEncoder().encode('half'));
      else controller.error(new TypeError('terminated'));
      pieces += 1;
    },
  });
}

const why = (response: Response): unknown[] => [response.status, response.headers.get('x-why')];

describe('connections that break', () => {
  test('a client that goes away in the middle of its body', async () => {
    await save({ inbound: READS });
    const before = cloud.received.length;
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: broken(), duplex: 'half' };
    expect(why(await cloud.call('/a/x', init))).toEqual([500, 'inbound ClientConnectionFailure']);
    expect(cloud.received.length).toBe(before);
    expect(cloud.log.some(({ text }) => text.startsWith('a policy failed'))).toBe(false);
  });

  test('a backend that breaks off while its answer is buffered', async () => {
    await save({});
    cloud.answer = () => new Response(broken());
    expect(why(await cloud.call('/a/x'))).toEqual([500, 'backend BackendConnectionFailure']);
  });

  test('or while outbound reads what was to be streamed', async () => {
    await save({
      backend: '<forward-request buffer-response="false" />',
      outbound: '<base /><set-body>@(context.Response.Body.As<string>())</set-body>',
    });
    cloud.answer = () => new Response(broken());
    expect(why(await cloud.call('/a/x'))).toEqual([500, 'outbound BackendConnectionFailure']);
  });

  test('a client that gives up ends the call to the backend', async () => {
    await save({});
    const stop = new AbortController();
    let signal: AbortSignal | undefined;
    cloud.answer = (request) => {
      signal = request.signal;
      stop.abort();
      return new Promise(() => undefined);
    };
    // Nobody is left to tell: on-error does not run.
    expect(why(await cloud.call('/a/x', { signal: stop.signal }))).toEqual([500, null]);
    expect(signal?.aborted).toBe(true);
  });
});

describe('on-error', () => {
  test('tells where and why, and may pretend that nothing happened', async () => {
    await save({
      inbound: '<base /><set-variable name="v" value="@(1 / (1 - 1))" />',
      onError:
        '<return-response><set-status code="200" reason="OK" /><set-body>@(context.LastError.Source + "|" + context.LastError.Path + "|" + context.LastError.PolicyId + "|" + context.LastError.Message + "|" + context.Response.StatusCode)</set-body></return-response>',
    });
    expect(await (await cloud.call('/a/x')).text()).toBe(
      'set-variable|set-variable||Expression evaluation failed. attempted to divide by zero|500',
    );
  });

  test('an API nobody knows runs the global one', async () => {
    await cloud.policy(
      '',
      policies({
        inbound: '',
        backend: '<forward-request />',
        outbound: '',
        onError:
          '<set-header name="X-Global"><value>@(context.LastError.Scope + (context.Api == null))</value></set-header>',
      }),
    );
    const response = await cloud.call('/unknown/x');
    expect([response.status, response.headers.get('x-global')]).toEqual([404, 'globalTrue']);
    await cloud.arm('DELETE', `${SERVICE}/policies/policy`);
  });
});

describe('routing', () => {
  test('an API without a path takes what no other one does', async () => {
    await api(cloud, 'root', { path: '' });
    await cloud.policy(
      '/apis/root',
      policies({ inbound: '<return-response><set-body>@(context.Api.Id)</set-body></return-response>' }),
    );
    await save({ inbound: '<return-response><set-body>@(context.Api.Id)</set-body></return-response>' });
    expect(await (await cloud.call('/anything/else')).text()).toBe('root');
    expect(await (await cloud.call('/a/x')).text()).toBe('a');
    expect(await (await cloud.call('/ab')).text()).toBe('root');
    await cloud.arm('DELETE', `${SERVICE}/apis/root`);
    expect((await cloud.call('/anything/else')).status).toBe(404);
  });

  test('an API without a service URL has no backend but the one a policy gives', async () => {
    await cloud.arm('PUT', `${SERVICE}/apis/own`, {
      properties: { displayName: 'own', path: 'own', subscriptionRequired: false },
    });
    await cloud.arm('PUT', `${SERVICE}/apis/own/operations/get`, {
      properties: { displayName: 'get', method: 'GET', urlTemplate: '/*' },
    });
    const before = cloud.received.length;
    expect([(await cloud.call('/own/x')).status, cloud.received.length]).toEqual([500, before]);
    await cloud.policy(
      '/apis/own',
      policies({ inbound: '<base /><set-backend-service base-url="https://app1.azurewebsites.net/z/" />' }),
    );
    expect((await cloud.call('/own/x')).status).toBe(200);
    expect(cloud.received.at(-1)?.url).toBe('https://app1.azurewebsites.net/z/x');
  });
});

test('a service without an identity can read no Key Vault', async () => {
  const bare = `${GROUP}/providers/Microsoft.ApiManagement/service/apim-bare`;
  await cloud.arm('PUT', bare, {
    location: 'eastus',
    sku: { name: 'Developer', capacity: 1 },
    properties: { publisherEmail: 'a@b.c', publisherName: 'A' },
  });
  const made = await cloud.arm('PUT', `${bare}/namedValues/k`, {
    properties: {
      displayName: 'k',
      secret: true,
      keyVault: { secretIdentifier: 'https://v.vault.azure.net/secrets/a' },
    },
  });
  const done = await cloud.arm(
    'GET',
    made.headers.get('location')!.replace('https://management.azure.com', ''),
  );
  expect(done.body.error).toMatchObject({
    code: 'ValidationError',
    message: expect.stringContaining('ManagedIdentityUnavailable'),
  });
  const listed = await cloud.arm('POST', `${bare}/namedValues/k/listValue`);
  expect(JSON.stringify(listed.body)).not.toContain('secrets/a');
});
