import { beforeEach, describe, expect, test } from 'vitest';
import { publicKeys } from '../../../src/local/entra/signing-keys.ts';
import { LOGIN_ORIGIN, TENANT_ID } from '../directory/test-fabric.ts';
import { tokenRequest } from '../graph/graph-client.ts';
import {
  claimsOf,
  codeFrom,
  grantToAll,
  makeTenant,
  NATIVE,
  PASSWORD,
  redeem,
  SPA,
  type Tenant,
  type TokenBody,
  WEB,
} from './tenant.ts';

const DAY = 86_400_000;

let tenant: Tenant;
beforeEach(async () => {
  tenant = await makeTenant();
});

function refusal(body: TokenBody): string {
  return `${body.error} ${body.error_codes?.[0]}`;
}

describe('authorization code', () => {
  test('gives a v2 access token, an id_token with the nonce and a refresh token', async () => {
    const body = await redeem(tenant, { code: await codeFrom(tenant), client_info: '1' });
    expect(body).toMatchObject({ token_type: 'Bearer', scope: tenant.scope('patient.Patient.rs') });
    expect(body.expires_in).toBeGreaterThanOrEqual(3600);
    expect(body.expires_in).toBeLessThan(5400);
    const access = claimsOf(body.access_token);
    expect(access).toMatchObject({
      aud: tenant.resource.appId,
      iss: `${LOGIN_ORIGIN}/${TENANT_ID}/v2.0`,
      azp: tenant.client.appId,
      azpacr: '1',
      oid: tenant.userId,
      tid: TENANT_ID,
      scp: 'patient.Patient.rs',
      preferred_username: tenant.username,
      ver: '2.0',
    });
    expect(String(access['uti']).length).toBeGreaterThan(20);
    const id = claimsOf(body.id_token);
    expect(id).toMatchObject({
      aud: tenant.client.appId,
      nonce: 'n1',
      name: 'Pat',
      oid: tenant.userId,
      ver: '2.0',
    });
    expect(id['sub']).not.toBe(access['sub']);
    expect(JSON.parse(atob(body.client_info!))).toEqual({ uid: tenant.userId, utid: TENANT_ID });
  });

  test('scp is everything ever consented to, not what this request asked', async () => {
    await codeFrom(tenant, { scope: `openid ${tenant.scope('patient.Observation.rs')}` });
    await grantToAll(tenant, ' launch.patient unknown.permission');
    const body = await redeem(tenant, { code: await codeFrom(tenant) });
    expect(claimsOf(body.access_token)['scp']).toBe(
      'patient.Patient.rs patient.Observation.rs launch.patient',
    );
  });

  test('without openid there is no id_token, without offline_access no refresh token', async () => {
    const code = await codeFrom(tenant, { scope: tenant.scope('patient.Patient.rs'), nonce: undefined });
    const body = await redeem(tenant, { code });
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'expires_in',
      'ext_expires_in',
      'scope',
      'token_type',
    ]);
  });

  test('OIDC scopes alone give a token for Microsoft Graph', async () => {
    const body = await redeem(tenant, { code: await codeFrom(tenant, { scope: 'openid profile' }) });
    expect(claimsOf(body.access_token)).toMatchObject({
      scp: 'openid profile',
      ver: '1.0',
      unique_name: tenant.username,
    });
    expect(body.scope).toBe('openid profile');
  });

  test('works once, for ten minutes, for its client, address and verifier', async () => {
    const code = await codeFrom(tenant);
    const wrong = async (fields: Record<string, string | undefined>) =>
      refusal(await redeem(tenant, { code, ...fields }));
    expect(await wrong({ code_verifier: 'w'.repeat(64) })).toBe('invalid_grant 501481');
    expect(await wrong({ code_verifier: undefined })).toBe('invalid_grant 501481');
    expect(await wrong({ redirect_uri: NATIVE })).toBe('invalid_client 500112');
    expect(await wrong({ redirect_uri: undefined })).toBe('invalid_request 900144');
    expect(await wrong({ client_secret: 'wrong' })).toBe('invalid_client 7000215');
    expect(await wrong({ client_secret: undefined })).toBe('invalid_client 7000218');
    expect(await wrong({ code: '1.nothing' })).toBe('invalid_grant 70000');
    const other = tenant.cloud.deployer;
    expect(await wrong({ client_id: other.clientId, client_secret: other.clientSecret })).toBe(
      'invalid_grant 70000',
    );
    expect((await redeem(tenant, { code })).access_token).toBeDefined();
    expect(await wrong({})).toBe('invalid_grant 54005');
    const late = await codeFrom(tenant);
    tenant.cloud.clock.advance(10 * 60_000);
    expect(refusal(await redeem(tenant, { code: late }))).toBe('invalid_grant 70008');
  });

  test('two redemptions at the same time: one wins', async () => {
    const code = await codeFrom(tenant);
    const bodies = await Promise.all([redeem(tenant, { code }), redeem(tenant, { code })]);
    expect(bodies.filter((body) => body.access_token !== undefined)).toHaveLength(1);
    expect(bodies.map((body) => body.error_codes?.[0])).toContain(54005);
  });

  test('a verifier without a challenge is refused; plain challenges work', async () => {
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    const code = await codeFrom(tenant, bare);
    expect(refusal(await redeem(tenant, { code }))).toBe('invalid_request 50147');
    expect((await redeem(tenant, { code, code_verifier: undefined })).access_token).toBeDefined();
    const plain = await codeFrom(tenant, { code_challenge: 'p'.repeat(43), code_challenge_method: 'plain' });
    expect((await redeem(tenant, { code: plain, code_verifier: 'p'.repeat(43) })).access_token).toBeDefined();
  });

  test('a code for several resources is redeemed for one of them', async () => {
    const arm = 'https://management.azure.com/user_impersonation';
    const scope = `openid ${tenant.scope('patient.Patient.rs')} ${arm}`;
    const code = await codeFrom(tenant, { scope });
    expect(refusal(await redeem(tenant, { code, scope }))).toBe('invalid_request 28000');
    const vault = 'https://vault.azure.net/user_impersonation';
    expect(refusal(await redeem(tenant, { code, scope: vault }))).toBe('invalid_grant 70000');
    const body = await redeem(tenant, { code, scope: arm });
    expect(claimsOf(body.access_token)).toMatchObject({
      aud: 'https://management.azure.com',
      scp: 'user_impersonation',
    });
  });

  test('the platform decides who proves what', async () => {
    const native = { redirect_uri: NATIVE };
    const code = await codeFrom(tenant, native);
    expect(refusal(await redeem(tenant, { code, ...native }))).toBe('invalid_client 700025');
    const publicly = await redeem(tenant, { code, ...native, client_secret: undefined });
    expect(claimsOf(publicly.access_token)['azpacr']).toBe('0');
    const web = await redeem(tenant, { code: await codeFrom(tenant) }, { origin: 'https://spa.example' });
    expect(refusal(web)).toBe('invalid_request 9002326');
    const spa = { redirect_uri: SPA };
    const spaCode = await codeFrom(tenant, spa);
    const fields = { code: spaCode, ...spa, client_secret: undefined };
    expect(refusal(await redeem(tenant, fields))).toBe('invalid_request 9002327');
    expect((await redeem(tenant, fields, { origin: 'https://spa.example' })).access_token).toBeDefined();
  });

  test('HTTP Basic authenticates too; two credentials at once do not', async () => {
    const code = await codeFrom(tenant);
    const encoded = (text: string) => encodeURIComponent(text);
    const basic = btoa(`${encoded(tenant.client.appId)}:${encoded(tenant.client.secret)}`);
    const headers = { authorization: `Basic ${basic}` };
    expect(refusal(await redeem(tenant, { code }, headers))).toBe('invalid_request 90023');
    const fields = { code, client_id: undefined, client_secret: undefined };
    expect((await redeem(tenant, fields, headers)).access_token).toBeDefined();
    const broken = await redeem(tenant, fields, { authorization: 'Basic !!' });
    expect(refusal(broken)).toBe('invalid_request 9002313');
  });

  test('consent that was withdrawn meanwhile is missed', async () => {
    const code = await codeFrom(tenant);
    const grants = (await tenant.graph.api('/oauth2PermissionGrants').get()).value;
    for (const grant of grants) await tenant.graph.api(`/oauth2PermissionGrants/${grant.id}`).delete();
    const body = await redeem(tenant, { code });
    expect([refusal(body), body.suberror]).toEqual(['invalid_grant 65001', 'consent_required']);
  });
});

