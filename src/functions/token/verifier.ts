import { sha256 } from '../../core/ids.ts';
import { equalSecrets } from '../authorize/browser.ts';
import { OAuthError } from '../oauth-error.ts';
import { once } from '../parameters.ts';

/** RFC 7636 section 4.1. */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/** RFC 7636 section 4.6: the verifier must hash to the challenge; compared in constant time. */
export function checkVerifier(form: URLSearchParams, challenge: string): void {
  const verifier = once(form, 'code_verifier');
  if (verifier === undefined || !VERIFIER.test(verifier) || !equalSecrets(sha256(verifier), challenge)) {
    throw new OAuthError('invalid_grant', 'code_verifier does not fit the code_challenge of the request');
  }
}
