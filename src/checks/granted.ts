import type { JsonObject } from '../smart/json.ts';
import { skip, type Verdict } from './check.ts';

/** What depends on granted scopes cannot be judged when the token response names none. */
export const NO_SCOPE: Verdict = skip('no scope came with the token (token/scope-present judges that)');

/** The granted scopes of a token response; undefined when it names none. */
export function grantedScopes(body: JsonObject): readonly string[] | undefined {
  const scope = body['scope'];
  return typeof scope === 'string' && scope !== '' ? scope.split(' ') : undefined;
}
