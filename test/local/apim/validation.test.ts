import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await cloud.namedValue('known', 'value');
  await cloud.namedValue('expression', '@(context.Request.Method)');
});

async function refusals(xml: string, format?: 'xml' | 'rawxml', to = cloud): Promise<string[]> {
  const { status, body } = await to.policy('/apis/a', xml, format);
  if (status < 300) return [];
  expect([status, body.error.code, body.error.message]).toEqual([
    400,
    'ValidationError',
    'One or more fields contain incorrect values:',
  ]);
  return body.error.details.map(({ message }: { message: string }) => message);
}

const at = (element: string, line: number, column: number, reason: string): string =>
  `Error in element '${element}' on line ${line}, column ${column}: ${reason}`;

describe('documents that are not well-formed', () => {
  test.each([
    ['mismatched tags', '<policies>\n  <inbound>\n  </outbound>\n</policies>', 'inbound', 3],
    ['an unclosed element', '<policies>\n  <inbound>\n', 'inbound', 3],
    ['a bare <', '<policies>\n  <inbound>a < b</inbound>\n</policies>', 'inbound', 2],
    ['an unknown entity', '<policies>\n  <inbound>&nope;</inbound></policies>', 'inbound', 2],
    ['a document type', '<!DOCTYPE policies [<!ENTITY a "b">]>\n<policies />', 'policies', 1],
    ['an attribute twice', '<policies>\n<inbound a="1" a="2"></inbound></policies>', 'inbound', 2],
    ['nothing', '', 'policies', 1],
    [
      'an unbalanced expression',
      '<policies>\n<inbound>\n<set-variable name="a" value="@(("x")" />\n</inbound></policies>',
      'set-variable',
      3,
    ],
    [
      'an unterminated string',
      '<policies>\n<inbound>\n<set-variable name="a" value="@("x)" />\n</inbound></policies>',
      'set-variable',
      3,
    ],
    ['our own placeholders', '<policies>\n\uE0000\uE001</policies>', 'policies', 2],
  ])('%s', async (_, xml, element, line) => {
    const [message, ...more] = await refusals(xml);
    expect(message).toMatch(new RegExp(`^Error in element '${element}' on line ${line}, column \\d+: `));
    expect(more).toEqual([]);
  });

  test('a document nested without end', async () => {
    const xml = `<policies><inbound>${'<choose>'.repeat(100)}${'</choose>'.repeat(100)}</inbound></policies>`;
    expect((await refusals(xml))[0]).toContain('nested too deeply');
  });

  test('a raw expression is not XML; an escaped one is, in format xml only', async () => {
    const raw = policies({ inbound: '<set-variable name="a" value="@(1 < 2 ? "x" : "y")" />' });
    const escaped = policies({
      inbound: '<set-variable name="a" value="@(1 &lt; 2 ? &quot;x&quot; : &quot;y&quot;)" />',
    });
    expect(await refusals(raw)).toEqual([]);
    expect(await refusals(raw, 'xml')).toHaveLength(1);
    expect(await refusals(escaped, 'xml')).toEqual([]);
    expect(await refusals(escaped)).toHaveLength(1);
  });

  test('brackets and quotes inside strings, characters and comments do not end an expression', async () => {
    const value = `@{ /* ) } " */ var a = ")}"; // }\n var b = '"'; var c = @"\\""}"; return $"{a + "}"} {b}{c}"; }`;
    expect(
      await refusals(
        policies({
          inbound: `<set-variable name="a" value="${value}" /><set-body>${value}</set-body><!-- @( not one -->`,
        }),
      ),
    ).toEqual([]);
  });
});

