import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { AuthorizeRequest, ReturnAddress } from './authorize-request.ts';
import type { ErrorBody } from './error-body.ts';
import type { PageTokens } from './interactions.ts';
import type { MissingConsent } from './scopes.ts';

type Markup = ReturnType<typeof html>;

/** Names and ids of fields and buttons are those of Entra's own pages: drivers written for them work here. */

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;background:#f2f2f2;color:#1b1b1b;margin:0}' +
  'main{background:#fff;max-width:27rem;margin:10vh auto;padding:2.5rem;box-shadow:0 2px 6px #0003}' +
  'h1{font-size:1.4rem;font-weight:600;margin:0 0 1rem}label{display:block;margin:.8rem 0 .2rem}' +
  'input[type=email],input[type=password]{width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #666}' +
  'button{margin:1.5rem .5rem 0 0;padding:.5rem 1.5rem;border:1px solid #0067b8;background:#0067b8;color:#fff}' +
  'button.second{background:#fff;color:#1b1b1b;border-color:#666}.error{color:#c50f1f}li{margin:.4rem 0}';
const SUBMIT_SCRIPT = 'document.forms[0].submit()';

/**
 * No script but the one that posts a form_post answer, no frames, no foreign content. `form-action` must allow the
 * client's address and whatever it redirects to: browsers check every redirect that follows a posted form.
 */
export const CONTENT_SECURITY_POLICY =
  `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SUBMIT_SCRIPT)}'; ` +
  "base-uri 'none'; frame-ancestors 'none'";

export function signInPage(
  tenantId: string,
  request: AuthorizeRequest,
  tokens: PageTokens,
  failure?: { readonly code: number; readonly text: string; readonly username: string },
): Markup {
  const username = failure?.username ?? request.loginHint ?? '';
  return page(
    'Sign in to your account',
    html`<h1>Sign in</h1>
      ${failure === undefined ? '' : html`<p class="error" id="usernameError" role="alert" data-code="${failure.code}">${failure.text}</p>`}
      <form method="post" action="/${tenantId}/login" name="f1">
        ${hidden(tokens)}
        <label for="i0116">Email, phone, or Skype</label>
        <input type="email" name="loginfmt" id="i0116" autocomplete="username" value="${username}" maxlength="113" required>
        <label for="i0118">Password</label>
        <input type="password" name="passwd" id="i0118" autocomplete="current-password" maxlength="256" required>
        <button type="submit" id="idSIButton9">Sign in</button>
      </form>`,
  );
}

export function consentPage(
  tenantId: string,
  view: { readonly appName: string; readonly username: string; readonly missing: readonly MissingConsent[] },
  tokens: PageTokens,
): Markup {
  const scopes = view.missing.flatMap((item) => item.scopes);
  return page(
    'Permissions requested',
    html`<p id="displayName">${view.username}</p>
      <h1>Permissions requested</h1>
      <p><strong>${view.appName}</strong> would like to:</p>
      <ul class="scopes">
        ${scopes.map((scope) => html`<li data-scope="${scope.value}">${scope.userConsentDisplayName ?? scope.adminConsentDisplayName}</li>`)}
      </ul>
      <form method="post" action="/${tenantId}/Consent/Set">
        ${hidden(tokens)}
        <button type="submit" name="acceptConsent" value="false" id="idBtn_Back" class="second">Cancel</button>
        <button type="submit" name="acceptConsent" value="true" id="idBtn_Accept">Accept</button>
      </form>`,
  );
}

export function errorPage(body: ErrorBody): Markup {
  return page(
    'Sign in to your account',
    html`<h1>Sorry, but we’re having trouble signing you in.</h1>
      <p class="error" id="exceptionMessageContainer" data-code="${body.error_codes[0]}">${body.error_description}</p>`,
  );
}

/** OAuth 2.0 Form Post Response Mode: posts itself, and has a button where scripts do not run. */
export function formPostPage(address: ReturnAddress, fields: Readonly<Record<string, string>>): Markup {
  return page(
    'Working…',
    html`<form method="post" action="${address.redirectUri}">
        ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
        <noscript><p>Script is disabled. Click Submit to continue.</p></noscript>
        <button type="submit">Submit</button>
      </form>
      <script>${raw(SUBMIT_SCRIPT)}</script>`,
  );
}

export function signedOutPage(): Markup {
  return page('Signed out', html`<h1>You signed out of your account</h1>`);
}

function page(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
      <style>${raw(STYLE)}</style></head>
      <body><main>${body}</main></body>
    </html>`;
}

function hidden(tokens: PageTokens): Markup {
  return html`<input type="hidden" name="ctx" value="${tokens.ctx}">
    <input type="hidden" name="flowToken" value="${tokens.flowToken}">
    <input type="hidden" name="canary" value="${tokens.canary}">`;
}

function hashOf(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
