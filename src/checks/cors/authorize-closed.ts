import { defineCheck, judge } from '../check.ts';
import { authorizeCors } from '../evidence/cross-origin.ts';

export const authorizeClosed = defineCheck({
  meta: {
    id: 'cors/authorize-closed',
    title: 'The authorize endpoint does not enable CORS',
    severity: 'error',
    specs: ['RFC 9700 2.6'],
    requirements: ['CORS-005'],
    inferno: [],
    needs: { cors: authorizeCors },
    fix: 'Send no CORS headers from the authorize endpoint.',
  },
  judge({ cors: { answers } }) {
    const open = answers.find(({ allowOrigin }) => allowOrigin !== null);
    return judge(
      open === undefined
        ? undefined
        : `Access-Control-Allow-Origin is ${open.allowOrigin} for ${open.origin}`,
      { at: open === undefined ? [] : [open.at] },
    );
  },
});