describe('structure', () => {
  test.each([
    ['another root', '<fragment />', [at('fragment', 1, 2, "the root element must be 'policies'")]],
    [
      'an unknown section',
      '<policies>\n  <between />\n</policies>',
      [at('between', 2, 4, "section 'between' is not known")],
    ],
    [
      'a section twice',
      '<policies><inbound /><inbound /></policies>',
      [at('inbound', 1, 23, "section 'inbound' may stand only once")],
    ],
    [
      'text in a section',
      '<policies><inbound>x</inbound></policies>',
      [at('inbound', 1, 12, 'text is not allowed here')],
    ],
    [
      'an unknown element',
      '<policies><inbound>\n<send-magic /></inbound></policies>',
      [at('send-magic', 2, 2, "policy 'send-magic' is not known to this gateway")],
    ],
    [
      'an element of Azure that is not imitated',
      '<policies><inbound>\n<send-request mode="new" /></inbound></policies>',
      [at('send-request', 2, 2, "policy 'send-request' is not known to this gateway")],
    ],
    [
      'a wrong section',
      '<policies><outbound>\n<cors /></outbound></policies>',
      [at('cors', 2, 2, "policy 'cors' is not allowed in the section 'outbound'")],
    ],
    [
      'two policies in backend',
      '<policies><backend><base />\n<base /></backend></policies>',
      [
        at('base', 2, 2, "only one policy is allowed in the section 'backend'"),
        at('base', 2, 2, "policy 'base' may stand only once in a section"),
      ],
    ],
    [
      'base inside choose',
      '<policies><inbound><choose><when condition="true">\n<base /></when></choose></inbound></policies>',
      [at('base', 2, 2, "policy 'base' must stand directly below its section")],
    ],
    [
      'when without condition',
      '<policies><inbound><choose>\n<when /></choose></inbound></policies>',
      [at('when', 2, 2, "attribute 'condition' is required")],
    ],
    [
      'otherwise first',
      '<policies><inbound><choose><otherwise />\n<when condition="true" /></choose></inbound></policies>',
      [at('when', 2, 2, "element 'when' must come before 'otherwise'")],
    ],
    [
      'choose without when',
      '<policies><inbound>\n<choose /></inbound></policies>',
      [at('choose', 2, 2, "element 'when' is required inside 'choose'")],
    ],
    [
      'an attribute on a section',
      '<policies>\n<inbound a="b" /></policies>',
      [at('inbound', 2, 2, 'attributes are not allowed here')],
    ],
  ])('%s', async (_, xml, expected) => {
    expect(await refusals(xml)).toEqual(expected);
  });
});

const CORS = '<allowed-origins><origin>*</origin></allowed-origins>';

