import { beforeEach, describe, expect, test } from 'vitest';
import { LOGIN_ORIGIN, TENANT_ID } from '../directory/test-fabric.ts';
import { aadsts, Browser, hiddenFields, redirected } from './browser.ts';
import {
  AUTHORIZE,
  authorizeUrl,
  CHALLENGE,
  grantToAll,
  makeTenant,
  NATIVE,
  PASSWORD,
  SPA,
  signInAndConsent,
  type Tenant,
  WEB,
} from './tenant.ts';

let tenant: Tenant;
beforeEach(async () => {
  tenant = await makeTenant();
});

const get = (changes: Record<string, string | undefined>) =>
  tenant.browser.get(authorizeUrl(tenant, changes));

describe('pages', () => {
  test("the sign-in page has Entra's field names, a strict policy and no cache", async () => {
    const page = await get({ login_hint: tenant.username });
    expect(page.status).toBe(200);
    expect(Object.keys(hiddenFields(page)).sort()).toEqual(['canary', 'ctx', 'flowToken']);
    expect(page.html).toContain(
      `name="loginfmt" id="i0116" autocomplete="username" value="${tenant.username}"`,
    );
    expect(page.html).toMatch(/name="passwd" id="i0118"/);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none';.*frame-ancestors 'none'/,
    );
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.getSetCookie().join()).toMatch(/esctx=.*HttpOnly.*SameSite=Lax/);
  });

  test('the consent page lists what is missing, escaped, and records a grant of this user', async () => {
    const signIn = await get({});
    const consent = await tenant.browser.submit(signIn, { loginfmt: tenant.username, passwd: PASSWORD });
    expect(consent.html).toContain('My &lt;app&gt;');
    const listed = [...consent.html.matchAll(/data-scope="([^"]+)"/g)].map(([, value]) => value);
    expect(listed).toEqual(['patient.Patient.rs', 'openid', 'profile', 'offline_access']);
    const answer = redirected(await tenant.browser.submit(consent, { acceptConsent: 'true' }));
    expect(answer.get('state')).toBe('s1');
    expect(answer.get('code')).toMatch(/^1\./);
    expect(answer.get('session_state')).toMatch(/^[0-9a-f-]{36}$/);
    const grants = (await tenant.graph.api('/oauth2PermissionGrants').get()).value;
    expect(grants).toHaveLength(2);
    expect(grants).toContainEqual(
      expect.objectContaining({
        consentType: 'Principal',
        principalId: tenant.userId,
        resourceId: tenant.resource.principalId,
        scope: 'patient.Patient.rs',
      }),
    );
    expect(redirected(await get({})).get('code')).toMatch(/^1\./);
  });

  test('a declined consent is access_denied with AADSTS65004', async () => {
    const consent = await tenant.browser.submit(await get({}), {
      loginfmt: tenant.username,
      passwd: PASSWORD,
    });
    const answer = redirected(await tenant.browser.submit(consent, { acceptConsent: 'false' }));
    expect(answer.get('error')).toBe('access_denied');
    expect(answer.get('error_description')).toMatch(/^AADSTS65004/);
    expect(answer.get('error_subcode')).toBe('cancel');
    expect(answer.get('state')).toBe('s1');
  });

  test('a page can be posted once, by its own browser, with its own tokens', async () => {
    const page = await get({});
    const fields = { loginfmt: tenant.username, passwd: PASSWORD };
    const forged = await tenant.browser.submit(page, { ...fields, canary: 'x'.repeat(43) });
    expect([forged.status, aadsts(forged)]).toEqual([400, 'AADSTS165000']);
    const foreign = new Browser(tenant.cloud.fetch);
    expect(aadsts(await foreign.submit(page, fields))).toBe('AADSTS165000');
    await tenant.browser.submit(page, fields);
    expect(aadsts(await tenant.browser.submit(page, fields))).toBe('AADSTS165000');
    const late = await get({ prompt: 'login' });
    tenant.cloud.clock.advance(31 * 60_000);
    expect(aadsts(await tenant.browser.submit(late, fields))).toBe('AADSTS165000');
  });
});

