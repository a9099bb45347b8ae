import { sha256 } from '../../core/ids.ts';
import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { once, readForm } from '../parameters.ts';
import { authBase } from '../settings.ts';
import { type AuthorizationRequest, TRANSACTION_LIFETIME_MS, type Transaction } from '../state/state.ts';
import { audience } from './audience.ts';
import { browserCookie } from './browser.ts';
import type { Check } from './check.ts';
import { checkClient } from './client.ts';
import { duplicates } from './duplicates.ts';
import { launchParameter } from './launch-parameter.ts';
import { openidParameters } from './openid-parameters.ts';
import { pkce } from './pkce.ts';
import { checkRedirectUri } from './redirect-uri.ts';
import { redirectError, seeOther } from './redirects.ts';
import { responseType } from './response-type.ts';
import { scope } from './scope.ts';
import { stateParameter } from './state-parameter.ts';

/** In order; the launch comes last because looking at it uses it up. */
const CHECKS: readonly Check[] = [
  duplicates,
  stateParameter,
  responseType,
  audience,
  pkce,
  openidParameters,
  scope,
  launchParameter,
];

/** `GET` and `POST {authBase}/authorize` (SMART 2.2.0 app-launch#step-4-authorization-code). */
export async function authorize(gateway: Gateway, request: Request): Promise<Response> {
  const parameters = request.method === 'POST' ? await readForm(request) : new URL(request.url).searchParams;
  const client = checkClient(gateway, parameters);
  const redirectUri = checkRedirectUri(parameters, client);
  let draft: Partial<AuthorizationRequest> = { clientId: client.clientId, redirectUri };
  try {
    for (const check of CHECKS)
      draft = { ...draft, ...(await check({ gateway, parameters, client, draft })) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const states = parameters.getAll('state');
    return redirectError(gateway, { redirectUri, state: states.length === 1 ? states[0] : undefined }, error);
  }
  return startSignIn(gateway, draft as AuthorizationRequest);
}

/** The first visit to Entra: the gateway learns who the user is, under its own registration. */
async function startSignIn(gateway: Gateway, request: AuthorizationRequest): Promise<Response> {
  const [transactionId, secret, verifier, nonce] = [32, 32, 32, 16].map(gateway.random) as [
    string,
    string,
    string,
    string,
  ];
  const transaction: Transaction = {
    request,
    stage: 'sign-in',
    browser: sha256(secret),
    verifier: await gateway.seal.seal('verifier', { verifier }),
    nonce,
  };
  const expiresAt = gateway.clock.now() + TRANSACTION_LIFETIME_MS;
  await gateway.state.transactions.insert(transactionId, transaction, expiresAt);
  const url = new URL((await gateway.keys.metadata()).authorizationEndpoint);
  const query = {
    client_id: gateway.settings.signInClientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: `${authBase(gateway.settings)}/signed-in`,
    scope: 'openid profile',
    state: transactionId,
    nonce,
    code_challenge: sha256(verifier),
    code_challenge_method: 'S256',
    ...(request.loginHint === undefined ? {} : { login_hint: request.loginHint }),
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return seeOther(url.href, { 'set-cookie': browserCookie(gateway, transactionId, secret) });
}

/** What a client sent as `state`, for errors found after the checks. */
export function addressOf(request: AuthorizationRequest): { redirectUri: string; state: string } {
  return { redirectUri: request.redirectUri, state: request.state };
}

/** A parameter of Entra's answer; repeated ones are refused like everyone's. */
export function answerParameter(url: URL, name: string): string | undefined {
  return once(url.searchParams, name);
}
