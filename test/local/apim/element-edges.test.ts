import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApimCloud, api, apimCloud, operation, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await cloud.arm('PUT', `${SERVICE}/apis/a/operations/put-item`, {
    properties: {
      displayName: 'put-item',
      method: 'PUT',
      urlTemplate: '/items/{id}/{*rest}',
      templateParameters: ['id', 'rest'].map((name) => ({ name, type: 'string', required: true })),
    },
  });
  await operation(cloud, 'a', 'HEAD', '/*');
});
beforeEach(() => {
  cloud.answer = () => Response.json({ ok: true });
});

type Sections = Parameters<typeof policies>[0];
const TELL =
  '<base /><set-header name="X-Why"><value>@(context.LastError.Source + " " + context.LastError.Reason)</value></set-header>';

async function withPolicy(sections: Sections, path = '/a/x', init?: RequestInit): Promise<Response> {
  const answer = await cloud.policy('/apis/a', policies({ onError: TELL, ...sections }));
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
  return cloud.call(path, init);
}

const inbound = (xml: string): Sections => ({ inbound: `<base />${xml}` });
const last = (): ApimCloud['received'][number] => cloud.received.at(-1)!;
const whyOf = (response: Response): [number, string | null] => [
  response.status,
  response.headers.get('x-why'),
];

describe('what only running can tell goes to on-error', () => {
  const failed = 'ExpressionValueEvaluationFailure';
  test.each([
    ['<set-status code="@(199)" reason="x" />', `set-status ${failed}`],
    ['<set-status code="@(600)" reason="x" />', `set-status ${failed}`],
    ['<set-status code="@("many")" reason="x" />', `set-status ${failed}`],
    ['<set-method>@("G T")</set-method>', `set-method ${failed}`],
    ['<set-method>@("CONNECT")</set-method>', `set-method ${failed}`],
    ['<set-method>@("TRACE")</set-method>', `set-method ${failed}`],
    ['<set-header name="@("a b")"><value>1</value></set-header>', `set-header ${failed}`],
    ['<set-header name="@("Content-Length")"><value>1</value></set-header>', `set-header ${failed}`],
    ['<set-header name="X"><value>@("\\u20ac")</value></set-header>', `set-header ${failed}`],
    ['<set-header name="X"><value>@("a\\0b")</value></set-header>', `set-header ${failed}`],
    [
      '<set-header name="@(context.Request.Headers["None"][0])"><value>1</value></set-header>',
      `set-header ${failed}`,
    ],
    [
      '<set-query-parameter name="@(1 / (1 - 1))"><value>1</value></set-query-parameter>',
      `set-query-parameter ${failed}`,
    ],
    ['<set-variable name="@(int.Parse("x"))" value="1" />', `set-variable ${failed}`],
    ['<set-body>@(context.Request.Headers)</set-body>', `set-body ${failed}`],
    ['<rewrite-uri template="/{nobody}" />', `rewrite-uri ${failed}`],
    [
      '<rewrite-uri template="/a" copy-unmatched-params="@((bool)context.Variables["x"])" />',
      `rewrite-uri ${failed}`,
    ],
    [
      '<choose><when condition="@(context.Variables.GetValueOrDefault<bool>("x", null))"><set-body>a</set-body></when></choose>',
      `choose ${failed}`,
    ],
    ['<set-backend-service backend-id="@("no" + "body")" />', 'set-backend-service BackendConnectionFailure'],
    ['<set-backend-service base-url="@("/relative")" />', 'set-backend-service BackendConnectionFailure'],
    ['<set-backend-service base-url="@("ftp://h")" />', 'set-backend-service BackendConnectionFailure'],
    [
      '<authentication-managed-identity resource="@(context.Request.Headers["None"][0])" ignore-error="true" />',
      `authentication-managed-identity ${failed}`,
    ],
    [
      '<authentication-managed-identity resource="https://nothing.example" />',
      'authentication-managed-identity ManagedIdentityUnauthorized',
    ],
    [
      '<rate-limit-by-key calls="@("few")" renewal-period="1" counter-key="k" />',
      `rate-limit-by-key ${failed}`,
    ],
    ['<find-and-replace from="@(context.Variables["x"])" to="" />', `find-and-replace ${failed}`],
    ['<trace source="s"><message>@(context.Variables["x"])</message></trace>', `trace ${failed}`],
    [
      '<check-header name="X" failed-check-httpcode="@("z")" failed-check-error-message="m" ignore-case="true" />',
      `check-header ${failed}`,
    ],
  ])('%s', async (xml, why) => {
    const before = cloud.received.length;
    const response = await withPolicy(inbound(xml), '/a/x', { method: 'POST', body: 'b' });
    expect(whyOf(response)).toEqual([500, why]);
    expect(await response.json()).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(cloud.received.length).toBe(before);
  });

  test.each([
    [
      '<check-header name="X-K" failed-check-httpcode="400" failed-check-error-message="m" ignore-case="false"><value>A</value></check-header>',
      400,
      'check-header HeaderNotFound',
      {},
    ],
    [
      '<check-header name="X-K" failed-check-httpcode="400" failed-check-error-message="m" ignore-case="false"><value>A</value></check-header>',
      400,
      'check-header HeaderValueNotAllowed',
      { 'x-k': 'a' },
    ],
    [
      '<ip-filter action="allow"><address>10.0.0.1</address></ip-filter>',
      403,
      'ip-filter CallerIpNotAllowed',
      {},
    ],
    [
      '<ip-filter action="forbid"><address-range from="127.0.0.0" to="127.0.0.1" /></ip-filter>',
      403,
      'ip-filter CallerIpBlocked',
      {},
    ],
  ])('%s tells %i %s', async (xml, status, why, headers) => {
    expect(whyOf(await withPolicy(inbound(xml), '/a/x', { headers }))).toEqual([status, why]);
  });
});

