import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const pkcePlain = defineCheck({
  meta: {
    id: 'launch/pkce-plain',
    title: 'code_challenge_method=plain is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#considerations-for-pkce-support'],
    requirements: ['SMART-AUTHZ-015'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Accept S256 only.',
  },
  judge({ requests: { plainChallenge } }) {
    const problem = notRefused(plainChallenge);
    return judge(problem === undefined ? undefined : `a request with method plain ${problem}`, {
      at: plainChallenge.at.slice(-1),
    });
  },
});
