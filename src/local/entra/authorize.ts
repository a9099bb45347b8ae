import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { randomToken } from '../../core/ids.ts';
import { directoryOf } from '../directory/directory.ts';
import type { User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import {
  type AuthorizeRequest,
  type ReturnAddress,
  readAuthorizeRequest,
  readReturnAddress,
} from './authorize-request.ts';
import { type Client, clientNamed } from './client-authentication.ts';
import { issueCode } from './codes.ts';
import { consentRequired, demandUserConsentable, recordConsent } from './consent.ts';
import { formParameters, type Parameters, queryParameters, required } from './form.ts';
import { type Interaction, openInteraction, takeInteraction } from './interactions.ts';
import { consentPage, signInPage } from './pages.ts';
import { answer, answerError, asAadError, showError, showPage } from './responses.ts';
import { type MissingConsent, missingConsent, parseScopes } from './scopes.ts';
import { noteClient, readSession, startSession } from './sessions.ts';
import { signIn } from './sign-in.ts';

/** Entra's cookie names: the browser session, and the binding of pages to a browser. */
export const SESSION_COOKIE = 'ESTSAUTH';
const BROWSER_COOKIE = 'esctx';

interface SignedIn {
  readonly user: User;
  readonly authenticatedAt: number;
}

/** GET or POST `/{tenant}/oauth2/v2.0/authorize`. */
export async function authorize(c: Context, fabric: Fabric): Promise<Response> {
  let address: ReturnAddress;
  let parameters: Parameters;
  try {
    parameters = c.req.method === 'POST' ? await formParameters(c.req.raw) : queryParameters(c.req.raw.url);
    address = readReturnAddress(fabric, parameters);
  } catch (error) {
    return showError(c, fabric, asAadError(error));
  }
  return towards(c, fabric, address, async () => {
    const request = readAuthorizeRequest(fabric, parameters, address);
    const live = readSession(fabric, getCookie(c, SESSION_COOKIE));
    const current = live !== undefined && isMeant(request, live.user) ? live : undefined;
    const asksForSignIn = request.prompt === 'login' || request.prompt === 'select_account';
    if (current !== undefined && !asksForSignIn) {
      return proceed(c, fabric, request, {
        user: current.user,
        authenticatedAt: current.session.authenticatedAt,
      });
    }
    if (request.prompt === 'none') {
      throw new AadError(50058, 'A silent sign-in request was sent but no user is signed in.');
    }
    return showSignIn(c, fabric, request);
  });
}

/** POST `/{tenant}/login`: the sign-in page comes back. */
export async function login(c: Context, fabric: Fabric): Promise<Response> {
  let interaction: Interaction;
  let form: Parameters;
  try {
    form = await formParameters(c.req.raw);
    interaction = takeInteraction(fabric, getCookie(c, BROWSER_COOKIE), form);
  } catch (error) {
    return showError(c, fabric, asAadError(error));
  }
  const { request } = interaction;
  const username = form.get('loginfmt') ?? form.get('login') ?? '';
  let user: User;
  try {
    user = await signIn(fabric, username, form.get('passwd') ?? '');
  } catch (error) {
    const { code } = asAadError(error);
    fabric.log({ standIn: 'entra', level: 'info', text: `sign-in refused with AADSTS${code}` });
    return showSignIn(c, fabric, request, { code, text: signInText(code), username });
  }
  const { cookie, session } = startSession(fabric, user.id);
  setCookie(c, SESSION_COOKIE, cookie, cookieOptions(c));
  return towards(c, fabric, request, () =>
    proceed(c, fabric, request, { user, authenticatedAt: session.authenticatedAt }, cookie),
  );
}

/** POST `/{tenant}/Consent/Set`: the consent page comes back. */
export async function consent(c: Context, fabric: Fabric): Promise<Response> {
  let interaction: Interaction;
  let accepted: string;
  try {
    const form = await formParameters(c.req.raw);
    accepted = required(form, 'acceptConsent');
    interaction = takeInteraction(fabric, getCookie(c, BROWSER_COOKIE), form);
  } catch (error) {
    return showError(c, fabric, asAadError(error));
  }
  const { request } = interaction;
  return towards(c, fabric, request, async () => {
    const user = interaction.user === null ? undefined : directoryOf(fabric).users.get(interaction.user.id);
    if (user === undefined || interaction.user === null) {
      throw new AadError(50058, 'No user is signed in.');
    }
    if (accepted !== 'true') throw new AadError(65004, 'User declined to consent to access the app.');
    const client = clientNamed(fabric, request.clientId);
    const missing = stillMissing(fabric, client, user, request);
    demandUserConsentable(client, missing);
    recordConsent(fabric, client, user.id, missing);
    return finish(c, fabric, request, { user, authenticatedAt: interaction.user.authenticatedAt });
  });
}

/** Somebody is signed in: asks for consent where it is missing, else answers with a code. */
async function proceed(
  c: Context,
  fabric: Fabric,
  request: AuthorizeRequest,
  signedIn: SignedIn,
  sessionCookie?: string,
): Promise<Response> {
  const client = clientNamed(fabric, request.clientId);
  demandAssigned(fabric, client, signedIn.user);
  const missing = stillMissing(fabric, client, signedIn.user, request);
  if (missing.length === 0) return finish(c, fabric, request, signedIn, sessionCookie);
  if (request.prompt === 'none') throw consentRequired(client, 'consent_required');
  demandUserConsentable(client, missing);
  const tokens = openInteraction(fabric, browserOf(c), {
    request,
    user: { id: signedIn.user.id, authenticatedAt: signedIn.authenticatedAt },
  });
  const view = { appName: client.principal.displayName, username: signedIn.user.userPrincipalName, missing };
  return showPage(c, consentPage(fabric.tenantId, view, tokens));
}

function finish(
  c: Context,
  fabric: Fabric,
  request: AuthorizeRequest,
  { user, authenticatedAt }: SignedIn,
  sessionCookie = getCookie(c, SESSION_COOKIE),
): Promise<Response> {
  const { clientId, redirectUri, platform, scope, nonce, challenge } = request;
  const session = noteClient(fabric, sessionCookie, clientId);
  const code = issueCode(fabric, {
    clientId,
    redirectUri,
    platform,
    scope,
    nonce,
    challenge,
    userId: user.id,
    authenticatedAt,
  });
  fabric.log({ standIn: 'entra', level: 'info', text: `code issued to ${clientId}` });
  return answer(c, request, { code, ...(session === undefined ? {} : { session_state: session.id }) });
}

function showSignIn(
  c: Context,
  fabric: Fabric,
  request: AuthorizeRequest,
  failure?: { code: number; text: string; username: string },
): Promise<Response> {
  const tokens = openInteraction(fabric, browserOf(c), { request, user: null });
  return showPage(c, signInPage(fabric.tenantId, request, tokens, failure));
}

/** Runs `work`; what it refuses goes to the client's address. */
async function towards(
  c: Context,
  fabric: Fabric,
  address: ReturnAddress,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    return answerError(c, fabric, address, asAadError(error));
  }
}

