import type { OAuthError } from '../oauth-error.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** For errors that must not be redirected: the address they would go to is not to be trusted, or not known. */
export function errorPage(error: OAuthError, correlationId: string): Response {
  const body = html`<h1>This request cannot go on</h1>
<p>${error.message}</p>
<p class="note">Error <code>${error.code}</code>, reference <code>${correlationId}</code>. Go back to the app and start again.</p>`;
  return page(body, { title: 'Request refused', status: error.status === 401 ? 400 : error.status });
}
