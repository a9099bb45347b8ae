import { sha256 } from '../../core/ids.ts';
import { formatScopes, parseScopeList } from '../../smart/scopes.ts';
import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { isFixed, narrowings } from '../pages/choose-page.ts';
import { readForm, required } from '../parameters.ts';
import { TRANSACTION_LIFETIME_MS, type Transaction } from '../state/state.ts';
import { addressOf } from './authorize.ts';
import { equalSecrets } from './browser.ts';
import { grantedContext, parseFhirUser } from './launch-context.ts';
import { redirectError, seeOther } from './redirects.ts';
import { findTransaction } from './transaction.ts';

/** `POST {authBase}/choose`: the user's decision. Ends at Entra, this time under the client's registration. */
export async function choose(gateway: Gateway, request: Request): Promise<Response> {
  const form = await readForm(request);
  const transactionId = required(form, 'transaction');
  const { value: transaction, etag } = await findTransaction(gateway, request, transactionId, 'choose');
  if (!equalSecrets(required(form, 'csrf'), transaction.csrf ?? '')) {
    throw new OAuthError('invalid_request', 'the form is not the one this server sent');
  }
  try {
    const granted = decide(gateway, transaction, form);
    return await continueAtEntra(gateway, transactionId, { ...transaction, granted }, etag);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    await gateway.state.transactions.remove(transactionId);
    return redirectError(gateway, addressOf(transaction.request), error);
  }
}

/** Chosen ∩ offered, and the fixed ones; also what an offered scope was narrowed to. */
function decide(gateway: Gateway, transaction: Transaction, form: URLSearchParams): string {
  if (required(form, 'decision') !== 'allow') throw new OAuthError('access_denied', 'the user denied access');
  const chosen = new Set(form.getAll('scope'));
  const { scopes } = parseScopeList(transaction.request.offered);
  const granted = scopes.flatMap((scope) => {
    if (isFixed(scope) || chosen.has(scope.text)) return [scope];
    return narrowings(scope).filter((one) => chosen.has(one.text));
  });
  if (!granted.some((scope) => scope.kind === 'resource' || scope.text === 'openid')) {
    throw new OAuthError('access_denied', 'the user granted nothing');
  }
  const text = formatScopes(granted);
  const { user, request } = transaction;
  if (user?.fhirUser !== undefined) {
    grantedContext(gateway.settings, text, request.launch, parseFhirUser(user.fhirUser));
  }
  return text;
}

async function continueAtEntra(
  gateway: Gateway,
  transactionId: string,
  transaction: Transaction,
  etag: string,
): Promise<Response> {
  const verifier = gateway.random(32);
  const next: Transaction = {
    ...transaction,
    stage: 'entra',
    verifier: await gateway.seal.seal('verifier', { verifier }),
  };
  const expiresAt = gateway.clock.now() + TRANSACTION_LIFETIME_MS;
  if (!(await gateway.state.transactions.replace(transactionId, next, expiresAt, etag))) {
    throw new OAuthError('invalid_request', 'the choice was made already');
  }
  const { request, user } = transaction;
  const client = gateway.client(request.clientId);
  if (client === undefined) throw new OAuthError('unauthorized_client', 'the client is no longer registered');
  const loginHint = user?.username;
  return seeOther(
    await gateway.issuer.authorizeUrl(client, {
      state: transactionId,
      codeChallenge: sha256(verifier),
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      ...(loginHint === undefined ? {} : { loginHint }),
    }),
  );
}
