import { defineCheck, judge, skip } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

export const codeIssued = defineCheck({
  meta: {
    id: 'launch/code-issued',
    title: 'A correct standalone launch leads to an authorization code',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code response'],
    requirements: ['SMART-AUTHZ-001', 'SMART-AUTHZ-007'],
    inferno: ['1.9.02', '1.9.03', '2.4.02', '2.4.03'],
    needs: { launch: standaloneAuthorization },
    fix: 'Follow the exchanges: the last answer tells which step of authorize, sign-in or consent failed.',
  },
  judge({ launch: { outcome } }) {
    if (outcome.status === 307 || outcome.status === 308)
      return skip('it passed the password on (security/redirect-after-post judges that)');
    return judge(outcome.kind === 'code' ? undefined : `the launch ended with ${sayOutcome(outcome)}`, {
      at: outcome.at.slice(-1),
    });
  },
});
