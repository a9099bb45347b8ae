import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import type { Kept } from '../state/collection.ts';
import type { Transaction } from '../state/state.ts';
import { isSameBrowser } from './browser.ts';

/**
 * The transaction a browser comes back with, when it is at an expected stage and this is the browser that began it.
 *
 * @throws OAuthError for a page: there is nowhere trustworthy to redirect to
 */
export async function findTransaction(
  gateway: Gateway,
  request: Request,
  id: string,
  ...stages: readonly Transaction['stage'][]
): Promise<Kept<Transaction>> {
  const kept = await gateway.state.transactions.get(id);
  if (kept === undefined || !stages.includes(kept.value.stage)) {
    throw new OAuthError('invalid_request', 'this sign-in is unknown, finished or too old');
  }
  if (!isSameBrowser(request, id, kept.value)) {
    throw new OAuthError(
      'invalid_request',
      'this sign-in was started in another browser, or cookies are switched off',
    );
  }
  return kept;
}

/** The PKCE verifier of the current stage. */
export async function openVerifier(gateway: Gateway, transaction: Transaction): Promise<string> {
  const opened = (await gateway.seal.open('verifier', transaction.verifier)) as
    | { verifier?: unknown }
    | undefined;
  if (typeof opened?.verifier !== 'string') throw new Error('a transaction holds no verifier');
  return opened.verifier;
}
