import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const responseType = defineCheck({
  meta: {
    id: 'launch/response-type',
    title: 'Only response_type=code is accepted',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code', 'RFC 6749 3.1.1, 4.1.2.1'],
    requirements: ['SMART-AUTHZ-003'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Answer error=unsupported_response_type to every response_type but code.',
  },
  judge({ requests: { tokenResponseType } }) {
    const problem = notRefused(tokenResponseType);
    return judge(problem === undefined ? undefined : `response_type=token ${problem}`, {
      at: tokenResponseType.at.slice(-1),
    });
  },
});
