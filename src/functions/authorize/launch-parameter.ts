import { OAuthError } from '../oauth-error.ts';
import { once } from '../parameters.ts';
import type { Check } from './check.ts';

/**
 * An EHR launch id: opaque, one-time, bound to the client the EHR named. The last check of all, so that a request
 * that is refused for something else does not use it up.
 */
export const launchParameter: Check = async ({ gateway, parameters, client, draft }) => {
  const id = once(parameters, 'launch');
  if (id === undefined) return {};
  if (!(draft.offered ?? '').split(' ').includes('launch')) {
    throw new OAuthError('invalid_scope', 'the parameter launch goes with the scope launch');
  }
  const known = await gateway.state.launches.get(id);
  if (known === undefined || known.value.clientId !== client.clientId) {
    throw new OAuthError(
      'invalid_request',
      'the launch is unknown, used, expired or meant for another client',
    );
  }
  const taken = await gateway.state.launches.take(id);
  if (taken === undefined) throw new OAuthError('invalid_request', 'the launch was used already');
  return { launch: taken.context };
};