describe('rewriting', () => {
  const put = (template: string, path: string): Promise<Response> =>
    withPolicy(inbound(`<rewrite-uri template="${template}" />`), path, { method: 'PUT' });

  test.each([
    ['no-slash/{id}', '/a/items/7/r', '/no-slash/7'],
    ['/r/{rest}', '/a/items/7/r/s', '/r/r/s'],
    ['/q?id={id}', '/a/items/7/r', '/q?id=7'],
    ['/q?id={id}', '/a/items/a%26admin%3D1/r', '/q?id=a%26admin%3D1'],
    ['/p/{id}', '/a/items/a%3Fadmin%3D1%23f/r', '/p/a%3Fadmin=1%23f'],
    ['/p/{id}', '/a/items/50%25/r', '/p/50%25'],
    ['/p/{x}', '/a/items/7/r?x=1&y=2', '/p/1?y=2'],
    ['/p?y=fixed', '/a/items/7/r?x=1&y=2', '/p?y=fixed&x=1'],
  ])('%s of %s', async (template, path, expected) => {
    await put(template, path);
    expect(last().url).toBe(`https://app1.azurewebsites.net/api${expected}`);
  });

  test('a method is sent in capitals; GET and HEAD take no body along', async () => {
    await withPolicy(inbound('<set-method>@("pa" + "tch")</set-method><set-body>b</set-body>'));
    expect(last()).toMatchObject({ method: 'PATCH', body: 'b' });
    await withPolicy(inbound('<set-method>HEAD</set-method>'), '/a/x', { method: 'POST', body: 'b' });
    expect(last()).toMatchObject({ method: 'HEAD', body: '' });
  });

  test('query parameters: names by expression, several values, skip of what is not there', async () => {
    await withPolicy(
      inbound(`<set-query-parameter name="@("n" + 1)"><value>a</value><value>@(2)</value></set-query-parameter>
        <set-query-parameter name="s" exists-action="skip"><value>new</value></set-query-parameter>
        <set-query-parameter name="d" exists-action="@("delete")"><value>-</value></set-query-parameter>`),
      '/a/x?d=1&n1=old',
    );
    expect(new URL(last().url).search).toBe('?n1=a&n1=2&s=new');
  });

  test('find-and-replace leaves alone what it cannot change', async () => {
    await withPolicy(inbound('<find-and-replace from="a" to="b" />'));
    expect(last().body).toBe('');
    await withPolicy(inbound('<find-and-replace from="@("")" to="b" />'), '/a/x', {
      method: 'POST',
      body: 'aa',
    });
    expect(last().body).toBe('aa');
    cloud.answer = () => new Response('https://internal/ and https://internal/x');
    const response = await withPolicy({
      outbound:
        '<base /><find-and-replace from="https://internal" to="@("https://" + context.Request.OriginalUrl.Host)" />',
    });
    expect(await response.text()).toBe('https://apim-1.azure-api.net/ and https://apim-1.azure-api.net/x');
  });

  test('a backend by an id that an expression gives', async () => {
    await cloud.arm('PUT', `${SERVICE}/backends/by-id`, {
      properties: { url: 'https://app1.azurewebsites.net/by-id', protocol: 'http' },
    });
    await withPolicy(inbound('<set-backend-service backend-id="@("by" + "-id")" />'));
    expect(last().url).toBe('https://app1.azurewebsites.net/by-id/x');
  });
});

