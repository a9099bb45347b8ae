import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, policies, SERVICE } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await cloud.arm('PUT', `${SERVICE}/policyFragments/f`, {
    properties: { format: 'rawxml', value: '<fragment />' },
  });
});

const SECTIONS = ['inbound', 'backend', 'outbound', 'on-error'] as const;
type SectionName = (typeof SECTIONS)[number];

/** Each policy as short as it may be, and the sections that Microsoft's policy reference lists for it. */
const REFERENCE: readonly [xml: string, sections: readonly SectionName[]][] = [
  ['<authentication-managed-identity resource="r" />', ['inbound']],
  ['<base />', SECTIONS],
  [
    '<check-header name="A" failed-check-httpcode="400" failed-check-error-message="m" ignore-case="true" />',
    ['inbound'],
  ],
  ['<choose><when condition="true"></when></choose>', SECTIONS],
  ['<cors><allowed-origins><origin>*</origin></allowed-origins></cors>', ['inbound']],
  ['<find-and-replace from="a" to="b" />', SECTIONS],
  ['<forward-request />', ['backend']],
  ['<include-fragment fragment-id="f" />', SECTIONS],
  ['<ip-filter action="allow"><address>10.0.0.1</address></ip-filter>', ['inbound']],
  ['<rate-limit-by-key calls="1" renewal-period="300" counter-key="k" />', ['inbound']],
  ['<return-response />', SECTIONS],
  ['<rewrite-uri template="/a" />', ['inbound']],
  ['<set-backend-service base-url="https://b.example" />', ['inbound', 'backend']],
  ['<set-body>a</set-body>', ['inbound', 'backend', 'outbound']],
  ['<set-header name="A"><value>1</value></set-header>', SECTIONS],
  ['<set-method>GET</set-method>', ['inbound', 'on-error']],
  ['<set-query-parameter name="a"><value>1</value></set-query-parameter>', ['inbound', 'backend']],
  ['<set-status code="200" reason="OK" />', SECTIONS],
  ['<set-variable name="a" value="b" />', SECTIONS],
  ['<trace source="s"><message>m</message></trace>', SECTIONS],
  ['<validate-azure-ad-token tenant-id="t.example" />', ['inbound']],
  ['<validate-jwt header-name="A"><openid-config url="https://a.example" /></validate-jwt>', ['inbound']],
];
const nameOf = (xml: string): string => /^<([\w-]+)/.exec(xml)?.[1] ?? '';
const CASES = REFERENCE.map(([xml, sections]) => [nameOf(xml), xml, sections] as const);

async function refusals(section: SectionName, xml: string): Promise<string[]> {
  const name = section === 'on-error' ? 'onError' : section;
  const { status, body } = await cloud.policy('/apis/a', policies({ [name]: xml }));
  if (status < 300) return [];
  return body.error.details.map(({ message }: { message: string }) => message.replace(/^.*?: /, ''));
}

describe('where a policy may stand', () => {
  test.each(CASES)('%s', async (name, xml, allowed) => {
    for (const section of SECTIONS) {
      expect([section, await refusals(section, xml)]).toEqual([
        section,
        allowed.includes(section) ? [] : [`policy '${name}' is not allowed in the section '${section}'`],
      ]);
    }
  });
});

describe('what no policy may have', () => {
  test.each(CASES)('%s', async (name, xml, [section]) => {
    const withAttribute = xml.replace(`<${name}`, `<${name} surprise="1"`);
    expect(await refusals(section as SectionName, withAttribute)).toContain(
      "attribute 'surprise' is not known",
    );
    const withChild = xml.endsWith(`</${name}>`)
      ? xml.replace(`</${name}>`, `<surprise /></${name}>`)
      : xml.replace(' />', `><surprise /></${name}>`);
    const [reason] = await refusals(section as SectionName, withChild);
    expect(reason).toMatch(
      /^(?:element 'surprise' is not allowed inside|elements are not allowed inside|policy 'surprise' is not known)/,
    );
  });
});