describe('refresh token', () => {
  const refresh = (
    token: string | undefined,
    fields: Record<string, string | undefined> = {},
    headers = {},
  ) =>
    redeem(
      tenant,
      {
        grant_type: 'refresh_token',
        refresh_token: token,
        redirect_uri: undefined,
        code_verifier: undefined,
        ...fields,
      },
      headers,
    );

  test('rolls for 90 days; the one before stays valid', async () => {
    const first = await redeem(tenant, { code: await codeFrom(tenant) });
    tenant.cloud.clock.advance(89 * DAY);
    const second = await refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(claimsOf(second.id_token)).not.toHaveProperty('nonce');
    expect((await refresh(first.refresh_token)).access_token).toBeDefined();
    tenant.cloud.clock.advance(2 * DAY);
    expect(refusal(await refresh(first.refresh_token))).toBe('invalid_grant 700082');
    expect((await refresh(second.refresh_token)).access_token).toBeDefined();
  });

  test('of a single page app ends after a fixed day', async () => {
    const spa = { redirect_uri: SPA };
    const origin = { origin: 'https://spa.example' };
    const fields = { code: await codeFrom(tenant, spa), ...spa, client_secret: undefined };
    const first = await redeem(tenant, fields, origin);
    tenant.cloud.clock.advance(DAY / 2);
    const second = await refresh(first.refresh_token, { client_secret: undefined }, origin);
    expect(second.access_token).toBeDefined();
    tenant.cloud.clock.advance(DAY / 2);
    const third = await refresh(second.refresh_token, { client_secret: undefined }, origin);
    expect(refusal(third)).toBe('invalid_grant 700084');
  });

  test('belongs to its client, needs its proof, and one resource', async () => {
    const { refresh_token: token } = await redeem(tenant, { code: await codeFrom(tenant) });
    const { clientId, clientSecret } = tenant.cloud.deployer;
    expect(refusal(await refresh(token, { client_id: clientId, client_secret: clientSecret }))).toBe(
      'invalid_grant 70000',
    );
    expect(refusal(await refresh('nothing'))).toBe('invalid_grant 70000');
    expect(refusal(await refresh(undefined))).toBe('invalid_request 900144');
    expect(refusal(await refresh(token, { client_secret: undefined }))).toBe('invalid_client 7000218');
    const two = `${tenant.scope('patient.Patient.rs')} https://vault.azure.net/user_impersonation`;
    expect(refusal(await refresh(token, { scope: two }))).toBe('invalid_request 28000');
    expect(refusal(await refresh(token, { scope: tenant.scope('launch.patient') }))).toBe(
      'invalid_grant 65001',
    );
    expect(refusal(await refresh(token, { scope: 'fhirUser' }))).toBe('invalid_client 650053');
  });

  test('dies with the password, the account and a revocation', async () => {
    const user = `/users/${tenant.userId}`;
    const { refresh_token: token } = await redeem(tenant, { code: await codeFrom(tenant) });
    await tenant.graph.api(user).patch({ accountEnabled: false });
    expect(refusal(await refresh(token))).toBe('invalid_grant 50057');
    await tenant.graph.api(user).patch({ accountEnabled: true });
    expect((await refresh(token)).access_token).toBeDefined();
    tenant.cloud.clock.advance(1000);
    await tenant.graph.api(`${user}/revokeSignInSessions`).post({});
    const revoked = await refresh(token);
    expect([refusal(revoked), revoked.suberror]).toEqual(['invalid_grant 50173', 'bad_token']);
    await tenant.graph.api(user).delete();
    expect(refusal(await refresh(token))).toBe('invalid_grant 50034');
  });
});

