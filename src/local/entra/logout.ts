import type { Context } from 'hono';
import { deleteCookie, getCookie } from 'hono/cookie';
import { directoryOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';
import { SESSION_COOKIE } from './authorize.ts';
import { formParameters, queryParameters } from './form.ts';
import { signedOutPage } from './pages.ts';
import { platformOf } from './redirect-uri.ts';
import { asAadError, showError, showPage } from './responses.ts';
import { endSession } from './sessions.ts';

/** `/{tenant}/oauth2/v2.0/logout`: returns only to an address of an app that this browser was signed in to. */
export async function logout(c: Context, fabric: Fabric): Promise<Response> {
  try {
    const isPost = c.req.method === 'POST';
    const parameters = isPost ? await formParameters(c.req.raw) : queryParameters(c.req.raw.url);
    const session = endSession(fabric, getCookie(c, SESSION_COOKIE));
    deleteCookie(c, SESSION_COOKIE, { path: '/' });
    const target = parameters.get('post_logout_redirect_uri');
    if (target === undefined || session === undefined) return showPage(c, signedOutPage());
    const known = session.clientIds
      .flatMap((clientId) => directoryOf(fabric).applicationByAppId(clientId) ?? [])
      .some((application) => platformOf(application, target) !== undefined);
    if (!known) return showPage(c, signedOutPage());
    const state = parameters.get('state');
    const url = new URL(target);
    if (state !== undefined) url.searchParams.set('state', state);
    return c.redirect(url.href, 302);
  } catch (error) {
    return showError(c, fabric, asAadError(error));
  }
}
