import type { JWTPayload } from 'jose';
import { parseScopeList } from '../../smart/scopes.ts';
import type { Gateway } from '../context.ts';
import type { EntraTokenCall } from '../issuer/entra-token-endpoint.ts';
import { OAuthError } from '../oauth-error.ts';
import { choosePage } from '../pages/choose-page.ts';
import { required } from '../parameters.ts';
import { authBase } from '../settings.ts';
import { type SignedInUser, TRANSACTION_LIFETIME_MS, type Transaction } from '../state/state.ts';
import { addressOf, answerParameter } from './authorize.ts';
import { grantedContext, parseFhirUser } from './launch-context.ts';
import { redirectError } from './redirects.ts';
import { findTransaction, openVerifier } from './transaction.ts';

/** `GET {authBase}/signed-in`: Entra's answer to the first visit. Ends in the page where the user chooses scopes. */
export async function signedIn(gateway: Gateway, call: EntraTokenCall, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const transactionId = required(url.searchParams, 'state');
  const { value: transaction, etag } = await findTransaction(
    gateway,
    request,
    transactionId,
    'sign-in',
    'choose',
  );
  if (transaction.stage === 'choose') return showAgain(gateway, transactionId, transaction);
  try {
    const user = await identify(gateway, call, transaction, url);
    refuseOthers(transaction, user);
    const patient = knownPatient(gateway, transaction, user);
    const csrf = gateway.random(32);
    const next: Transaction = { ...transaction, stage: 'choose', user, csrf };
    const expiresAt = gateway.clock.now() + TRANSACTION_LIFETIME_MS;
    if (!(await gateway.state.transactions.replace(transactionId, next, expiresAt, etag))) {
      throw new OAuthError('invalid_request', 'this sign-in was continued elsewhere');
    }
    return showPage(gateway, transactionId, next, csrf, patient);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    await gateway.state.transactions.remove(transactionId);
    return redirectError(gateway, addressOf(transaction.request), forClient(error));
  }
}

/** The user reloaded the page: Entra's code is spent, what it told is kept. */
function showAgain(gateway: Gateway, id: string, transaction: Transaction): Promise<Response> {
  const { csrf, user } = transaction;
  if (csrf === undefined || user === undefined)
    throw new Error('a transaction is at a stage it did not reach');
  return showPage(gateway, id, transaction, csrf, knownPatient(gateway, transaction, user));
}

async function identify(
  gateway: Gateway,
  call: EntraTokenCall,
  transaction: Transaction,
  url: URL,
): Promise<SignedInUser> {
  if (answerParameter(url, 'error') !== undefined)
    throw new OAuthError('access_denied', 'the user did not sign in');
  const { settings } = gateway;
  const { idToken } = await call({
    grant_type: 'authorization_code',
    client_id: settings.signInClientId,
    client_secret: settings.signInClientSecret,
    code: required(url.searchParams, 'code'),
    redirect_uri: `${authBase(settings)}/signed-in`,
    code_verifier: await openVerifier(gateway, transaction),
    scope: 'openid profile',
  });
  const claims = await gateway.keys.verifyIdToken(idToken ?? '', settings.signInClientId, transaction.nonce);
  const oid = claims?.['oid'];
  if (claims === undefined || typeof oid !== 'string')
    throw new OAuthError('server_error', 'the identity provider sent no usable id_token');
  return userOf(oid, claims);
}

function userOf(oid: string, claims: JWTPayload): SignedInUser {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [username, fhirUser] = [text('preferred_username'), text('fhirUser')];
  return {
    oid,
    ...(username === undefined ? {} : { username }),
    ...(fhirUser === undefined ? {} : { fhirUser }),
  };
}

/** The EHR may say for whom the launch is: by object id or user name. */
function refuseOthers(transaction: Transaction, user: SignedInUser): void {
  const expected = transaction.request.launch?.user?.toLowerCase();
  if (expected === undefined) return;
  if (![user.oid, user.username, user.fhirUser].some((name) => name?.toLowerCase() === expected)) {
    throw new OAuthError('access_denied', 'the launch was made for another user');
  }
}

/** When the directory says who the user is, an impossible request ends here, before anything is chosen. */
function knownPatient(gateway: Gateway, { request }: Transaction, user: SignedInUser): string | undefined {
  if (user.fhirUser === undefined) return request.launch?.patient;
  return grantedContext(gateway.settings, request.offered, request.launch, parseFhirUser(user.fhirUser))
    .patient;
}

async function showPage(
  gateway: Gateway,
  transactionId: string,
  transaction: Transaction,
  csrf: string,
  patient: string | undefined,
): Promise<Response> {
  const { request, user } = transaction;
  return choosePage({
    clientName: gateway.client(request.clientId)?.name ?? request.clientId,
    username: user?.username ?? user?.oid ?? '',
    patient,
    returnTo: appOf(request.redirectUri),
    server: new URL(gateway.settings.publicUrl).host,
    scopes: parseScopeList(request.offered).scopes,
    transaction: transactionId,
    csrf,
    action: `${authBase(gateway.settings)}/choose`,
    formAction: await formTargets(gateway, request.redirectUri),
  });
}

function appOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return /^https?:$/.test(protocol) ? host : `an app on this device (${protocol})`;
}

/** Chromium applies form-action to the redirects that follow: Entra, federated sign-in (https), the client. */
async function formTargets(gateway: Gateway, redirectUri: string): Promise<readonly string[]> {
  const { authorizationEndpoint } = await gateway.keys.metadata();
  const client = /^https?:/.test(redirectUri) ? new URL(redirectUri).origin : `${redirectUri.split(':')[0]}:`;
  return ["'self'", new URL(authorizationEndpoint).origin, client, 'https:'];
}

/** Errors of our own sign-in registration are ours, not the client's. */
function forClient(error: OAuthError): OAuthError {
  return error.code === 'invalid_client' || error.code === 'invalid_grant'
    ? new OAuthError('server_error', 'the sign-in could not be completed', {
        detail: error.detail ?? error.message,
      })
    : error;
}
