import { beforeAll, expect, test } from 'vitest';
import { APIS, POLICY_FRAGMENTS, readPolicy } from '../../src/templates/index.ts';
import { type ApimCloud, api, apimCloud, policies, SERVICE } from '../local/apim/apim-cloud.ts';

/** What a front in a trusted place says about its client: never to be believed from the client itself. */
const TRUSTED_ONLY = [
  'x-functions-key',
  'x-functions-clientid',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-host',
  'x-original-url',
  'x-rewrite-url',
  'x-http-method-override',
  'x-client-ip',
  'client-ip',
  'x-real-ip',
  'x-azure-clientip',
  'x-arr-clientcert',
  'x-arr-ssl',
  'x-waws-unencoded-url',
  'disguised-host',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-idp',
  'x-ms-client-principal-name',
  'x-ms-token-aad-access-token',
  'x-ms-token-aad-id-token',
];

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await cloud.namedValue('functions-key', 'host-key');
  await cloud.namedValue('function-base-url', 'https://app1.azurewebsites.net/api');
  for (const { id, policy } of POLICY_FRAGMENTS) {
    const properties = { format: 'rawxml', value: await readPolicy(policy) };
    await cloud.arm('PUT', `${SERVICE}/policyFragments/${id}`, { properties });
  }
  await cloud.policy(
    '/apis/a',
    policies({ inbound: '<base /><include-fragment fragment-id="forward-to-function" />' }),
  );
});

test.each(TRUSTED_ONLY)('a client cannot say %s', async (name) => {
  const response = await cloud.call('/a/x', { headers: { [name]: 'forged' } });
  expect(response.status).toBe(200);
  const sent = cloud.received.at(-1)!.headers;
  expect([...sent].filter(([, value]) => value.includes('forged'))).toEqual([]);
  expect(sent.get('x-functions-key')).toBe('host-key');
});

test('the Function is told host with port, scheme and prefix as the client used them', async () => {
  await api(cloud, 'deep', { path: 'v1/deep' });
  await cloud.policy(
    '/apis/deep',
    policies({ inbound: '<base /><include-fragment fragment-id="forward-to-function" />' }),
  );
  await cloud.call('/v1/deep/x');
  const { url, headers } = cloud.received.at(-1)!;
  expect(url).toBe('https://app1.azurewebsites.net/api/v1/deep/x');
  expect(['host', 'proto', 'prefix'].map((name) => headers.get(`x-forwarded-${name}`))).toEqual([
    'apim-1.azure-api.net',
    'https',
    '/v1/deep',
  ]);
});

test('operations that need no token are few, and only those that are read by everyone', () => {
  const open = APIS.find(({ id }) => id === 'smart-fhir')?.operations.filter(({ id }) =>
    id.startsWith('public-'),
  );
  expect(open?.map(({ method, urlTemplate }) => `${method} ${urlTemplate}`).sort()).toEqual([
    'GET /.well-known/smart-configuration',
    'GET /metadata',
    'GET /smart-style.json',
    'HEAD /.well-known/smart-configuration',
    'HEAD /metadata',
    'HEAD /smart-style.json',
  ]);
  expect(open?.every(({ policy }) => policy === 'public-document.xml')).toBe(true);
});
