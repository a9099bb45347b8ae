import { createHash } from 'node:crypto';
import type { Client } from '@microsoft/microsoft-graph-client';
import { entra } from '../../../src/local/entra/entra.ts';
import type { Timing } from '../../../src/local/fabric.ts';
import { graph } from '../../../src/local/graph/graph.ts';
import { LOGIN_ORIGIN, TENANT_ID, type TestCloud, testCloud } from '../directory/test-fabric.ts';
import { graphClient, tokenRequest } from '../graph/graph-client.ts';
import { Browser, type Page, redirected } from './browser.ts';

export const PASSWORD = 'Correct-horse-1';
export const VERIFIER = 'v'.repeat(64);
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const WEB = 'https://gateway.example/auth/callback';
export const SPA = 'https://spa.example/';
export const NATIVE = 'http://localhost:8765/cb';
export const AUTHORIZE = `${LOGIN_ORIGIN}/${TENANT_ID}/oauth2/v2.0/authorize`;

export interface Tenant {
  readonly cloud: TestCloud;
  readonly graph: Client;
  readonly browser: Browser;
  readonly username: string;
  readonly userId: string;
  readonly resource: { readonly id: string; readonly appId: string; readonly principalId: string };
  readonly client: {
    readonly id: string;
    readonly appId: string;
    readonly principalId: string;
    readonly secret: string;
  };
  /** `api://{resource}/{value}` */
  scope(value: string): string;
}

const SCOPES = ['patient.Patient.rs', 'patient.Observation.rs', 'launch.patient', 'admin.only'];

/** A tenant made through Graph: a FHIR resource app, a client on all three platforms, one user. */
export async function makeTenant(timing: Partial<Timing> = {}): Promise<Tenant> {
  const cloud = testCloud([entra, graph], timing);
  const client = graphClient(cloud);
  const resource = await client.api('/applications').post({
    displayName: 'FHIR',
    api: {
      requestedAccessTokenVersion: 2,
      acceptMappedClaims: true,
      oauth2PermissionScopes: SCOPES.map((value) => ({
        id: crypto.randomUUID(),
        value,
        type: value === 'admin.only' ? 'Admin' : 'User',
        isEnabled: true,
        adminConsentDisplayName: `Use ${value}`,
        adminConsentDescription: value,
      })),
    },
  });
  await client.api(`/applications/${resource.id}`).patch({ identifierUris: [`api://${resource.appId}`] });
  const resourcePrincipal = await client.api('/servicePrincipals').post({ appId: resource.appId });
  const app = await client.api('/applications').post({
    displayName: 'My <app>',
    web: { redirectUris: [WEB] },
    spa: { redirectUris: [SPA] },
    publicClient: { redirectUris: [NATIVE] },
    requiredResourceAccess: [
      {
        resourceAppId: resource.appId,
        resourceAccess: resource.api.oauth2PermissionScopes
          .filter((item: { type: string }) => item.type === 'User')
          .map((item: { id: string }) => ({ id: item.id, type: 'Scope' })),
      },
    ],
  });
  const principal = await client.api('/servicePrincipals').post({ appId: app.appId });
  const { secretText } = await client.api(`/applications/${app.id}/addPassword`).post({});
  const [domain] = (await client.api('/domains').get()).value;
  const user = await client.api('/users').post({
    accountEnabled: true,
    displayName: 'Pat',
    mailNickname: 'pat',
    userPrincipalName: `pat@${domain.id}`,
    passwordProfile: { password: PASSWORD, forceChangePasswordNextSignIn: false },
  });
  return {
    cloud,
    graph: client,
    browser: new Browser(cloud.fetch),
    username: user.userPrincipalName,
    userId: user.id,
    resource: { id: resource.id, appId: resource.appId, principalId: resourcePrincipal.id },
    client: { id: app.id, appId: app.appId, principalId: principal.id, secret: secretText },
    scope: (value) => `api://${resource.appId}/${value}`,
  };
}

export function authorizeUrl(tenant: Tenant, changes: Record<string, string | undefined> = {}): string {
  const parameters = {
    client_id: tenant.client.appId,
    response_type: 'code',
    redirect_uri: WEB,
    scope: `openid profile offline_access ${tenant.scope('patient.Patient.rs')}`,
    state: 's1',
    nonce: 'n1',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `${AUTHORIZE}?${new URLSearchParams(given)}`;
}

/** Through sign-in and consent to the redirect. */
export async function signInAndConsent(
  tenant: Tenant,
  changes: Record<string, string | undefined> = {},
): Promise<Page> {
  const { browser, username } = tenant;
  let page = await browser.get(authorizeUrl(tenant, changes));
  if (page.html.includes('name="loginfmt"')) {
    page = await browser.submit(page, { loginfmt: username, passwd: PASSWORD });
  }
  if (page.html.includes('idBtn_Accept')) page = await browser.submit(page, { acceptConsent: 'true' });
  return page;
}

export async function codeFrom(
  tenant: Tenant,
  changes: Record<string, string | undefined> = {},
): Promise<string> {
  const code = redirected(await signInAndConsent(tenant, changes)).get('code');
  if (code === null) throw new Error('no code');
  return code;
}

export interface TokenBody {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly client_info?: string;
  readonly expires_in: number;
  readonly error?: string;
  readonly error_description?: string;
  readonly error_codes?: readonly number[];
  readonly suberror?: string;
}

/** A token request of the web client; a field set to undefined is left out. */
export async function redeem(
  tenant: Tenant,
  fields: Record<string, string | undefined>,
  headers: Record<string, string> = {},
): Promise<TokenBody> {
  const all = {
    grant_type: 'authorization_code',
    client_id: tenant.client.appId,
    client_secret: tenant.client.secret,
    redirect_uri: WEB,
    code_verifier: VERIFIER,
    ...fields,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await tokenRequest(tenant.cloud.fetch, Object.fromEntries(given), headers);
  return (await response.json()) as TokenBody;
}

export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString());
}

export async function grantToAll(tenant: Tenant, scope: string, resourceId = tenant.resource.principalId) {
  return tenant.graph
    .api('/oauth2PermissionGrants')
    .post({ clientId: tenant.client.principalId, consentType: 'AllPrincipals', resourceId, scope });
}
