import { defineCheck, judge, notApplicable } from '../check.ts';
import { strangerCors } from '../evidence/cross-origin.ts';

export const authorizeClosed = defineCheck({
  meta: {
    id: 'cors/authorize-closed',
    title: 'The authorize endpoint does not enable CORS',
    severity: 'error',
    specs: ['RFC 9700 4.17'],
    requirements: ['CORS-005'],
    inferno: [],
    needs: { cors: strangerCors },
    fix: 'Send no CORS headers from the authorize endpoint.',
  },
  judge({ cors: { authorize } }) {
    if (authorize === null) return notApplicable('the server has no authorization endpoint');
    return judge(
      authorize.allowOrigin === null ? undefined : `Access-Control-Allow-Origin is ${authorize.allowOrigin}`,
      { at: [authorize.at] },
    );
  },
});
