import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const stateRequired = defineCheck({
  meta: {
    id: 'launch/state-required',
    title: 'A request without state is refused',
    severity: 'warn',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (state required)'],
    requirements: ['SMART-AUTHZ-009'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Answer error=invalid_request when state is missing.',
  },
  judge({ requests: { noState } }) {
    const problem = notRefused(noState);
    return judge(problem === undefined ? undefined : `a request without state ${problem}`, {
      at: noState.at.slice(-1),
    });
  },
});
