import type { OAuthError } from '../oauth-error.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** For errors that must not be redirected: the address they would go to is not to be trusted, or not known. */
export function errorPage(error: OAuthError, correlationId: string): Response {
  const body = html`<h1>This request cannot go on</h1>
<p>${sentence(error.message)}</p>
<p>Nothing was granted. Go back to the app and start again.</p>
<dl>
<dt>Error</dt><dd><code>${error.code}</code></dd>
<dt>Reference</dt><dd><code>${correlationId}</code></dd>
</dl>`;
  return page(body, { title: 'Request refused', status: error.status === 401 ? 400 : error.status });
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
