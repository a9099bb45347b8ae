import { defineCheck, judge, skip } from '../check.ts';
import { audience } from '../evidence/audience.ts';
import { notRefused } from '../refusals.ts';

export const audWrongPost = defineCheck({
  meta: {
    id: 'launch/aud-wrong-post',
    title: 'A foreign aud is refused by POST',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (aud)'],
    requirements: ['SMART-AUTHZ-010', 'G10-027'],
    inferno: ['9.4.04'],
    needs: { audience },
    fix: 'Compare aud with the FHIR base on every authorization request, by GET and by POST, and refuse before any code is issued.',
  },
  judge({ audience: { wrongByPost } }) {
    if (wrongByPost === null) return skip('no posted request works (launch/authorize-post judges that)');
    const problem = notRefused(wrongByPost);
    return judge(problem === undefined ? undefined : `a posted request for another FHIR server ${problem}`, {
      at: wrongByPost.at,
    });
  },
});
