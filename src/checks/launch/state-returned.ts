import { defineCheck, fail, judge, skip } from '../check.ts';
import { codeJudge } from '../evidence/authorize.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

export const stateReturned = defineCheck({
  meta: {
    id: 'launch/state-returned',
    title: 'state comes back unchanged with the code',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code response', 'RFC 6749 4.1.2'],
    requirements: ['SMART-AUTHZ-007'],
    inferno: ['1.9.02'],
    needs: { launch: standaloneAuthorization },
    fix: 'Return state exactly as it was received.',
  },
  judge({ launch: { outcome, stateSent } }) {
    if (outcome.kind !== 'code') return skip(`no code came (${codeJudge(outcome)} judges that)`);
    if (outcome.stateBack === null) return fail('the redirect has no state');
    return judge(outcome.stateBack === stateSent ? undefined : 'state was changed', {
      at: outcome.at.slice(-1),
    });
  },
});
