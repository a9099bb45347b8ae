import { beforeAll, describe, expect, test } from 'vitest';
import { LOGIN_ORIGIN, TENANT_ID } from '../directory/test-fabric.ts';
import { tokenRequest } from '../graph/graph-client.ts';
import { aadsts, Browser, hiddenFields, redirected } from './browser.ts';
import {
  authorizeUrl,
  claimsOf,
  codeFrom,
  makeTenant,
  PASSWORD,
  redeem,
  signInAndConsent,
  type Tenant,
  type TokenBody,
  WEB,
} from './tenant.ts';

const TOKEN = `/${TENANT_ID}/oauth2/v2.0/token`;
const LOGOUT = `/${TENANT_ID}/oauth2/v2.0/logout`;
const FORM = 'application/x-www-form-urlencoded';

let tenant: Tenant;

/** One tenant for the file: nothing here changes what another test relies on. */
beforeAll(async () => {
  tenant = await makeTenant();
});

function at(path: string, init: RequestInit = {}): Promise<Response> {
  return tenant.cloud.fetch(new Request(`${LOGIN_ORIGIN}${path}`, init));
}

/** The same tenant with a browser that has no cookies. */
function fresh(): Tenant {
  return { ...tenant, browser: new Browser(tenant.cloud.fetch) };
}

async function refused(response: Promise<Response>): Promise<string> {
  const { status, json } = await response.then(async (item) => ({
    status: item.status,
    json: await item.json(),
  }));
  return `${status} ${(json as TokenBody).error} ${(json as TokenBody).error_codes?.[0]}`;
}

