import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, operation, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await operation(cloud, 'a', 'PUT', '/items/{id}/{part}', 'put-item');
});

/** Saves the policy of API `a` and makes one call. */
async function withPolicy(
  sections: Parameters<typeof policies>[0],
  path = '/a/x',
  init?: RequestInit,
): Promise<Response> {
  const answer = await cloud.policy('/apis/a', policies(sections));
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
  return cloud.call(path, init);
}

const last = (): ApimCloud['received'][number] => cloud.received.at(-1)!;

describe('request', () => {
  test('set-header overrides, appends, skips, deletes', async () => {
    const inbound = `<base />
      <set-header name="X-A" exists-action="override"><value>1</value></set-header>
      <set-header name="X-B" exists-action="append"><value>2</value><value>3</value></set-header>
      <set-header name="X-C" exists-action="skip"><value>new</value></set-header>
      <set-header name="X-D" exists-action="delete" />
      <set-header name="@("X-" + "E")"><value>@(context.Request.Method.ToLower())</value></set-header>`;
    await withPolicy({ inbound }, '/a/x', {
      headers: { 'x-a': 'old', 'x-b': '1', 'x-c': 'old', 'x-d': 'old' },
    });
    const headers = Object.fromEntries(last().headers);
    expect(headers).toMatchObject({ 'x-a': '1', 'x-b': '1, 2, 3', 'x-c': 'old', 'x-e': 'get' });
    expect(headers['x-d']).toBeUndefined();
  });

  test('a header value cannot split the message', async () => {
    const inbound = '<base /><set-header name="X-A"><value>@("a\\r\\nX-Evil: 1")</value></set-header>';
    expect((await withPolicy({ inbound })).status).toBe(500);
  });

  test('set-query-parameter', async () => {
    const inbound = `<base />
      <set-query-parameter name="a" exists-action="override"><value>1</value></set-query-parameter>
      <set-query-parameter name="b" exists-action="append"><value>2</value></set-query-parameter>
      <set-query-parameter name="c" exists-action="skip"><value>3</value></set-query-parameter>
      <set-query-parameter name="d" exists-action="delete" />`;
    await withPolicy({ inbound }, '/a/x?a=0&b=1&c=0&d=0');
    expect([...new URL(last().url).searchParams]).toEqual([
      ['b', '1'],
      ['c', '0'],
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  test('set-method and set-body', async () => {
    await withPolicy({ inbound: '<base /><set-method>POST</set-method><set-body>@("b" + 1)</set-body>' });
    expect(last()).toMatchObject({ method: 'POST', body: 'b1' });
  });

  test('reading a body keeps it for the backend only when asked to', async () => {
    const read = (preserve: string): string =>
      `<base /><set-header name="X-Name"><value>@((string)context.Request.Body.As<JObject>(${preserve})["name"])</value></set-header>`;
    const init = { method: 'POST', body: '{"name":"n"}' };
    await withPolicy({ inbound: read('preserveContent: true') }, '/a/x', init);
    expect([last().headers.get('x-name'), last().body]).toEqual(['n', '{"name":"n"}']);
    await withPolicy({ inbound: read('') }, '/a/x', init);
    expect(last().body).toBe('');
  });

  test('rewrite-uri fills in template parameters and copies what it did not use', async () => {
    await withPolicy(
      { inbound: '<base /><rewrite-uri template="/other/{part}/{id}?fixed=1" />' },
      '/a/items/7/b%20c?x=1',
      { method: 'PUT' },
    );
    expect(last().url).toBe('https://app1.azurewebsites.net/api/other/b%20c/7?fixed=1&x=1');
    await withPolicy(
      { inbound: '<base /><rewrite-uri template="@("/" + "e")" copy-unmatched-params="false" />' },
      '/a/x?x=1',
    );
    expect(last().url).toBe('https://app1.azurewebsites.net/api/e');
  });

  test('set-backend-service by URL and by id', async () => {
    await withPolicy({
      inbound:
        '<base /><set-backend-service base-url="@("https://app1.azurewebsites.net/" + context.Api.Path)" />',
    });
    expect(last().url).toBe('https://app1.azurewebsites.net/a/x');
    await cloud.arm('PUT', `${SERVICE}/backends/be`, {
      properties: { url: 'https://app1.azurewebsites.net/be', protocol: 'http' },
    });
    await withPolicy({ inbound: '<base /><set-backend-service backend-id="be" />' });
    expect(last().url).toBe('https://app1.azurewebsites.net/be/x');
    const used = await cloud.arm('DELETE', `${SERVICE}/backends/be`);
    expect([used.status, used.body.error.code]).toEqual([400, 'ValidationError']);
  });

  test('find-and-replace', async () => {
    await withPolicy({ inbound: '<base /><find-and-replace from="a" to="$&amp;" />' }, '/a/x', {
      method: 'POST',
      body: 'banana',
    });
    expect(last().body).toBe('b$&n$&n$&');
  });

  test('authentication-managed-identity', async () => {
    await withPolicy({
      inbound: '<base /><authentication-managed-identity resource="https://vault.azure.net" />',
    });
    expect(last().headers.get('authorization')).toMatch(/^Bearer ey/);
    const inbound = `<base /><authentication-managed-identity resource="https://nothing.example" output-token-variable-name="t" ignore-error="true" />
      <set-header name="X-T"><value>@(context.Variables["t"] == null ? "none" : "some")</value></set-header>`;
    await withPolicy({ inbound });
    expect(last().headers.get('x-t')).toBe('none');
    expect(
      (
        await withPolicy({
          inbound: '<base /><authentication-managed-identity resource="https://nothing.example" />',
        })
      ).status,
    ).toBe(500);
  });
});

describe('control', () => {
  test('choose runs the first branch that fits', async () => {
    const inbound = `<base /><set-variable name="n" value="@(context.Request.Headers.GetValueOrDefault("X-N", "0").Length)" />
      <choose>
        <when condition="@((int)context.Variables["n"] > 2)"><set-header name="X-R"><value>long</value></set-header></when>
        <when condition="@((int)context.Variables["n"] == 2)"><set-header name="X-R"><value>two</value></set-header></when>
        <otherwise><set-header name="X-R"><value>short</value></set-header></otherwise>
      </choose>`;
    for (const [value, result] of [
      ['abc', 'long'],
      ['ab', 'two'],
      ['a', 'short'],
    ] as const) {
      await withPolicy({ inbound }, '/a/x', { headers: { 'x-n': value } });
      expect(last().headers.get('x-r')).toBe(result);
    }
  });

  test('return-response ends everything at once', async () => {
    const before = cloud.received.length;
    const response = await withPolicy({
      inbound: `<return-response>
        <set-status code="418" reason="Teapot" />
        <set-header name="X-A"><value>1</value></set-header>
        <set-body>{"a":1}</set-body>
      </return-response><base />`,
      outbound: '<set-header name="X-B"><value>1</value></set-header>',
    });
    expect([
      response.status,
      response.statusText,
      response.headers.get('x-a'),
      await response.text(),
    ]).toEqual([418, 'Teapot', '1', '{"a":1}']);
    expect(response.headers.get('x-b')).toBeNull();
    expect(cloud.received.length).toBe(before);
  });

  test('outbound changes status, headers and body', async () => {
    cloud.answer = () => Response.json({ url: 'https://internal' }, { headers: { 'x-powered-by': 'php' } });
    const response = await withPolicy({
      outbound: `<base /><set-status code="201" reason="Made" />
        <set-header name="X-Powered-By" exists-action="delete" />
        <set-body>@(context.Response.Body.As<JObject>()["url"] + "!" + context.Response.StatusCode)</set-body>`,
    });
    cloud.answer = () => Response.json({ ok: true });
    expect([response.status, await response.text(), response.headers.get('x-powered-by')]).toEqual([
      201,
      'https://internal!201',
      null,
    ]);
  });

  test('include-fragment, also nested', async () => {
    const put = (id: string, value: string): ReturnType<ApimCloud['arm']> =>
      cloud.arm('PUT', `${SERVICE}/policyFragments/${id}`, { properties: { format: 'rawxml', value } });
    await put(
      'inner',
      '<fragment><set-header name="X-F"><value>@("in" + "ner")</value></set-header></fragment>',
    );
    await put('outer', '<fragment><include-fragment fragment-id="inner" /></fragment>');
    await withPolicy({ inbound: '<base /><include-fragment fragment-id="outer" />' });
    expect(last().headers.get('x-f')).toBe('inner');
    await put('inner', '<fragment><set-header name="X-F"><value>changed</value></set-header></fragment>');
    await cloud.call('/a/x');
    expect(last().headers.get('x-f')).toBe('changed');
    expect((await cloud.arm('DELETE', `${SERVICE}/policyFragments/outer`)).status).toBe(400);
    const loop = await put('inner', '<fragment><include-fragment fragment-id="inner" /></fragment>');
    expect([loop.status, loop.body.error.details[0].message]).toEqual([
      400,
      expect.stringContaining('includes itself'),
    ]);
    expect((await put('bad', '<policies />')).body.error.details[0].message).toContain(
      "the root element must be 'fragment'",
    );
  });

  test('trace evaluates, logs its source and never its message', async () => {
    await withPolicy({
      inbound:
        '<base /><trace source="mine" severity="information"><message>@("secret" + 1)</message><metadata name="a" value="b" /></trace>',
    });
    const entries = cloud.log.filter(({ standIn }) => standIn === 'apim').map(({ text }) => text);
    expect(entries.at(-1)).toBe('trace from mine');
    expect(entries.join()).not.toContain('secret1');
  });
});

describe('refusals', () => {
  test('check-header', async () => {
    const inbound =
      '<base /><check-header name="X-K" failed-check-httpcode="412" failed-check-error-message="no key" ignore-case="true"><value>Right</value></check-header>';
    const missing = await withPolicy({ inbound });
    expect([missing.status, await missing.json()]).toEqual([412, { statusCode: 412, message: 'no key' }]);
    expect((await cloud.call('/a/x', { headers: { 'x-k': 'wrong' } })).status).toBe(412);
    expect((await cloud.call('/a/x', { headers: { 'x-k': 'right' } })).status).toBe(200);
  });

  test('ip-filter', async () => {
    const allow = await withPolicy({
      inbound:
        '<base /><ip-filter action="allow"><address>10.0.0.1</address><address-range from="127.0.0.0" to="127.0.0.9" /></ip-filter>',
    });
    expect(allow.status).toBe(200);
    const forbid = await withPolicy({
      inbound: '<base /><ip-filter action="forbid"><address>127.0.0.1</address></ip-filter>',
    });
    expect(forbid.status).toBe(403);
    const notListed = await withPolicy({
      inbound: '<base /><ip-filter action="allow"><address>::1</address></ip-filter>',
    });
    expect([notListed.status, await notListed.json()]).toEqual([
      403,
      { statusCode: 403, message: 'Forbidden' },
    ]);
  });

  test('rate-limit-by-key counts in a sliding window', async () => {
    const inbound =
      '<base /><rate-limit-by-key calls="2" renewal-period="60" counter-key="@(context.Request.Headers.GetValueOrDefault("X-K", ""))" />';
    await withPolicy({ inbound }, '/a/x', { headers: { 'x-k': '1' } });
    cloud.clock.advance(30_000);
    expect((await cloud.call('/a/x', { headers: { 'x-k': '1' } })).status).toBe(200);
    const third = await cloud.call('/a/x', { headers: { 'x-k': '1' } });
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await cloud.call('/a/x', { headers: { 'x-k': '2' } })).status).toBe(200);
    cloud.clock.advance(31_000);
    expect((await cloud.call('/a/x', { headers: { 'x-k': '1' } })).status).toBe(200);
  });

  test('an expression that fails goes to on-error with its reason', async () => {
    const response = await withPolicy({
      inbound:
        '<base /><set-header name="X-A"><value>@((string)context.Variables["absent"])</value></set-header>',
      onError:
        '<base /><set-header name="X-Why"><value>@(context.LastError.Source + " " + context.LastError.Reason + " " + context.LastError.Section + " " + context.LastError.Scope)</value></set-header>',
    });
    expect([response.status, await response.json()]).toEqual([
      500,
      { statusCode: 500, message: 'Internal server error' },
    ]);
    expect(response.headers.get('x-why')).toBe('set-header ExpressionValueEvaluationFailure inbound api');
  });
});
