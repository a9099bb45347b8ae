import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const pkceMethodMissing = defineCheck({
  meta: {
    id: 'launch/pkce-method-missing',
    title: 'A missing code_challenge_method, which means plain, is refused',
    severity: 'error',
    specs: ['RFC 7636 4.3'],
    requirements: ['SMART-AUTHZ-016'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Refuse a code_challenge without code_challenge_method=S256.',
  },
  judge({ requests: { noMethod } }) {
    const problem = notRefused(noMethod);
    return judge(problem === undefined ? undefined : `a challenge without method ${problem}`, {
      at: noMethod.at.slice(-1),
    });
  },
});
