import { timingSafeEqual } from 'node:crypto';
import { SmartfhirError } from '../../core/errors.ts';

declare const validated: unique symbol;
/** An authorization code whose state, issuer and parameters were checked. Only `validateCallback` makes one. */
export type ValidatedCallback = { readonly code: string; readonly [validated]: true };

/** What came back to a redirect URI, each parameter at most once. */
export interface CallbackParameters {
  readonly code: string | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly state: string | undefined;
  readonly iss: string | undefined;
}

/** RFC 6749 section 3.1: a parameter that appears more than once makes the answer invalid. */
function readCallback(url: string): CallbackParameters {
  const query = new URL(url).searchParams;
  const once = (name: string): string | undefined => {
    const [value, ...rest] = query.getAll(name);
    if (rest.length === 0) return value;
    throw new SmartfhirError('CALLBACK_INVALID', `${name} appears ${rest.length + 1} times in the redirect`);
  };
  return {
    code: once('code'),
    error: once('error'),
    errorDescription: once('error_description'),
    state: once('state'),
    iss: once('iss'),
  };
}

/**
 * Believes an authorization response or not: state first, then the issuer (RFC 9207) where one is given and
 * known, then the error, then the code.
 *
 * @throws SmartfhirError `CALLBACK_INVALID`, or `OAUTH_REFUSED` with the server's own error
 */
export function validateCallback(
  url: string,
  expected: { readonly state: string; readonly issuer: string | undefined },
): ValidatedCallback {
  const { code, error, errorDescription, state, iss } = readCallback(url);
  if (state === undefined || !equal(state, expected.state)) {
    throw new SmartfhirError(
      'CALLBACK_INVALID',
      state === undefined ? 'the redirect has no state' : 'state was changed',
      {
        why: 'an answer with another state may belong to somebody else (RFC 6749 section 10.12)',
      },
    );
  }
  if (iss !== undefined && expected.issuer !== undefined && iss !== expected.issuer) {
    throw new SmartfhirError(
      'CALLBACK_INVALID',
      'iss of the redirect is not the discovered issuer (RFC 9207)',
    );
  }
  if (error !== undefined) {
    throw new SmartfhirError('OAUTH_REFUSED', `the authorization server answered ${error}`, {
      why: errorDescription ?? 'it gave no description',
    });
  }
  if (code === undefined || code === '')
    throw new SmartfhirError('CALLBACK_INVALID', 'the redirect has no code');
  return { code } as ValidatedCallback;
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