describe('sign-in', () => {
  const submit = async (loginfmt: string, passwd: string) => {
    const page = await tenant.browser.submit(await get({ prompt: 'login' }), { loginfmt, passwd });
    return /data-code="(\d+)"/.exec(page.html)?.[1] ?? 'signed in';
  };

  test('wrong password, unknown, disabled and expired accounts are refused on the page', async () => {
    expect(await submit(tenant.username, 'wrong')).toBe('50126');
    expect(await submit('nobody@nowhere.example', 'wrong')).toBe('50034');
    await tenant.graph.api(`/users/${tenant.userId}`).patch({ accountEnabled: false });
    expect(await submit(tenant.username, PASSWORD)).toBe('50057');
    await tenant.graph.api(`/users/${tenant.userId}`).patch({
      accountEnabled: true,
      passwordProfile: { password: 'Another-horse-2', forceChangePasswordNextSignIn: true },
    });
    expect(await submit(tenant.username, 'Another-horse-2')).toBe('50055');
  });

  test('ten wrong passwords lock the account for a minute', async () => {
    for (let count = 0; count < 10; count += 1) expect(await submit(tenant.username, 'wrong')).toBe('50126');
    expect(await submit(tenant.username, PASSWORD)).toBe('50053');
    tenant.cloud.clock.advance(60_000);
    expect(await submit(tenant.username, PASSWORD)).toBe('signed in');
  });

  test('a session signs in silently, unless another user is meant, the prompt asks or the password changed', async () => {
    await signInAndConsent(tenant);
    expect(redirected(await get({ prompt: 'none' })).get('code')).not.toBeNull();
    expect((await get({ prompt: 'login' })).html).toContain('loginfmt');
    expect((await get({ prompt: 'select_account' })).html).toContain('loginfmt');
    expect((await get({ login_hint: 'other@x.example' })).html).toContain('loginfmt');
    expect((await get({ prompt: 'consent' })).html).toContain('idBtn_Accept');
    tenant.cloud.clock.advance(1000);
    await tenant.graph
      .api(`/users/${tenant.userId}`)
      .patch({ passwordProfile: { password: 'Another-horse-2', forceChangePasswordNextSignIn: false } });
    expect(aadsts(await get({ prompt: 'none' }))).toBe('AADSTS50058');
  });

  test('a client that requires assignment lets in assigned users only', async () => {
    const path = `/servicePrincipals/${tenant.client.principalId}`;
    await tenant.graph.api(path).patch({ appRoleAssignmentRequired: true });
    expect(aadsts(await signInAndConsent(tenant))).toBe('AADSTS50105');
    await tenant.graph.api(`${path}/appRoleAssignedTo`).post({
      principalId: tenant.userId,
      resourceId: tenant.client.principalId,
      appRoleId: '00000000-0000-0000-0000-000000000000',
    });
    expect(redirected(await signInAndConsent(tenant)).get('code')).not.toBeNull();
  });

  test('sign-out ends the session and returns only to a known address', async () => {
    await signInAndConsent(tenant);
    const logout = `${LOGIN_ORIGIN}/${TENANT_ID}/oauth2/v2.0/logout?post_logout_redirect_uri=`;
    const page = await tenant.browser.get(`${logout}${encodeURIComponent('https://evil.example/')}`);
    expect(page.headers.get('location')).toBeNull();
    expect(aadsts(await get({ prompt: 'none' }))).toBe('AADSTS50058');
    await signInAndConsent(tenant);
    const home = await tenant.browser.get(`${logout}${encodeURIComponent(WEB)}&state=x`);
    expect(home.headers.get('location')).toBe(`${WEB}?state=x`);
  });
});

