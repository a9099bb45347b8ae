import { defineCheck, fail, judge } from '../check.ts';
import { errorPage } from '../evidence/hostile-input.ts';

export const errorPageCheck = defineCheck({
  meta: {
    id: 'security/error-page',
    title: 'Error pages reflect nothing and disclose nothing',
    severity: 'error',
    specs: ['RFC 6749 5.2, 10.14'],
    requirements: ['OAUTH-SEC-016'],
    inferno: [],
    needs: { page: errorPage },
    fix: 'Escape what error pages repeat; keep stack traces in the log.',
  },
  judge({ page: { reflectsMarkup, stackTrace, status, at } }) {
    if (reflectsMarkup) return fail('markup of the request is in the page as markup', { at: [at] });
    if (stackTrace) return fail('the page shows a stack trace', { at: [at] });
    return judge(status < 500 ? undefined : `a malformed client_id was answered ${status}`, { at: [at] });
  },
});
