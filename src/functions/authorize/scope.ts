import { isEnforceable } from '../../smart/granular.ts';
import { formatScopes, narrow, parseScopeList, type Scope } from '../../smart/scopes.ts';
import { OAuthError } from '../oauth-error.ts';
import { once, required } from '../parameters.ts';
import type { Check } from './check.ts';

const LONGEST_SCOPE = 16_384;

/** Asked ∩ registered. Words that are unknown, not registered or not for users are left out (RFC 6749 section 3.3). */
export const scope: Check = ({ parameters, client }) => {
  const text = required(parameters, 'scope');
  if (text.length > LONGEST_SCOPE) throw new OAuthError('invalid_scope', 'the scope list is too long');
  const asked = parseScopeList(text).scopes.filter((one) => isForUsers(one));
  const withLaunch = once(parameters, 'launch') !== undefined;
  if (!withLaunch && asked.some((one) => one.text === 'launch')) {
    throw new OAuthError(
      'invalid_request',
      'the scope launch goes with the parameter launch of an EHR launch',
    );
  }
  const registered = parseScopeList(client.scopes.join(' ')).scopes;
  const offered = narrow(asked, registered).filter(
    // Outside an EHR launch nobody knows of an encounter.
    (one) => withLaunch || one.text !== 'launch/encounter',
  );
  if (!offered.some((one) => one.kind === 'resource' || one.text === 'openid')) {
    throw new OAuthError('invalid_scope', 'none of the scopes can be granted to this client');
  }
  return { offered: formatScopes(offered) };
};

/** `system/` is for backend clients; what a scope constrains must be something the guard can check. */
function isForUsers(one: Scope): boolean {
  return one.kind === 'resource' ? one.context !== 'system' && isEnforceable(one) : one.kind !== 'extension';
}