describe('requests', () => {
  test('an unknown client or address is a page and never a redirect', async () => {
    const shown = async (changes: Record<string, string | undefined>) => {
      const page = await get(changes);
      expect(page.headers.get('location')).toBeNull();
      return aadsts(page);
    };
    expect(await shown({ client_id: TENANT_ID })).toBe('AADSTS700016');
    expect(await shown({ client_id: undefined })).toBe('AADSTS900144');
    expect(await shown({ redirect_uri: undefined })).toBe('AADSTS900971');
    expect(await shown({ redirect_uri: `${WEB}/` })).toBe('AADSTS50011');
    expect(await shown({ redirect_uri: WEB.toUpperCase() })).toBe('AADSTS50011');
    expect(await shown({ redirect_uri: `${WEB}?x=1` })).toBe('AADSTS50011');
    expect(await shown({ redirect_uri: `${WEB}#x` })).toBe('AADSTS50011');
    expect(await shown({ redirect_uri: 'javascript:alert(1)' })).toBe('AADSTS50011');
    expect(await shown({ state: 'x'.repeat(10_000) })).toBe('AADSTS90015');
    expect(aadsts(await tenant.browser.get(`${authorizeUrl(tenant)}&state=two`))).toBe('AADSTS9002313');
    await tenant.graph
      .api(`/servicePrincipals/${tenant.client.principalId}`)
      .patch({ accountEnabled: false });
    expect(await shown({})).toBe('AADSTS7000112');
  });

  test('an application without addresses has none to return to', async () => {
    const app = await tenant.graph.api('/applications').post({ displayName: 'bare' });
    await tenant.graph.api('/servicePrincipals').post({ appId: app.appId });
    expect(aadsts(await get({ client_id: app.appId }))).toBe('AADSTS500113');
  });

  test('on loopback the port does not count, the path does', async () => {
    expect((await get({ redirect_uri: 'http://localhost:1/cb' })).html).toContain('loginfmt');
    expect(aadsts(await get({ redirect_uri: 'http://localhost:1/other' }))).toBe('AADSTS50011');
    expect(aadsts(await get({ redirect_uri: 'http://127.0.0.1:8765/cb' }))).toBe('AADSTS50011');
    expect((await get({ redirect_uri: NATIVE })).html).toContain('loginfmt');
    expect((await get({ redirect_uri: 'https://spa.example' })).html).toContain('loginfmt');
  });

  test('everything else is told to the client, with its state', async () => {
    const told = async (changes: Record<string, string | undefined>) => {
      const page = await get(changes);
      expect(redirected(page).get('state')).toBe('s1');
      return `${redirected(page).get('error')} ${aadsts(page)}`;
    };
    expect(await told({ response_type: undefined })).toBe('invalid_request AADSTS900144');
    expect(await told({ response_type: 'id_token' })).toBe('unsupported_response_type AADSTS700054');
    expect(await told({ response_type: 'token' })).toBe('unsupported_response_type AADSTS70005');
    expect(await told({ response_mode: 'telepathy' })).toBe('invalid_request AADSTS70007');
    expect(await told({ prompt: 'maybe' })).toBe('invalid_request AADSTS90023');
    expect(await told({ resource: 'x' })).toBe('invalid_request AADSTS901002');
    expect(await told({ scope: undefined })).toBe('invalid_request AADSTS900144');
    expect(await told({ scope: 'openid fhirUser' })).toBe('invalid_client AADSTS650053');
    expect(await told({ scope: 'openid patient/Patient.rs' })).toBe('invalid_resource AADSTS500011');
    expect(await told({ scope: tenant.scope('nothing.rs') })).toBe('invalid_client AADSTS650053');
    const mixed = `${tenant.scope('.default')} ${tenant.scope('launch.patient')}`;
    expect(await told({ scope: mixed })).toBe('invalid_scope AADSTS70011');
    expect(await told({ code_challenge: 'short' })).toBe('invalid_request AADSTS501491');
    expect(await told({ code_challenge_method: 'S512' })).toBe('invalid_request AADSTS501491');
    expect(await told({ code_challenge: undefined })).toBe('invalid_request AADSTS501491');
    expect(await told({ prompt: 'none' })).toBe('login_required AADSTS50058');
    const spa = { redirect_uri: SPA, code_challenge: undefined, code_challenge_method: undefined };
    expect(await told(spa)).toBe('invalid_request AADSTS9002325');
  });

  test('a request may be posted; SMART parameters are ignored', async () => {
    const fields = Object.fromEntries(new URL(authorizeUrl(tenant, { aud: 'x', launch: 'y' })).searchParams);
    expect((await tenant.browser.post(AUTHORIZE, fields)).html).toContain('loginfmt');
  });

  test('answers go by query, fragment or form', async () => {
    await signInAndConsent(tenant);
    expect((await get({})).headers.get('location')).toMatch(
      /^https:\/\/gateway\.example\/auth\/callback\?code=/,
    );
    expect((await get({ response_mode: 'fragment' })).headers.get('location')).toMatch(/callback#code=/);
    const form = await get({ response_mode: 'form_post' });
    expect(form.html).toContain(`<form method="post" action="${WEB}">`);
    expect(hiddenFields(form)).toMatchObject({ state: 's1', code: expect.stringMatching(/^1\./) });
    const failed = await get({ response_mode: 'form_post', scope: 'nonsense' });
    expect(hiddenFields(failed)['error']).toBe('invalid_client');
  });
});

describe('consent', () => {
  test('permissions of type Admin cannot be agreed to by a user', async () => {
    const page = await signInAndConsent(tenant, { scope: `openid ${tenant.scope('admin.only')}` });
    expect(aadsts(page)).toBe('AADSTS90094');
  });

  test('a silent request without consent is consent_required', async () => {
    const consent = await tenant.browser.submit(await get({}), {
      loginfmt: tenant.username,
      passwd: PASSWORD,
    });
    expect(consent.html).toContain('idBtn_Accept');
    const answer = await get({ prompt: 'none' });
    expect([redirected(answer).get('error'), aadsts(answer)]).toEqual(['consent_required', 'AADSTS65001']);
  });

  test("an administrator's grants spare the page", async () => {
    const [msGraph] = (
      await tenant.graph.api('/servicePrincipals').filter("displayName eq 'Microsoft Graph'").get()
    ).value;
    await grantToAll(tenant, 'openid profile offline_access', msGraph.id);
    await grantToAll(tenant, 'patient.Patient.rs');
    const page = await tenant.browser.submit(await get({}), { loginfmt: tenant.username, passwd: PASSWORD });
    expect(redirected(page).get('code')).not.toBeNull();
  });

  test('.default asks for everything registered, and needs something registered', async () => {
    const consent = await tenant.browser.submit(await get({ scope: tenant.scope('.default') }), {
      loginfmt: tenant.username,
      passwd: PASSWORD,
    });
    const listed = [...consent.html.matchAll(/data-scope="([^"]+)"/g)].map(([, value]) => value);
    expect(listed).toEqual(['patient.Patient.rs', 'patient.Observation.rs', 'launch.patient']);
    const arm = await get({ scope: 'https://management.azure.com/.default' });
    expect([redirected(arm).get('error'), aadsts(arm)]).toEqual(['invalid_resource', 'AADSTS650057']);
  });

  test('the challenge must fit its method', async () => {
    expect((await get({ code_challenge: CHALLENGE, code_challenge_method: 'plain' })).html).toContain(
      'loginfmt',
    );
  });
});