describe('client credentials', () => {
  const ask = (fields: Record<string, string | undefined>, headers = {}) =>
    redeem(
      tenant,
      { grant_type: 'client_credentials', redirect_uri: undefined, code_verifier: undefined, ...fields },
      headers,
    );

  test('an app token without roles has neither roles nor scp', async () => {
    const claims = claimsOf((await ask({ scope: tenant.scope('.default') })).access_token);
    expect(claims).toMatchObject({ sub: tenant.client.principalId, oid: tenant.client.principalId });
    expect(claims).not.toHaveProperty('roles');
    expect(claims).not.toHaveProperty('scp');
    const byId = await ask({ scope: `${tenant.resource.appId}/.default` });
    expect(claimsOf(byId.access_token)['aud']).toBe(tenant.resource.appId);
  });

  test('anything but one {resource}/.default with a secret is refused', async () => {
    const scope = tenant.scope('.default');
    const refused = async (fields: Record<string, string | undefined>, headers = {}) =>
      refusal(await ask({ scope, ...fields }, headers));
    expect(await refused({ scope: tenant.scope('patient.Patient.rs') })).toBe('invalid_scope 1002012');
    expect(await refused({ scope: `${scope} openid` })).toBe('invalid_scope 1002012');
    expect(await refused({ scope: undefined })).toBe('invalid_request 900144');
    expect(await refused({ scope: 'https://nothing.example/.default' })).toBe('invalid_resource 500011');
    expect(await refused({ client_secret: undefined })).toBe('invalid_client 7000218');
    expect(await refused({ client_id: undefined })).toBe('invalid_request 900144');
    expect(await refused({}, { origin: 'https://spa.example' })).toBe('invalid_request 9002326');
    const assertion = { client_secret: undefined, client_assertion: 'x' };
    expect(await refused(assertion)).toBe('invalid_client 7000216');
    const type = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    expect(await refused({ ...assertion, ...type })).toBe('invalid_client 50027');
    await tenant.graph
      .api(`/servicePrincipals/${tenant.resource.principalId}`)
      .patch({ appRoleAssignmentRequired: true });
    expect(await refused({})).toBe('unauthorized_client 501051');
    await tenant.graph
      .api(`/servicePrincipals/${tenant.resource.principalId}`)
      .patch({ accountEnabled: false });
    expect(await refused({})).toBe('invalid_resource 500014');
  });
});

