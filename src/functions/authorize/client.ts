import type { ClientRegistration } from '../../smart/registration.ts';
import type { Gateway } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { required } from '../parameters.ts';

/** RFC 6749 section 4.1.2.1: an unknown client is told on a page of ours, never by redirect. */
export function checkClient(gateway: Gateway, parameters: URLSearchParams): ClientRegistration {
  const client = gateway.client(required(parameters, 'client_id'));
  if (client === undefined) throw new OAuthError('invalid_request', 'the client_id is not registered here');
  return client;
}