describe('elements', () => {
  test.each([
    ['<set-header name="A" foo="1"><value>1</value></set-header>', "attribute 'foo' is not known"],
    ['<set-header><value>1</value></set-header>', "attribute 'name' is required"],
    ['<set-header name=""><value>1</value></set-header>', "attribute 'name' must not be empty"],
    ['<set-header name="A" />', "element 'value' is required inside 'set-header'"],
    [
      '<set-header name="A" exists-action="replace"><value>1</value></set-header>',
      "attribute 'exists-action' must be one of override, skip, append, delete",
    ],
    [
      '<set-header name="Content-Length"><value>1</value></set-header>',
      "header 'Content-Length' cannot be changed",
    ],
    ['<set-header name="A B"><value>1</value></set-header>', "'A B' is not a header name"],
    ['<set-header name="A"><value x="1">1</value></set-header>', "attribute 'x' is not known"],
    ['<set-header name="A"><value>{{unknown}}</value></set-header>', "cannot find a property 'unknown'"],
    ['<set-query-parameter name="A" />', "element 'value' is required inside 'set-query-parameter'"],
    ['<set-variable name="a" />', "attribute 'value' is required"],
    [
      '<set-variable name="a" value="@(nothing)" />',
      "the name 'nothing' does not exist or is not allowed in expressions",
    ],
    ['<set-method />', "'set-method' must not be empty"],
    ['<set-method>GET<value /></set-method>', "elements are not allowed inside 'set-method'"],
    ['<set-status code="abc" />', "attribute 'code' must be an integer"],
    ['<set-body template="liquid">b</set-body>', 'liquid templates are not supported by this gateway'],
    ['<return-response response-variable-name="r" />', "attribute 'response-variable-name' is not known"],
    [
      '<return-response><set-body>a</set-body><set-status code="200" /></return-response>',
      "element 'set-status' must come before 'set-body'",
    ],
    [
      '<return-response><set-status code="200" /><set-status code="201" /></return-response>',
      "element 'set-status' may stand only once inside 'return-response'",
    ],
    ['<rewrite-uri />', "attribute 'template' is required"],
    [
      '<rewrite-uri template="/a" copy-unmatched-params="perhaps" />',
      "attribute 'copy-unmatched-params' must be true or false",
    ],
    ['<set-backend-service />', "exactly one of 'base-url' and 'backend-id' is required"],
    ['<set-backend-service backend-id="nobody" />', "backend with id 'nobody' could not be found"],
    ['<set-backend-service base-url="/relative" />', "attribute 'base-url' must be an absolute URL"],
    ['<include-fragment fragment-id="nobody" />', "policy fragment 'nobody' could not be found"],
    ['<include-fragment fragment-id="@(1)" />', "attribute 'fragment-id' does not allow expressions"],
    [
      '<check-header name="A" failed-check-httpcode="400" failed-check-error-message="m" />',
      "attribute 'ignore-case' is required",
    ],
    ['<ip-filter action="allow" />', "element 'address' or 'address-range' is required inside 'ip-filter'"],
    [
      '<ip-filter action="allow"><address>10.0.0.300</address></ip-filter>',
      "'10.0.0.300' is not an IP address",
    ],
    [
      '<ip-filter action="allow"><address-range from="10.0.0.9" to="10.0.0.1" /></ip-filter>',
      "'10.0.0.9-10.0.0.1' is not an IP address",
    ],
    ['<authentication-managed-identity />', "attribute 'resource' is required"],
    ['<authentication-managed-identity resource="r" client-id="c" />', "attribute 'client-id' is not known"],
    [
      '<rate-limit-by-key calls="1" renewal-period="301" counter-key="k" />',
      "attribute 'renewal-period' must not exceed 300",
    ],
    ['<find-and-replace to="a" />', "attribute 'from' is required"],
    ['<trace />', "attribute 'source' is required"],
    ['<cors />', "element 'allowed-origins' is required inside 'cors'"],
    ['<cors><allowed-origins /></cors>', "element 'origin' is required inside 'allowed-origins'"],
    [
      `<cors allow-credentials="true">${CORS}</cors>`,
      "credentials cannot be allowed together with the origin '*'",
    ],
    [`<cors>${CORS}</cors><cors>${CORS}</cors>`, "policy 'cors' may stand only once in a section"],
    [
      `<choose><when condition="true"><cors>${CORS}</cors></when></choose>`,
      "policy 'cors' must stand directly below its section",
    ],
    [`<cors>${CORS}<allowed-methods><method /></allowed-methods></cors>`, "'method' must not be empty"],
    [
      '<validate-jwt><openid-config url="https://a" /></validate-jwt>',
      "exactly one of 'header-name', 'query-parameter-name' and 'token-value' is required",
    ],
    [
      '<validate-jwt header-name="A" />',
      "'openid-config' or 'issuer-signing-keys' is required inside 'validate-jwt'",
    ],
    [
      '<validate-jwt header-name="A"><openid-config url="metadata" /></validate-jwt>',
      "attribute 'url' must be an absolute URL",
    ],
    [
      '<validate-jwt header-name="A"><issuers><issuer>i</issuer></issuers><openid-config url="https://a" /></validate-jwt>',
      "element 'openid-config' must come before 'issuers'",
    ],
    [
      '<validate-jwt header-name="A" require-signed-tokens="false"><openid-config url="https://a" /></validate-jwt>',
      "attribute 'require-signed-tokens' must be one of true",
    ],
    [
      '<validate-jwt header-name="A"><issuer-signing-keys><key>c2hvcnQ=</key></issuer-signing-keys></validate-jwt>',
      'the key must be base64 of at least 16 bytes',
    ],
    [
      '<validate-jwt header-name="A"><openid-config url="https://a" /><decryption-keys /></validate-jwt>',
      "element 'decryption-keys' is not allowed inside 'validate-jwt'",
    ],
    [
      '<validate-jwt header-name="A"><openid-config url="https://a" /><required-claims><claim name="a" match="some" /></required-claims></validate-jwt>',
      "attribute 'match' must be one of all, any",
    ],
    ['<validate-azure-ad-token tenant-id="common" />', "attribute 'tenant-id' must name one tenant"],
    ['<validate-azure-ad-token />', "attribute 'tenant-id' is required"],
    ['<forward-request />', "policy 'forward-request' is not allowed in the section 'inbound'"],
  ])('%s', async (xml, reason) => {
    const messages = await refusals(policies({ inbound: `\n${xml}` }));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/^Error in element '[\w-]+' on line 3, column \d+: /);
    expect(messages[0]?.endsWith(reason)).toBe(true);
  });

  test.each([
    ['<forward-request timeout="x" />', "attribute 'timeout' must be an integer"],
    ['<forward-request timeout="1" timeout-ms="1" />', "only one of 'timeout' and 'timeout-ms' is allowed"],
    ['<forward-request follow-redirects="true" />', "attribute 'follow-redirects' must be one of false"],
  ])('%s', async (backend, reason) => {
    expect((await refusals(policies({ backend })))[0]).toContain(reason);
  });

  test('all mistakes are told, in the order of their lines', async () => {
    const xml = policies({ inbound: '\n<base />\n<nope />\n<set-method />', outbound: '\n<nope />' });
    expect((await refusals(xml)).map((message) => /line (\d+)/.exec(message)?.[1])).toEqual(['4', '5', '8']);
  });

  test('an expression’s mistake is found at its own line and column, behind other expressions', async () => {
    const xml = `<policies>
  <inbound>
    <set-variable name="a" value="@("<x>" + "y")" /><set-body>@{
      var a = "1";
      return a.Nope;
    }</set-body>
  </inbound>
</policies>`;
    expect(await refusals(xml)).toEqual([
      at('set-body', 5, 16, "'string' has no member 'Nope' that is allowed in expressions"),
    ]);
  });

  test('on-error has fewer policies', async () => {
    for (const name of [
      'cors',
      'validate-jwt',
      'rewrite-uri',
      'set-backend-service',
      'ip-filter',
      'check-header',
      'set-query-parameter',
      'set-body',
    ]) {
      expect((await refusals(policies({ onError: `<${name} />` })))[0]).toContain(
        "is not allowed in the section 'on-error'",
      );
    }
  });
});

