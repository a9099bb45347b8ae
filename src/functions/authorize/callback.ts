import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { required } from '../parameters.ts';
import { CODE_LIFETIME_MS, type Transaction } from '../state/state.ts';
import { addressOf, answerParameter } from './authorize.ts';
import { redirectCode, redirectError } from './redirects.ts';
import { findTransaction, openVerifier } from './transaction.ts';

/**
 * `GET {authBase}/callback`: Entra's answer to the second visit. Entra's code is kept, sealed; the client gets a
 * code of ours, for Entra's cannot be redeemed before the client shows its secret.
 */
export async function callback(gateway: Gateway, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const transactionId = required(url.searchParams, 'state');
  await findTransaction(gateway, request, transactionId, 'entra');
  const transaction = await gateway.state.transactions.take(transactionId);
  if (transaction === undefined) throw new OAuthError('invalid_request', 'this sign-in was finished already');
  try {
    return await redirectCode(
      gateway,
      addressOf(transaction.request),
      await issueCode(gateway, transaction, url),
    );
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return redirectError(gateway, addressOf(transaction.request), error);
  }
}

async function issueCode(gateway: Gateway, transaction: Transaction, url: URL): Promise<string> {
  const refusal = answerParameter(url, 'error');
  if (refusal === 'temporarily_unavailable' || refusal === 'server_error') {
    throw new OAuthError(refusal, 'the identity provider could not complete the sign-in');
  }
  if (refusal !== undefined) throw new OAuthError('access_denied', 'the identity provider denied access');
  const { user, granted, request } = transaction;
  if (user === undefined || granted === undefined)
    throw new Error('a transaction came back without a choice');
  const code = gateway.random(32);
  const entra = {
    code: required(url.searchParams, 'code'),
    verifier: await openVerifier(gateway, transaction),
  };
  await gateway.state.codes.insert(
    code,
    { request, granted, user, entra: await gateway.seal.seal('entra-code', entra) },
    gateway.clock.now() + CODE_LIFETIME_MS,
  );
  return code;
}
