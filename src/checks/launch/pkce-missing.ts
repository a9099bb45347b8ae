import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const pkceMissing = defineCheck({
  meta: {
    id: 'launch/pkce-missing',
    title: 'A request without code_challenge is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (code_challenge required)', 'RFC 7636 4.4.1'],
    requirements: ['SMART-AUTHZ-014'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Require code_challenge of every client.',
  },
  judge({ requests: { noChallenge } }) {
    const problem = notRefused(noChallenge);
    return judge(problem === undefined ? undefined : `a request without code_challenge ${problem}`, {
      at: noChallenge.at.slice(-1),
    });
  },
});
