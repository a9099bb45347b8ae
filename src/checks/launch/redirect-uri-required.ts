import { defineCheck, judge } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import { notRefused } from '../refusals.ts';

export const redirectUriRequired = defineCheck({
  meta: {
    id: 'launch/redirect-uri-required',
    title: 'A request without redirect_uri is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (redirect_uri required)'],
    requirements: ['SMART-AUTHZ-006'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Require redirect_uri even when one value is registered.',
  },
  judge({ requests: { noRedirectUri } }) {
    const problem = notRefused(noRedirectUri);
    return judge(problem === undefined ? undefined : `a request without redirect_uri ${problem}`, {
      at: noRedirectUri.at.slice(-1),
    });
  },
});