describe('fhirUser', () => {
  let extension: string;
  const map = async (principalId: string) => {
    const policy = await tenant.graph.api('/policies/claimsMappingPolicies').post({
      displayName: 'fhirUser',
      definition: [
        JSON.stringify({
          ClaimsMappingPolicy: {
            Version: 1,
            IncludeBasicClaimSet: 'true',
            ClaimsSchema: [
              { Source: 'user', ExtensionID: extension, JwtClaimType: 'fhirUser' },
              { Source: 'user', ID: 'displayname', JwtClaimType: 'oid' },
            ],
          },
        }),
      ],
    });
    await tenant.graph
      .api(`/servicePrincipals/${principalId}/claimsMappingPolicies/$ref`)
      .post({ '@odata.id': `https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/${policy.id}` });
  };

  beforeEach(async () => {
    const property = await tenant.graph
      .api(`/applications/${tenant.resource.id}/extensionProperties`)
      .post({ name: 'fhirUser', dataType: 'String', targetObjects: ['User'] });
    extension = property.name;
    await tenant.graph.api(`/users/${tenant.userId}`).patch({ [extension]: 'https://fhir/Patient/a' });
  });

  test('is in the access token by the policy of the resource, never overriding what counts', async () => {
    await map(tenant.resource.principalId);
    const body = await redeem(tenant, { code: await codeFrom(tenant) });
    expect(claimsOf(body.access_token)).toMatchObject({
      fhirUser: 'https://fhir/Patient/a',
      oid: tenant.userId,
    });
    expect(claimsOf(body.id_token)).not.toHaveProperty('fhirUser');
  });

  test('is in the id_token by the policy of the client, once it accepts mapped claims', async () => {
    await map(tenant.client.principalId);
    const refused = await redeem(tenant, { code: await codeFrom(tenant) });
    expect(refusal(refused)).toBe('invalid_request 50146');
    await tenant.graph.api(`/applications/${tenant.client.id}`).patch({ api: { acceptMappedClaims: true } });
    const body = await redeem(tenant, { code: await codeFrom(tenant) });
    expect(claimsOf(body.id_token)['fhirUser']).toBe('https://fhir/Patient/a');
    expect(claimsOf(body.access_token)).not.toHaveProperty('fhirUser');
  });

  test('needs acceptMappedClaims on the resource, and an audience it is allowed for', async () => {
    await map(tenant.resource.principalId);
    const resource = tenant.graph.api(`/applications/${tenant.resource.id}`);
    await resource.patch({ api: { acceptMappedClaims: false } });
    expect(refusal(await redeem(tenant, { code: await codeFrom(tenant) }))).toBe('invalid_request 50146');
    await resource.patch({ api: { acceptMappedClaims: true, requestedAccessTokenVersion: 1 } });
    expect(refusal(await redeem(tenant, { code: await codeFrom(tenant) }))).toBe('invalid_request 501461');
    const [domain] = (await tenant.graph.api('/domains').get()).value;
    await resource.patch({ identifierUris: [`api://${tenant.resource.appId}`, `https://fhir.${domain.id}`] });
    const scope = `openid https://fhir.${domain.id}/patient.Patient.rs`;
    const body = await redeem(tenant, { code: await codeFrom(tenant, { scope }) });
    expect(claimsOf(body.access_token)).toMatchObject({
      ver: '1.0',
      fhirUser: 'https://fhir/Patient/a',
      appid: tenant.client.appId,
    });
  });

  test('as an optional claim it is called extn.fhirUser', async () => {
    await tenant.graph.api(`/applications/${tenant.resource.id}`).patch({
      optionalClaims: { accessToken: [{ name: extension, source: 'user' }, { name: 'upn' }], idToken: [] },
    });
    const claims = claimsOf((await redeem(tenant, { code: await codeFrom(tenant) })).access_token);
    expect(claims).toMatchObject({ 'extn.fhirUser': 'https://fhir/Patient/a', upn: tenant.username });
    expect(claims).not.toHaveProperty('fhirUser');
  });
});

