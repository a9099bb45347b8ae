import { defineCheck, judge } from '../check.ts';
import { audience } from '../evidence/audience.ts';
import { notRefused } from '../refusals.ts';

export const audAbsentGet = defineCheck({
  meta: {
    id: 'launch/aud-absent-get',
    title: 'A missing aud is refused by GET',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (aud)'],
    requirements: ['SMART-AUTHZ-011'],
    inferno: [],
    needs: { audience },
    fix: 'Compare aud with the FHIR base on every authorization request, by GET and by POST, and refuse before any code is issued.',
  },
  judge({ audience: { absentByGet } }) {
    const problem = notRefused(absentByGet);
    return judge(problem === undefined ? undefined : `a request without aud ${problem}`, {
      at: absentByGet.at,
    });
  },
});
