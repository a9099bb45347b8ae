import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const repeatedParameter = defineCheck({
  meta: {
    id: 'launch/repeated-parameter',
    title: 'A repeated parameter makes the request invalid',
    severity: 'error',
    specs: ['RFC 6749 3.1'],
    requirements: ['SMART-AUTHZ-021'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Refuse authorization requests in which a parameter appears twice.',
  },
  judge({ requests: { repeatedScope } }) {
    const problem = notRefused(repeatedScope);
    return judge(problem === undefined ? undefined : `a request with two scope parameters ${problem}`, {
      at: repeatedScope.at.slice(-1),
    });
  },
});
