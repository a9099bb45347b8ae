import { defineCheck, judge, skip } from '../check.ts';
import { audience } from '../evidence/audience.ts';
import { notRefused } from '../refusals.ts';

export const audAbsentPost = defineCheck({
  meta: {
    id: 'launch/aud-absent-post',
    title: 'A missing aud is refused by POST',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (aud)'],
    requirements: ['SMART-AUTHZ-011'],
    inferno: [],
    needs: { audience },
    fix: 'Compare aud with the FHIR base on every authorization request, by GET and by POST, and refuse before any code is issued.',
  },
  judge({ audience: { absentByPost } }) {
    if (absentByPost === null) return skip('no posted request works (launch/authorize-post judges that)');
    const problem = notRefused(absentByPost);
    return judge(problem === undefined ? undefined : `a posted request without aud ${problem}`, {
      at: absentByPost.at,
    });
  },
});
