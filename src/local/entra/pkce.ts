import { sha256 } from '../../core/ids.ts';
import { AadError } from './aadsts.ts';

export interface CodeChallenge {
  readonly value: string;
  readonly method: 'S256' | 'plain';
}

/** RFC 7636 section 4.2: 43 to 128 unreserved characters. */
const SHAPE = /^[A-Za-z0-9\-._~]{43,128}$/;

/** @throws AadError 501491 */
export function readChallenge(
  value: string | undefined,
  method: string | undefined,
): CodeChallenge | undefined {
  if (value === undefined) {
    if (method === undefined) return undefined;
    throw new AadError(501491, 'Missing code_challenge parameter for PKCE.');
  }
  const known = method ?? 'plain';
  if (known !== 'S256' && known !== 'plain') {
    throw new AadError(501491, 'The code_challenge_method parameter must be S256 or plain.');
  }
  if (!SHAPE.test(value)) throw new AadError(501491, 'Invalid size of Code_Challenge parameter.');
  return { value, method: known };
}

/** @throws AadError 501481, 50147 */
export function checkVerifier(challenge: CodeChallenge | undefined, verifier: string | undefined): void {
  if (challenge === undefined) {
    if (verifier === undefined) return;
    throw new AadError(
      50147,
      'The authorization request had no code_challenge; a code_verifier is not expected.',
    );
  }
  const computed = challenge.method === 'S256' ? sha256(verifier ?? '') : verifier;
  if (verifier === undefined || !SHAPE.test(verifier) || computed !== challenge.value) {
    throw new AadError(
      501481,
      'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    );
  }
}
