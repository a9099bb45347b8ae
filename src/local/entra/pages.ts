import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { AuthorizeRequest, ReturnAddress } from './authorize-request.ts';
import type { ErrorBody } from './error-body.ts';
import type { PageTokens } from './interactions.ts';
import type { MissingConsent } from './scopes.ts';

type Markup = ReturnType<typeof html>;

/** Names and ids of fields and buttons are those of Entra's own pages: drivers written for them work here. */

const STYLE =
  ':root{color-scheme:light;font:15px/1.5 "Segoe UI",system-ui,sans-serif}*{box-sizing:border-box}' +
  'body{background:#f2f2f2;color:#1b1b1b;margin:0;overflow-wrap:anywhere}.frame{max-width:27.5rem;margin:10vh auto 2rem}' +
  'main{background:#fff;padding:2.75rem;box-shadow:0 2px 6px #0003}' +
  'h1{font-size:1.5rem;line-height:1.25;font-weight:600;margin:0 0 1rem}p{margin:0 0 .9rem}' +
  'label{display:block;margin:.9rem 0 .25rem}#displayName{color:#555}' +
  'input[type=email],input[type=password]{width:100%;font:inherit;padding:.5rem .6rem;border:1px solid #666;border-radius:2px}' +
  'input[aria-invalid=true]{border-color:#c50f1f}' +
  '.buttons{display:flex;gap:.5rem;justify-content:flex-end;margin:1.75rem 0 0}' +
  'button{font:inherit;min-width:6.75rem;min-height:2.25rem;padding:0 .75rem;border:1px solid #0067b8;background:#0067b8;' +
  'color:#fff;cursor:pointer}button.second{background:#fff;color:#1b1b1b;border-color:#666}' +
  ':focus-visible{outline:2px solid #1b1b1b;outline-offset:2px}.error{color:#c50f1f}.note{font-size:.87rem;color:#555}' +
  'ul{padding-left:1.25rem;margin:0 0 1.25rem}li{margin:.4rem 0}footer{font-size:.8rem;color:#555;padding:.9rem 2.75rem}' +
  '@media(max-width:30rem){body{background:#fff}.frame{margin:0}main{box-shadow:none;padding:1.5rem}footer{padding:.9rem 1.5rem}}';
const FAULTY = raw(' aria-invalid="true" aria-describedby="usernameError"');
/** Nobody shall take this for Microsoft's own page. */
const FOOTER =
  'Laptop stand-in for Microsoft Entra ID. It knows test users only; do not enter real passwords.';
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
        <input type="email" name="loginfmt" id="i0116" autocomplete="username" value="${username}" maxlength="113" required${failure === undefined ? '' : FAULTY}>
        <label for="i0118">Password</label>
        <input type="password" name="passwd" id="i0118" autocomplete="current-password" maxlength="256" required>
        <p class="buttons"><button type="submit" id="idSIButton9">Sign in</button></p>
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
      <p class="note">If you accept, this app may do so on your behalf until the consent is withdrawn. Only accept if you trust it.</p>
      <form method="post" action="/${tenantId}/Consent/Set">
        ${hidden(tokens)}
        <p class="buttons"><button type="submit" name="acceptConsent" value="false" id="idBtn_Back" class="second">Cancel</button>
        <button type="submit" name="acceptConsent" value="true" id="idBtn_Accept">Accept</button></p>
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
        <p class="buttons"><button type="submit">Submit</button></p>
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
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
      <style>${raw(STYLE)}</style></head>
      <body><div class="frame"><main>${body}</main><footer>${FOOTER}</footer></div></body>
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
