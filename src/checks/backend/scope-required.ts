import { defineCheck, judge } from '../check.ts';
import { backendRequests } from '../evidence/backend.ts';
import { tokenNotRefused } from '../refusals.ts';

export const scopeRequired = defineCheck({
  meta: {
    id: 'backend/scope-required',
    title: 'A backend request without scope is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#request-1'],
    requirements: ['SMART-BACKEND-005'],
    inferno: [],
    needs: { requests: backendRequests },
    fix: 'Answer 400 {"error":"invalid_scope"} or invalid_request when scope is missing.',
  },
  judge({ requests: { noScope } }) {
    const problem = tokenNotRefused(noScope);
    return judge(problem === undefined ? undefined : `a request without scope ${problem}`, {
      at: [noScope.at],
    });
  },
});
