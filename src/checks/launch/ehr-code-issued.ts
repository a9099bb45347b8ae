import { defineCheck, judge, skip } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { ehrAuthorization } from '../evidence/ehr-launch.ts';

export const ehrCodeIssued = defineCheck({
  meta: {
    id: 'launch/ehr-code-issued',
    title: 'A correct EHR launch leads to an authorization code',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-2-launch-ehr'],
    requirements: ['SMART-LAUNCH-001', 'SMART-LAUNCH-002'],
    inferno: ['3.8.01', '3.8.02', '3.8.04', '3.8.05', '9.19.05'],
    needs: { launch: ehrAuthorization },
    fix: 'Follow the exchanges: the last answer tells which step failed.',
  },
  judge({ launch: { outcome } }) {
    if (outcome.status === 307 || outcome.status === 308)
      return skip('it passed the password on (security/redirect-after-post judges that)');
    return judge(outcome.kind === 'code' ? undefined : `the EHR launch ended with ${sayOutcome(outcome)}`, {
      at: outcome.at.slice(-1),
    });
  },
});