describe('responses', () => {
  test.each([
    [200, undefined, 'OK'],
    [204, undefined, 'No Content'],
    [299, 'Own', 'Own'],
    [418, undefined, "I'm a Teapot"],
    [599, undefined, ''],
  ])('status %i', async (code, reason, text) => {
    const attribute = reason === undefined ? '' : ` reason="${reason}"`;
    const response = await withPolicy({
      inbound: `<return-response><set-status code="${code}"${attribute} /></return-response>`,
    });
    expect([response.status, response.statusText]).toEqual([code, text]);
  });

  test('without a status it is 200; a body of 204 is dropped; a reason cannot split the message', async () => {
    const plain = await withPolicy({ inbound: '<return-response />' });
    expect([plain.status, plain.statusText, await plain.text()]).toEqual([200, 'OK', '']);
    const empty = await withPolicy({
      inbound: '<return-response><set-status code="204" /><set-body>x</set-body></return-response>',
    });
    expect([empty.status, await empty.text()]).toEqual([204, '']);
    const split = await withPolicy({
      inbound: '<return-response><set-status code="200" reason="@("a\\r\\nX-Evil: 1")" /></return-response>',
    });
    expect([split.statusText, split.headers.get('x-evil')]).toEqual(['aX-Evil: 1', null]);
  });

  test('headers of an answer: skip, append, delete; a value HTTP cannot carry is an error', async () => {
    cloud.answer = () => new Response('x', { headers: { 'x-a': '1', 'x-b': '1', 'x-c': '1' } });
    const response = await withPolicy({
      outbound: `<base /><set-header name="x-a" exists-action="skip"><value>2</value></set-header>
        <set-header name="X-B" exists-action="append"><value>2</value></set-header>
        <set-header name="X-C" exists-action="delete" />`,
    });
    expect(['x-a', 'x-b', 'x-c'].map((name) => response.headers.get(name))).toEqual(['1', '1, 2', null]);
    const bad = await withPolicy({
      outbound: '<base /><set-header name="X-E"><value>@("\\u20ac")</value></set-header>',
    });
    expect(whyOf(bad)).toEqual([500, 'set-header ExpressionValueEvaluationFailure']);
  });

  test('HEAD is answered without a body', async () => {
    const response = await withPolicy({}, '/a/x', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('rate limits', () => {
  test('the header that says when, the longest period, and a limit of none', async () => {
    const limited = await withPolicy(
      inbound(
        '<rate-limit-by-key calls="@(0)" renewal-period="300" counter-key="none" retry-after-header-name="X-Again" />',
      ),
    );
    expect(whyOf(limited)).toEqual([429, 'rate-limit-by-key RateLimitExceeded']);
    expect([limited.headers.get('retry-after'), Number(limited.headers.get('x-again')) >= 1]).toEqual([
      null,
      true,
    ]);
    expect(await limited.json()).toMatchObject({
      statusCode: 429,
      message: expect.stringMatching(/^Rate limit is exceeded/),
    });
  });
});

describe('fragments', () => {
  const put = (id: string, value: string): ReturnType<ApimCloud['arm']> =>
    cloud.arm('PUT', `${SERVICE}/policyFragments/${id}`, { properties: { format: 'rawxml', value } });

  test('are checked in the section that includes them', async () => {
    await put('inbound-only', '<fragment><rewrite-uri template="/x" /></fragment>');
    const { body } = await cloud.policy(
      '/apis/a',
      policies({ outbound: '<base />\n<include-fragment fragment-id="inbound-only" />' }),
    );
    expect(body.error.details[0].message).toBe(
      "Error in element 'include-fragment' on line 5, column 2: policy fragment 'inbound-only': policy 'rewrite-uri' is not allowed in the section 'outbound'",
    );
  });

  test('nest no deeper than five', async () => {
    await put('f1', '<fragment><set-body>deep</set-body></fragment>');
    for (const n of [2, 3, 4, 5])
      expect(
        (await put(`f${n}`, `<fragment><include-fragment fragment-id="f${n - 1}" /></fragment>`)).status,
      ).toBeLessThan(300);
    const { status, body } = await put('f6', '<fragment><include-fragment fragment-id="f5" /></fragment>');
    expect([status, body.error.details[0].message]).toEqual([
      400,
      expect.stringContaining('nested too deeply'),
    ]);
  });

  test.each([
    ['<fragment>', 'fragment'],
    ['<fragment>text</fragment>', 'text is not allowed here'],
    ['<fragment><base /></fragment>', "policy 'base' must stand directly below its section"],
    ['<fragment><nope /></fragment>', "policy 'nope' is not known to this gateway"],
    ['', 'document must contain a root element'],
  ])('%s is refused', async (xml, message) => {
    const { status, body } = await put('bad', xml);
    expect([status, JSON.stringify(body.error)]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('subscription keys', () => {
  test('by the names the API gives them', async () => {
    await api(cloud, 'named', {
      subscriptionRequired: true,
      subscriptionKeyParameterNames: { header: 'X-Key', query: 'key' },
    });
    const text = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
      const response = await cloud.call(path, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe(
        'AzureApiManagementKey realm="https://apim-1.azure-api.net",name="X-Key",type="header"',
      );
      return response.text();
    };
    expect(await text('/named/x?key=k')).toContain('invalid subscription key');
    expect(await text('/named/x', { 'x-key': 'k' })).toContain('invalid subscription key');
    expect(await text('/named/x?subscription-key=k', { 'ocp-apim-subscription-key': 'k' })).toContain(
      'missing subscription key',
    );
  });
});
