import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { session } from '../evidence/standalone.ts';
import { grantedScopes, NO_SCOPE } from '../granted.ts';

export const refreshTokenIssued = defineCheck({
  meta: {
    id: 'token/refresh-token-issued',
    title: 'refresh_token comes when offline_access was granted',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', '45 CFR 170.315(g)(10)(v)(A)(1)(ii)'],
    requirements: ['SMART-TOKEN-010', 'G10-018'],
    inferno: ['1.6.01'],
    needs: { session },
    fix: 'Return refresh_token when offline_access or online_access is granted.',
  },
  judge({ session: { body, fromRefresh } }) {
    if (fromRefresh === true) return skip('the session began with a kept refresh token');
    const granted = grantedScopes(body);
    if (granted === undefined) return NO_SCOPE;
    const lasting = granted.includes('offline_access') || granted.includes('online_access');
    if (!lasting) return notApplicable('neither offline_access nor online_access was granted');
    return judge(
      typeof body['refresh_token'] === 'string'
        ? undefined
        : 'offline_access was granted but no refresh_token came',
    );
  },
});