describe('required attributes, one missing at a time', () => {
  const required = CASES.flatMap(([name, xml, [section]]) => {
    const head = /^<[\w-]+([^>]*?)\/?>/.exec(xml)?.[1] ?? '';
    return [...head.matchAll(/ ([\w-]+)="[^"]*"/g)].map(
      ([text, attribute]) => [name, attribute ?? '', xml.replace(text, ''), section] as const,
    );
  });
  const OPTIONAL = new Set(['to', 'reason', 'base-url', 'header-name']);
  test.each(required.filter(([, attribute]) => !OPTIONAL.has(attribute)))(
    '%s without %s',
    async (_, attribute, xml, section) => {
      expect(await refusals(section as SectionName, xml)).toEqual([`attribute '${attribute}' is required`]);
    },
  );
});

describe('switches and numbers', () => {
  const refused = (attribute: string, what: string): string => `attribute '${attribute}' must be ${what}`;
  test.each([
    [
      'backend',
      '<forward-request buffer-request-body="yes" />',
      refused('buffer-request-body', 'true or false'),
    ],
    ['backend', '<forward-request buffer-response="" />', refused('buffer-response', 'true or false')],
    [
      'backend',
      '<forward-request fail-on-error-status-code="1" />',
      refused('fail-on-error-status-code', 'true or false'),
    ],
    ['backend', '<forward-request http-version="3" />', refused('http-version', 'one of 1, 2, 2or1')],
    ['backend', '<forward-request timeout="-1" />', refused('timeout', 'an integer')],
    ['backend', '<forward-request timeout-ms="1.5" />', refused('timeout-ms', 'an integer')],
    [
      'inbound',
      '<ip-filter action="deny"><address>10.0.0.1</address></ip-filter>',
      refused('action', 'one of allow, forbid'),
    ],
    [
      'inbound',
      '<trace source="s" severity="warning" />',
      refused('severity', 'one of verbose, information, error'),
    ],
    ['inbound', '<set-body template="handlebars">a</set-body>', refused('template', 'one of none, liquid')],
    [
      'inbound',
      '<rate-limit-by-key calls="x" renewal-period="1" counter-key="k" />',
      refused('calls', 'an integer'),
    ],
    ['inbound', '<set-status code="2e2" reason="r" />', refused('code', 'an integer')],
    [
      'inbound',
      '<validate-jwt header-name="A" clock-skew="1m"><openid-config url="https://a.example" /></validate-jwt>',
      refused('clock-skew', 'an integer'),
    ],
    [
      'inbound',
      '<validate-jwt header-name="A" require-expiration-time="no"><openid-config url="https://a.example" /></validate-jwt>',
      refused('require-expiration-time', 'true or false'),
    ],
    [
      'inbound',
      '<validate-jwt header-name="@("A")"><openid-config url="https://a.example" /></validate-jwt>',
      "attribute 'header-name' does not allow expressions",
    ],
    [
      'inbound',
      '<validate-jwt header-name="A" query-parameter-name="b"><openid-config url="https://a.example" /></validate-jwt>',
      "exactly one of 'header-name', 'query-parameter-name' and 'token-value' is required",
    ],
    [
      'inbound',
      '<validate-azure-ad-token tenant-id="organizations" />',
      "attribute 'tenant-id' must name one tenant",
    ],
    ['inbound', '<validate-azure-ad-token tenant-id="a/b" />', "attribute 'tenant-id' must name one tenant"],
    [
      'inbound',
      '<ip-filter action="allow"><address-range from="10.0.0.1" to="::1" /></ip-filter>',
      "'10.0.0.1-::1' is not an IP address",
    ],
    [
      'inbound',
      '<set-query-parameter name="a" exists-action="merge"><value>1</value></set-query-parameter>',
      refused('exists-action', 'one of override, skip, append, delete'),
    ],
  ] as const)('%s: %s', async (section, xml, reason) => {
    expect(await refusals(section, xml)).toEqual([reason]);
  });
});
