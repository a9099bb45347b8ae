import { defineCheck, judge, notApplicable } from '../check.ts';
import { refreshMisuse } from '../evidence/refresh.ts';
import { tokenNotRefused } from '../refusals.ts';

export const clientAuthentication = defineCheck({
  meta: {
    id: 'refresh/client-authentication',
    title: 'A confidential client must authenticate to refresh',
    severity: 'error',
    specs: ['RFC 6749 6'],
    requirements: ['SMART-REFRESH-005'],
    inferno: [],
    needs: { misuse: refreshMisuse },
    fix: 'Refuse a refresh of a confidential client without its secret or assertion.',
  },
  judge({ misuse: { withoutAuthentication } }) {
    if (withoutAuthentication === null) return notApplicable('the app is a public client');
    const problem = tokenNotRefused(withoutAuthentication);
    return judge(problem === undefined ? undefined : `a refresh without client authentication ${problem}`, {
      at: [withoutAuthentication.at],
    });
  },
});
