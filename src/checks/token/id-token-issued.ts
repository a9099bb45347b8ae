import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { session } from '../evidence/standalone.ts';
import { grantedScopes, NO_SCOPE } from '../granted.ts';

export const idTokenIssued = defineCheck({
  meta: {
    id: 'token/id-token-issued',
    title: 'id_token comes when openid was granted',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token'],
    requirements: ['SMART-TOKEN-009'],
    inferno: ['1.11.01', '3.10.01', '9.16.09'],
    needs: { session },
    fix: 'Return id_token when openid is among the granted scopes.',
  },
  judge({ session: { body, fromRefresh } }) {
    if (fromRefresh === true) return skip('the session began with a kept refresh token');
    const granted = grantedScopes(body);
    if (granted === undefined) return NO_SCOPE;
    if (!granted.includes('openid')) return notApplicable('openid was not granted');
    return judge(
      typeof body['id_token'] === 'string' ? undefined : 'openid was granted but no id_token came',
    );
  },
});
