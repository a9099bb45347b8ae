import { defineCheck, fail, judge, skip } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';

/** Seconds. Entra ID dates tokens five minutes back; clocks differ by another minute. */
const SKEW_S = 360;

export const idTokenTimes = defineCheck({
  meta: {
    id: 'oidc/id-token-times',
    title: 'The ID token is fresh and not expired',
    severity: 'error',
    specs: ['OpenID Connect Core 1.0 section 3.1.3.7'],
    requirements: ['OIDC-012'],
    inferno: ['1.11.06'],
    needs: { token: idToken },
    fix: 'Issue iat close to now and exp in the future; check the clocks.',
  },
  judge({ token }) {
    const { exp, iat, receivedAt } = token;
    if (typeof exp !== 'number' || typeof iat !== 'number')
      return skip('exp or iat is missing (oidc/id-token-claims judges that)');
    if (exp <= receivedAt)
      return fail(`it expired ${receivedAt - exp} seconds before it arrived`, { at: [token.at] });
    const age = Math.abs(receivedAt - iat);
    return judge(age <= SKEW_S ? undefined : `iat is ${age} seconds away from now`, { at: [token.at] });
  },
});
