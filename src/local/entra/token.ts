import { directoryOf } from '../directory/directory.ts';
import { consentedScopes } from '../directory/grants.ts';
import type { User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { type ClientProof, issueAccessToken } from './access-token.ts';
import { type AuthenticatedClient, authenticateClient, type Client } from './client-authentication.ts';
import { issueClientToken } from './client-credentials.ts';
import { readCode, redeemCode } from './codes.ts';
import { consentRequired } from './consent.ts';
import { crossOrigin } from './cross-origin.ts';
import { type Parameters, required } from './form.ts';
import { issueIdToken } from './id-token.ts';
import { checkVerifier } from './pkce.ts';
import type { Platform } from './redirect-uri.ts';
import { issueRefreshToken, type RefreshGrant, readRefreshToken } from './refresh-tokens.ts';
import {
  parseScopes,
  type RequestedScopes,
  type ResourceScopes,
  responseScope,
  tokenResource,
} from './scopes.ts';
import { mayContinue } from './sessions.ts';

export interface TokenResponse {
  readonly token_type: 'Bearer';
  readonly scope?: string;
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly client_info?: string;
}

/** One token request after its client is known. */
interface UserGrant {
  readonly client: Client;
  readonly proof: ClientProof;
  readonly form: Parameters;
  readonly platform: Platform;
  readonly userId: string;
  readonly authenticatedAt: number;
  /** What was authorized at the authorize endpoint. */
  readonly authorizedScope: string;
  readonly nonce: string | null;
  readonly previous?: RefreshGrant;
}

/** POST `/{tenant}/oauth2/v2.0/token`. @throws AadError */
export async function answerTokenRequest(
  fabric: Fabric,
  request: Request,
  form: Parameters,
): Promise<TokenResponse> {
  const grantType = required(form, 'grant_type');
  if (form.has('resource')) throw new AadError(901002, "The 'resource' request parameter is not supported.");
  switch (grantType) {
    case 'authorization_code':
      return redeemAuthorizationCode(fabric, request, form);
    case 'refresh_token':
      return refresh(fabric, request, form);
    case 'client_credentials':
      return issueClientToken(fabric, request, form);
    default:
      fabric.log({ standIn: 'entra', level: 'warn', text: 'a grant type that this stand-in does not have' });
      throw new AadError(70003, `The app requested an unsupported grant type '${grantType.slice(0, 60)}'.`);
  }
}

async function redeemAuthorizationCode(
  fabric: Fabric,
  request: Request,
  form: Parameters,
): Promise<TokenResponse> {
  const code = required(form, 'code');
  const redirectUri = required(form, 'redirect_uri');
  const { client, proof } = await authenticateClient(fabric, request, form);
  const authorization = readCode(fabric, code, client.application.appId, redirectUri);
  demandPlatformRules(request, authorization.platform, proof);
  checkVerifier(authorization.challenge ?? undefined, form.get('code_verifier'));
  return issueToUser(
    fabric,
    {
      client,
      proof,
      form,
      platform: authorization.platform,
      userId: authorization.userId,
      authenticatedAt: authorization.authenticatedAt,
      authorizedScope: authorization.scope,
      nonce: authorization.nonce,
    },
    () => redeemCode(fabric, code),
  );
}

async function refresh(fabric: Fabric, request: Request, form: Parameters): Promise<TokenResponse> {
  const token = required(form, 'refresh_token');
  const { client, proof }: AuthenticatedClient = await authenticateClient(fabric, request, form);
  const grant = readRefreshToken(fabric, token, client.application.appId);
  demandPlatformRules(request, grant.platform, proof);
  return issueToUser(fabric, {
    client,
    proof,
    form,
    platform: grant.platform,
    userId: grant.userId,
    authenticatedAt: grant.authenticatedAt,
    authorizedScope: grant.scope,
    nonce: null,
    previous: grant,
  });
}

/** @param claim takes the one-time grant; false when it is gone */
async function issueToUser(
  fabric: Fabric,
  grant: UserGrant,
  claim: () => boolean = () => true,
): Promise<TokenResponse> {
  const directory = directoryOf(fabric);
  const { client } = grant;
  const user = liveUser(fabric, grant);
  const authorized = parseScopes(directory, client, grant.authorizedScope);
  const asked = askedScopes(fabric, grant, authorized);
  const target = tokenResource(directory, asked);
  const scopes = consentedScopes(directory, client.principal, target.resource, user.id);
  demandConsent(client, target, asked, scopes);
  const issued = await issueAccessToken(fabric, {
    client,
    proof: grant.proof,
    resource: target.resource,
    resourceName: target.name,
    user,
    scopes,
    authenticatedAt: grant.authenticatedAt,
  });
  const idToken = asked.oidc.includes('openid')
    ? await issueIdToken(fabric, { client, user, oidc: asked.oidc, nonce: grant.nonce })
    : undefined;
  if (!claim()) throw new AadError(54005, 'OAuth2 Authorization code was already redeemed.');
  const keeps = authorized.oidc.includes('offline_access');
  fabric.log({ standIn: 'entra', level: 'info', text: `user token issued to ${client.application.appId}` });
  return {
    token_type: 'Bearer',
    scope: responseScope(target, scopes),
    expires_in: issued.expiresInSeconds,
    ext_expires_in: issued.expiresInSeconds,
    access_token: issued.token,
    ...(keeps ? { refresh_token: nextRefreshToken(fabric, grant) } : {}),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(grant.form.get('client_info') === '1' ? { client_info: clientInfo(fabric, user) } : {}),
  };
}

function nextRefreshToken(fabric: Fabric, grant: UserGrant): string {
  const { platform, userId, authenticatedAt } = grant;
  const clientId = grant.client.application.appId;
  const fields = { clientId, platform, userId, authenticatedAt, scope: grant.authorizedScope };
  return issueRefreshToken(fabric, fields, grant.previous);
}

/** `scope` of the token request, or what was authorized; for one resource only. @throws AadError 28000, 70000 */
function askedScopes(fabric: Fabric, grant: UserGrant, authorized: RequestedScopes): RequestedScopes {
  const text = grant.form.get('scope') ?? '';
  if (text.trim() === '') return { ...authorized, resources: authorized.resources.slice(0, 1) };
  const asked = parseScopes(directoryOf(fabric), grant.client, text);
  if (asked.resources.length > 1) {
    throw new AadError(
      28000,
      'Provided value for the input parameter scope is not valid because it contains more than one resource.',
    );
  }
  const isCode = grant.previous === undefined;
  const known = authorized.resources.map((item) => item.resource.principal.id);
  const foreign = asked.resources.some((item) => !known.includes(item.resource.principal.id));
  if (isCode && (foreign || asked.oidc.some((item) => !authorized.oidc.includes(item)))) {
    throw new AadError(
      70000,
      'The request was denied because one or more scopes requested are unauthorized or expired. The user must first ' +
        'sign in and grant the client application access to the requested scope.',
    );
  }
  const oidc = asked.oidc.length > 0 ? asked.oidc : authorized.oidc;
  return { oidc, resources: asked.resources.length > 0 ? asked.resources : authorized.resources.slice(0, 1) };
}

function demandConsent(
  client: Client,
  target: ResourceScopes,
  asked: RequestedScopes,
  granted: readonly string[],
): void {
  const wanted = asked.resources.length === 0 ? asked.oidc : target.values;
  const isComplete = target.isDefault || wanted.every((value) => granted.includes(value));
  if (granted.length === 0 || !isComplete) throw consentRequired(client, 'invalid_grant');
}

function liveUser(fabric: Fabric, grant: UserGrant): User {
  const user = directoryOf(fabric).users.get(grant.userId);
  if (user === undefined) {
    throw new AadError(50034, `The user account does not exist in the '${fabric.tenantId}' directory.`);
  }
  if (!user.accountEnabled) throw new AadError(50057, 'The user account is disabled.');
  if (mayContinue(user, grant.authenticatedAt)) return user;
  throw new AadError(
    50173,
    `The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have ` +
      `changed or reset their password. The grant was issued on ` +
      `'${new Date(grant.authenticatedAt).toISOString()}' and the TokensValidFrom date (before which tokens are not ` +
      `valid) for this user is '${user.signInSessionsValidFromDateTime}'.`,
    { suberror: 'bad_token' },
  );
}

/**
 * Secrets belong to `web`, cross-origin requests to `spa`, neither to `publicClient` (Entra ID: application
 * types and redirect URIs).
 */
function demandPlatformRules(request: Request, platform: Platform, proof: ClientProof): void {
  const origin = request.headers.get('origin');
  if (platform !== 'spa' && origin !== null) throw crossOrigin(origin);
  if (platform === 'spa' && origin === null) {
    throw new AadError(
      9002327,
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    );
  }
  if (platform === 'web' && proof === 'none') {
    throw new AadError(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  if (platform !== 'web' && proof !== 'none') {
    throw new AadError(
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
}

function clientInfo(fabric: Fabric, user: User): string {
  return Buffer.from(JSON.stringify({ uid: user.id, utid: fabric.tenantId })).toString('base64url');
}
