import { OAuthError } from '../oauth-error.ts';
import { once } from '../parameters.ts';
import { fhirBase } from '../settings.ts';
import type { Check } from './check.ts';

/** SMART 2.2.0 app-launch#step-4: `aud` names the FHIR base; RFC 8707's `resource` may stand for it. */
export const audience: Check = ({ gateway, parameters }) => {
  const named = [once(parameters, 'aud'), once(parameters, 'resource')].filter(
    (value) => value !== undefined,
  );
  if (named.length === 0) throw new OAuthError('invalid_request', 'the parameter aud is missing');
  if (named.some((value) => value !== fhirBase(gateway.settings))) {
    throw new OAuthError('invalid_request', 'aud is not the FHIR base of this server');
  }
  return {};
};
