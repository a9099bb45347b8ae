import { OAuthError } from '../oauth-error.ts';
import { once, required } from '../parameters.ts';
import type { Check } from './check.ts';

/** BASE64URL(SHA-256) without padding (RFC 7636 section 4.2). */
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** RFC 7636 with SMART's rule: S256 for everyone; an absent method would mean plain and is refused too. */
export const pkce: Check = ({ parameters }) => {
  const codeChallenge = required(parameters, 'code_challenge');
  if (once(parameters, 'code_challenge_method') !== 'S256') {
    throw new OAuthError('invalid_request', 'code_challenge_method must be S256');
  }
  if (!S256_CHALLENGE.test(codeChallenge))
    throw new OAuthError('invalid_request', 'code_challenge is malformed');
  return { codeChallenge };
};
