import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});

const shown = async (format: string): Promise<string> =>
  (await cloud.arm('GET', `${SERVICE}/apis/a/policies/policy?format=${format}`)).body.properties.value;

async function saved(inbound: string, format: 'rawxml' | 'xml' = 'rawxml'): Promise<void> {
  const answer = await cloud.policy('/apis/a', policies({ inbound }), format);
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
}

describe('a policy as it comes back', () => {
  test.each([
    ['<base />', '<base />'],
    ['<base></base>', '<base />'],
    ["<set-variable name='a' value='b' />", '<set-variable name="a" value="b" />'],
    [
      '<set-variable name="a" value="&lt;&amp;&quot;" />',
      '<set-variable name="a" value="&lt;&amp;&quot;" />',
    ],
    ['<set-body>a &lt; b &amp; c</set-body>', '<set-body>a &lt; b &amp; c</set-body>'],
    ['<set-body><![CDATA[{"a":"<b>"}]]></set-body>', '<set-body>{"a":"&lt;b&gt;"}</set-body>'],
    ['<set-body>@("<" + \'>\')</set-body>', '<set-body>@("<" + \'>\')</set-body>'],
    ['<set-method>PUT<!-- why --></set-method>', '<set-method>PUT<!-- why --></set-method>'],
    ['<set-method>@("PUT")<!-- why --></set-method>', '<set-method>@("PUT")<!-- why --></set-method>'],
    ['<!-- @( not one --><base />', '<!-- @( not one -->\r\n\t\t<base />'],
    ['<set-variable name="a" value="@("x" + "<")" />', '<set-variable name="a" value="@("x" + "<")" />'],
  ])('%s', async (written, printed) => {
    await saved(written);
    expect(await shown('rawxml')).toContain(`<inbound>\r\n\t\t${printed}\r\n\t</inbound>`);
  });

  test('in each format it can be saved again, and means the same', async () => {
    const written = `<base /><!-- c --><set-body>@{ // "why" <
      var a = 1 < 2 && true ? "<&\\"" : $"{'x'}";
      return a; }</set-body><set-header name="X"><value>@("a" + '"')</value></set-header>`;
    const first = async (method: string): Promise<unknown[]> => {
      await cloud.call('/a/x', { method });
      const { body, headers } = cloud.received.at(-1)!;
      return [body, headers.get('x')];
    };
    await saved(written);
    expect(await first('POST')).toEqual(['<&"', 'a"']);
    for (const format of ['xml', 'rawxml'] as const) {
      const value = await shown(format);
      expect((await cloud.policy('/apis/a', value, format)).status).toBe(200);
      expect(await shown(format)).toBe(value);
      expect(await first('POST')).toEqual(['<&"', 'a"']);
    }
  });
});

describe('cors without lists', () => {
  const origin = 'https://app.example.org';
  const preflight = (method: string, headers?: string): Promise<Response> =>
    cloud.call('/a/x', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
      },
    });

  test('GET and POST are allowed, and the headers every browser may send', async () => {
    await saved(`<cors><allowed-origins><origin>${origin}/</origin></allowed-origins></cors><base />`);
    for (const method of ['GET', 'POST']) {
      const response = await preflight(method, 'Accept, content-type');
      expect(response.headers.get('access-control-allow-methods')).toBe(method);
      expect(response.headers.get('access-control-allow-headers')).toBe('Accept,content-type');
      expect(response.headers.get('access-control-max-age')).toBeNull();
    }
    expect((await preflight('GET', 'x-a')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight('PUT')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('origins and switches by expression', async () => {
    await saved(
      `<cors allow-credentials="@(true)" terminate-unmatched-request="@(1 == 2)"><allowed-origins><origin>@("https://" + "app.example.org")</origin></allowed-origins><expose-headers><header>X-E</header></expose-headers></cors><base />`,
    );
    const response = await cloud.call('/a/x', { headers: { origin } });
    expect([
      response.headers.get('access-control-allow-origin'),
      response.headers.get('access-control-allow-credentials'),
      response.headers.get('access-control-expose-headers'),
    ]).toEqual([origin, 'true', 'X-E']);
    const before = cloud.received.length;
    const other = await cloud.call('/a/x', { headers: { origin: 'https://other.example' } });
    expect([other.headers.get('access-control-allow-origin'), cloud.received.length]).toEqual([
      null,
      before + 1,
    ]);
  });
});