describe('named values', () => {
  test('stand for text anywhere, also for whole expressions', async () => {
    const inbound = `<base /><set-header name="X-{{known}}"><value>@("{{known}}" + "!")</value></set-header><set-header name="X-E"><value>{{expression}}</value></set-header>`;
    expect(await refusals(policies({ inbound }))).toEqual([]);
    await cloud.call('/a/x');
    expect(cloud.received.at(-1)?.headers.get('x-value')).toBe('value!');
    expect(cloud.received.at(-1)?.headers.get('x-e')).toBe('GET');
    const used = await cloud.arm('DELETE', `${SERVICE}/namedValues/known`);
    expect([used.status, used.body.error.code]).toEqual([400, 'ValidationError']);
    await cloud.namedValue('known', 'other');
    await cloud.call('/a/x');
    expect(cloud.received.at(-1)?.headers.get('x-other')).toBe('other!');
    await cloud.arm('DELETE', `${SERVICE}/apis/a/policies/policy`);
    expect((await cloud.arm('DELETE', `${SERVICE}/namedValues/known`)).status).toBe(200);
  });

  test('cannot add elements', async () => {
    await cloud.namedValue('evil', '"/><set-method>PUT</set-method><x a="');
    expect(
      await refusals(
        policies({ inbound: '<base /><set-header name="X-N"><value>{{evil}}</value></set-header>' }),
      ),
    ).toEqual([]);
    await cloud.call('/a/x');
    expect(cloud.received.at(-1)).toMatchObject({ method: 'GET' });
    expect(cloud.received.at(-1)?.headers.get('x-n')).toContain('<set-method>');
  });
});

describe('the Consumption SKU', () => {
  test('refuses rate limits by key and documents over 16 KiB', async () => {
    const consumption = await apimCloud('Consumption');
    const limited = policies({
      inbound: '<rate-limit-by-key calls="1" renewal-period="1" counter-key="k" />',
    });
    expect(await refusals(limited, 'rawxml', consumption)).toEqual([
      expect.stringContaining("policy 'rate-limit-by-key' is not allowed in the Consumption SKU"),
    ]);
    const big = policies({ inbound: `<!-- ${'x'.repeat(17 * 1024)} --><base />` });
    expect(await refusals(big, 'rawxml', consumption)).toEqual([
      expect.stringContaining('larger than the 16 KiB'),
    ]);
    expect(await refusals(big)).toEqual([]);
    const huge = policies({ inbound: `<!-- ${'x'.repeat(257 * 1024)} --><base />` });
    expect(await refusals(huge)).toEqual([expect.stringContaining('larger than the 256 KiB')]);
  });
});

test('links and other formats are refused aloud', async () => {
  const link = await cloud.arm('PUT', `${SERVICE}/apis/a/policies/policy`, {
    properties: { format: 'rawxml-link', value: 'https://x' },
  });
  expect([link.status, link.body.error.code]).toEqual([501, 'NotImplemented']);
  const name = await cloud.arm('PUT', `${SERVICE}/apis/a/policies/other`, {
    properties: { format: 'rawxml', value: policies({}) },
  });
  expect(name.status).toBe(400);
});