function stillMissing(
  fabric: Fabric,
  client: Client,
  user: User,
  request: AuthorizeRequest,
): MissingConsent[] {
  const directory = directoryOf(fabric);
  const requested = parseScopes(directory, client, request.scope);
  return missingConsent(directory, client, user.id, requested, request.prompt === 'consent');
}

/** `appRoleAssignmentRequired` on the client: only assigned users may sign in to it. */
function demandAssigned(fabric: Fabric, client: Client, user: User): void {
  if (!client.principal.appRoleAssignmentRequired) return;
  const assignments = directoryOf(fabric).appRoleAssignments.list();
  if (assignments.some((item) => item.principalId === user.id && item.resourceId === client.principal.id))
    return;
  throw new AadError(
    50105,
    `Your administrator has configured the application ${client.principal.displayName} ('${client.principal.appId}') ` +
      'to block users unless they are specifically granted (assigned) access to the application.',
  );
}

function isMeant(request: AuthorizeRequest, user: User): boolean {
  return (
    request.loginHint === null || request.loginHint.toLowerCase() === user.userPrincipalName.toLowerCase()
  );
}

/** The browser's binding cookie, made when it has none. */
function browserOf(c: Context): string {
  const known = getCookie(c, BROWSER_COOKIE);
  if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
  const made = randomToken();
  setCookie(c, BROWSER_COOKIE, made, cookieOptions(c));
  return made;
}

function cookieOptions(c: Context) {
  const secure = new URL(c.req.url).protocol === 'https:';
  return { httpOnly: true, path: '/', sameSite: 'Lax', secure } as const;
}

function signInText(code: number): string {
  switch (code) {
    case 50034:
      return 'This username may be incorrect. Make sure you typed it correctly. Otherwise, contact your admin.';
    case 50053:
      return "You've tried to sign in too many times with an incorrect user ID or password.";
    case 50055:
      return 'You need to update your password because this is the first time you are signing in, or because it expired.';
    case 50057:
      return 'Your account has been locked. Contact your support person to unlock it, then try again.';
    default:
      return "Your account or password is incorrect. If you don't remember your password, reset it now.";
  }
}
