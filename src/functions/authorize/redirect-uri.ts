import type { ClientRegistration } from '../../smart/registration.ts';
import { OAuthError } from '../oauth-error.ts';
import { required } from '../parameters.ts';

/** RFC 9700 section 2.1: exact string comparison with what is registered, and no redirect when it differs. */
export function checkRedirectUri(parameters: URLSearchParams, client: ClientRegistration): string {
  const redirectUri = required(parameters, 'redirect_uri');
  if (!client.redirectUris.includes(redirectUri)) {
    throw new OAuthError('invalid_request', 'the redirect_uri is not one that is registered for this client');
  }
  return redirectUri;
}