describe('routes', () => {
  test.each([
    ['PUT', `/${TENANT_ID}/oauth2/v2.0/authorize`],
    ['GET', `/${TENANT_ID}/login`],
    ['GET', `/${TENANT_ID}/Consent/Set`],
    ['PUT', LOGOUT],
    ['POST', `/${TENANT_ID}/discovery/v2.0/keys`],
    ['POST', `/${TENANT_ID}/oauth2/token`],
    ['GET', `/${TENANT_ID}/oauth2/authorize`],
    ['POST', `/${TENANT_ID}/oauth2/v2.0/devicecode`],
    ['GET', '/'],
  ])('%s %s is not imitated, and the log says so', async (method, path) => {
    expect((await at(path, { method })).status).toBe(501);
    expect(tenant.cloud.logs.at(-1)).toMatchObject({ standIn: 'entra', level: 'error' });
    expect(tenant.cloud.logs.at(-1)?.text).toContain(`${method} ${path}`);
  });

  test('browsers may ask for an icon', async () => {
    expect((await at('/favicon.ico')).status).toBe(204);
  });

  test('discovery under common and organizations leads to this tenant', async () => {
    for (const name of ['common', 'organizations', TENANT_ID.toUpperCase()]) {
      const response = await at(`/${name}/v2.0/.well-known/openid-configuration`);
      expect(await response.json()).toMatchObject({ issuer: `${LOGIN_ORIGIN}/${TENANT_ID}/v2.0` });
    }
  });

  test.each([
    ['common', 'AADSTS50194'],
    ['organizations', 'AADSTS50194'],
    ['other.example', 'AADSTS90002'],
    ['99999999-0000-4000-8000-000000000000', 'AADSTS90002'],
  ])('nobody signs in at %s', async (name, code) => {
    const url = authorizeUrl(tenant).replace(TENANT_ID, name);
    const page = await fresh().browser.get(url);
    expect(page.headers.get('location')).toBeNull();
    expect(aadsts(page)).toBe(code);
    expect(aadsts(await fresh().browser.get(`${LOGIN_ORIGIN}/${name}/oauth2/v2.0/logout`))).toBe(code);
  });

  test('the verified domain names the tenant, too', async () => {
    const [domain] = (await tenant.graph.api('/domains').get()).value;
    const page = await fresh().browser.get(authorizeUrl(tenant).replace(TENANT_ID, domain.id));
    expect(page.html).toContain('name="loginfmt"');
  });

  test('a preflight without wishes gets the least', async () => {
    const { headers } = await at(TOKEN, { method: 'OPTIONS' });
    expect(headers.get('access-control-allow-headers')).toBe('content-type');
    expect(headers.get('access-control-allow-methods')).toBe('POST, OPTIONS');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('pages', () => {
  test('the tokens of a sign-in page agree to nothing', async () => {
    const { browser } = fresh();
    const page = await browser.get(authorizeUrl(tenant));
    const fields = { ...hiddenFields(page), acceptConsent: 'true' };
    const answer = await browser.post(`${LOGIN_ORIGIN}/${TENANT_ID}/Consent/Set`, fields);
    expect(redirected(answer).get('code')).toBeNull();
    expect(aadsts(answer)).toBe('AADSTS50058');
  });

  test.each(['ctx', 'flowToken', 'canary'])('a page without %s is not taken', async (name) => {
    const { browser } = fresh();
    const page = await browser.get(authorizeUrl(tenant));
    const { [name]: _, ...fields } = hiddenFields(page);
    const post = (more: Record<string, string>) =>
      browser.post(`${LOGIN_ORIGIN}/${TENANT_ID}/login`, { ...fields, ...more });
    expect(aadsts(await post({}))).toBe('AADSTS900144');
    expect(aadsts(await post({ [name]: 'forged' }))).toBe('AADSTS165000');
  });

  test('a page dies with its time', async () => {
    const later = await makeTenant();
    const page = await later.browser.get(authorizeUrl(later));
    later.cloud.clock.advance(24 * 3_600_000);
    const answer = await later.browser.submit(page, { loginfmt: later.username, passwd: PASSWORD });
    expect(aadsts(answer)).toBe('AADSTS165000');
  });

  test('an answer without a decision is none', async () => {
    const { browser, username } = fresh();
    const page = await browser.get(
      authorizeUrl(tenant, { scope: `openid ${tenant.scope('launch.patient')}` }),
    );
    const consent = await browser.submit(page, { loginfmt: username, passwd: PASSWORD });
    expect(consent.html).toContain('idBtn_Accept');
    expect(aadsts(await browser.submit(consent, {}))).toBe('AADSTS900144');
  });

  test.each(['/login', '/Consent/Set', '/oauth2/v2.0/authorize'])(
    '%s takes forms only, of a size',
    async (path) => {
      const post = async (body: string, type: string) => {
        const init = { method: 'POST', body, headers: { 'content-type': type } };
        const text = await (await at(`/${TENANT_ID}${path}`, init)).text();
        return /AADSTS\d+/.exec(text)?.[0];
      };
      expect(await post('{}', 'application/json')).toBe('AADSTS9002313');
      expect(await post('ctx=1&ctx=2', FORM)).toBe('AADSTS9002313');
      expect(await post(`ctx=${'x'.repeat(70_000)}`, FORM)).toBe('AADSTS9002313');
    },
  );
});

describe('sign-out', () => {
  const back = `post_logout_redirect_uri=${encodeURIComponent(WEB)}`;

  test('without a session stays here', async () => {
    const page = await fresh().browser.get(`${LOGIN_ORIGIN}${LOGOUT}?${back}`);
    expect([page.status, page.headers.get('location')]).toEqual([200, null]);
  });

  test('may be posted, and needs no address', async () => {
    const one = fresh();
    await signInAndConsent(one);
    const posted = await one.browser.post(`${LOGIN_ORIGIN}${LOGOUT}`, { post_logout_redirect_uri: WEB });
    expect(posted.headers.get('location')).toBe(WEB);
    const two = fresh();
    await signInAndConsent(two);
    const plain = await two.browser.get(`${LOGIN_ORIGIN}${LOGOUT}`);
    expect([plain.status, plain.headers.get('location')]).toEqual([200, null]);
    expect(aadsts(await two.browser.get(authorizeUrl(tenant, { prompt: 'none' })))).toBe('AADSTS50058');
  });

  test('an address given twice is refused', async () => {
    const page = await fresh().browser.get(`${LOGIN_ORIGIN}${LOGOUT}?${back}&${back}`);
    expect([page.headers.get('location'), aadsts(page)]).toEqual([null, 'AADSTS9002313']);
  });
});

describe('client credentials in the token request', () => {
  const ask = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    refused(
      tokenRequest(
        tenant.cloud.fetch,
        { grant_type: 'client_credentials', scope: tenant.scope('.default'), ...fields },
        headers,
      ),
    );
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  test.each([
    ['another scheme', { authorization: 'Bearer x' }],
    ['no Base64', { authorization: 'Basic !!' }],
    ['nothing', { authorization: 'Basic ' }],
    ['no colon', basic('client')],
    ['no client', basic(':secret')],
    ['a broken escape', basic('client:%zz')],
  ])('HTTP Basic with %s', async (_, headers) => {
    expect(await ask({}, headers)).toBe('400 invalid_request 9002313');
  });

  test('Basic and body name the same client', async () => {
    const headers = basic(`${tenant.client.appId}:${encodeURIComponent(tenant.client.secret)}`);
    expect(await ask({ client_id: TENANT_ID }, headers)).toBe('400 invalid_request 90023');
  });

  test('an assertion says what it is', async () => {
    const { appId } = tenant.client;
    const fields = { client_id: appId, client_assertion: 'x', client_assertion_type: 'saml' };
    expect(await ask(fields)).toMatch(/^4\d\d \w+ 7000216$/);
    expect(await ask({ client_id: appId, client_assertion: 'x' })).toMatch(/^4\d\d \w+ 7000216$/);
  });

  test.each(['code', 'redirect_uri'])('a code is not redeemed without %s', async (name) => {
    const body = await redeem(tenant, { code: 'x', [name]: undefined });
    expect(body.error_codes).toEqual([900144]);
  });

  test('a refresh needs its token', async () => {
    const body = await redeem(tenant, { grant_type: 'refresh_token' });
    expect(body.error_codes).toEqual([900144]);
  });
});

describe('mapped claims', () => {
  const RESTRICTED = [
    'aud',
    'iss',
    'sub',
    'oid',
    'tid',
    'exp',
    'nonce',
    'roles',
    'scp',
    'appid',
    'azp',
    'uti',
    'idtyp',
  ];
  const FIELDS = {
    department: 'Cardiology',
    displayname: 'Pat',
    givenname: 'Patricia',
    jobtitle: 'Nurse',
    mail: 'pat@home.example',
    mailnickname: 'pat',
    surname: 'Ient',
  };
  let mapped: Tenant;
  let claims: Record<string, unknown>;

  beforeAll(async () => {
    mapped = await makeTenant();
    await mapped.graph.api(`/users/${mapped.userId}`).patch({
      ...{ department: 'Cardiology', givenName: 'Patricia', jobTitle: 'Nurse' },
      ...{ mail: 'pat@home.example', surname: 'Ient', userType: 'Guest' },
    });
    const rules = [
      ...Object.keys(FIELDS).map((ID) => ({ Source: 'user', ID, JwtClaimType: `c_${ID}` })),
      ...['objectid', 'userprincipalname'].map((ID) => ({ Source: 'User', ID, JwtClaimType: `c_${ID}` })),
      ...RESTRICTED.map((name) => ({ Value: 'forged', JwtClaimType: name })),
      { Value: 'constant', JwtClaimType: 'c_constant' },
      { Source: 'user', ID: 'shoesize', JwtClaimType: 'c_unknown' },
      { Source: 'user', ID: 'mail', SamlClaimType: 'c_saml' },
    ];
    const policy = { Version: 1, IncludeBasicClaimSet: 'true', ClaimsSchema: rules };
    const { id } = await mapped.graph.api('/policies/claimsMappingPolicies').post({
      displayName: 'all',
      definition: [JSON.stringify({ ClaimsMappingPolicy: policy })],
    });
    await mapped.graph
      .api(`/servicePrincipals/${mapped.resource.principalId}/claimsMappingPolicies/$ref`)
      .post({ '@odata.id': `https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/${id}` });
    await mapped.graph.api(`/applications/${mapped.resource.id}`).patch({
      optionalClaims: { accessToken: [{ name: 'acct' }, { name: 'email' }], idToken: [] },
    });
    claims = claimsOf((await redeem(mapped, { code: await codeFrom(mapped) })).access_token);
  });

  test.each(Object.entries(FIELDS))('%s is %s', (field, expected) => {
    expect(claims[`c_${field}`]).toBe(expected);
  });

  test('ids, constants and what there is not', () => {
    expect(claims).toMatchObject({
      c_objectid: mapped.userId,
      c_userprincipalname: mapped.username,
      c_constant: 'constant',
    });
    expect(claims).not.toHaveProperty('c_unknown');
    expect(JSON.stringify(claims)).not.toContain('c_saml');
  });

  test.each(RESTRICTED)('%s is not for a policy to say', (name) => {
    expect(claims[name]).not.toBe('forged');
  });

  test('a guest is told as one', () => {
    expect(claims).toMatchObject({ acct: 1, email: 'pat@home.example' });
  });
});
