import { OAuthError } from '../oauth-error.ts';
import { once, required } from '../parameters.ts';
import type { Check } from './check.ts';

/** Only the code flow, answered in the query; clients without a redirect flow may not start one. */
export const responseType: Check = ({ parameters, client }) => {
  if (required(parameters, 'response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'response_type must be code');
  }
  if ((once(parameters, 'response_mode') ?? 'query') !== 'query') {
    throw new OAuthError('invalid_request', 'response_mode must be query');
  }
  if (client.launch !== 'standalone' && client.launch !== 'ehr') {
    throw new OAuthError(
      'unauthorized_client',
      'this client is not registered for the authorization code flow',
    );
  }
  return {};
};