describe('endpoint', () => {
  const at = (path: string, init: RequestInit = {}) =>
    tenant.cloud.fetch(new Request(`${LOGIN_ORIGIN}${path}`, init));
  const TOKEN = `/${TENANT_ID}/oauth2/v2.0/token`;

  test('refuses other methods, bodies, grants, tenants and parameters', async () => {
    const code = async (response: Response) =>
      `${response.status} ${((await response.json()) as TokenBody).error_codes?.[0]}`;
    expect(await code(await at(TOKEN))).toBe('405 900561');
    expect(await code(await at(TOKEN, { method: 'POST', body: '{}' }))).toBe('400 9002313');
    const post = (fields: Record<string, string>) => tokenRequest(tenant.cloud.fetch, fields);
    expect(await code(await post({}))).toBe('400 900144');
    expect(
      await code(await post({ grant_type: 'password', username: tenant.username, password: PASSWORD })),
    ).toBe('400 70003');
    expect(await code(await post({ grant_type: 'client_credentials', resource: 'x' }))).toBe('400 901002');
    expect(await code(await post({ grant_type: 'x'.repeat(70_000) }))).toBe('400 9002313');
    const twice = { method: 'POST', body: new URLSearchParams('grant_type=a&grant_type=b') };
    expect(await code(await at(TOKEN, twice))).toBe('400 9002313');
    const form = { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }) };
    expect(await code(await at('/common/oauth2/v2.0/token', form))).toBe('400 50194');
    expect(await code(await at('/other.example/oauth2/v2.0/token', form))).toBe('400 90002');
  });

  test('errors repeat trace, correlation and time; nothing secret is logged', async () => {
    const id = crypto.randomUUID();
    const response = await tokenRequest(
      tenant.cloud.fetch,
      {
        grant_type: 'client_credentials',
        client_id: tenant.client.appId,
        client_secret: 'planted-secret',
        scope: tenant.scope('.default'),
      },
      { 'client-request-id': id },
    );
    expect(response.status).toBe(401);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const body = (await response.json()) as TokenBody & { correlation_id: string };
    expect(body.correlation_id).toBe(id);
    expect(body.error_description).toMatch(
      / Trace ID: \S+ Correlation ID: \S+ Timestamp: 2026-11-24 12:00:00Z$/,
    );
    await redeem(tenant, { code: await codeFrom(tenant) });
    const logged = JSON.stringify(tenant.cloud.logs);
    for (const secret of ['planted-secret', tenant.client.secret, PASSWORD, 'eyJ', WEB]) {
      expect(logged).not.toContain(secret);
    }
  });

  test('browsers of single page apps may ask first', async () => {
    const headers = { origin: 'https://spa.example', 'access-control-request-headers': 'x-client-sku' };
    const response = await at(TOKEN, { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://spa.example');
    expect(response.headers.get('access-control-allow-headers')).toBe('x-client-sku');
  });

  test('discovery names the browser-facing origin under every host', async () => {
    const azure = `https://login.microsoftonline.com/${TENANT_ID}`;
    const v2 = await tenant.cloud.fetch(new Request(`${azure}/v2.0/.well-known/openid-configuration`));
    const document = (await v2.json()) as Record<string, string>;
    expect(document).toMatchObject({
      issuer: `${LOGIN_ORIGIN}/${TENANT_ID}/v2.0`,
      token_endpoint: `${LOGIN_ORIGIN}${TOKEN}`,
      jwks_uri: `${LOGIN_ORIGIN}/${TENANT_ID}/discovery/v2.0/keys`,
    });
    expect(v2.headers.get('access-control-allow-origin')).toBe('*');
    const keys = await (await at(`/${TENANT_ID}/discovery/v2.0/keys`)).json();
    expect(keys).toEqual(await publicKeys(tenant.cloud.fabric));
    expect(JSON.stringify(keys)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    expect(await (await at(`/${TENANT_ID}/discovery/keys`)).json()).toEqual(keys);
    const v1 = (await (await at(`/${TENANT_ID}/.well-known/openid-configuration`)).json()) as Record<
      string,
      string
    >;
    expect(v1['issuer']).toBe(`https://sts.windows.net/${TENANT_ID}/`);
    const instance = (await (await at('/common/discovery/instance?api-version=1.1')).json()) as object;
    expect(instance).toMatchObject({ metadata: [{ preferred_network: 'login.microsoftonline.com' }] });
    expect((await at('/unknown-tenant/v2.0/.well-known/openid-configuration')).status).toBe(400);
  });

  test('unknown routes are refused aloud', async () => {
    expect((await at(`/${TENANT_ID}/oauth2/v2.0/devicecode`, { method: 'POST' })).status).toBe(501);
    expect(tenant.cloud.logs.at(-1)).toMatchObject({ standIn: 'entra', level: 'error' });
  });
});
