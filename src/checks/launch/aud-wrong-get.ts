import { defineCheck, judge } from '../check.ts';
import { audience } from '../evidence/audience.ts';
import { notRefused } from '../refusals.ts';

export const audWrongGet = defineCheck({
  meta: {
    id: 'launch/aud-wrong-get',
    title: 'A foreign aud is refused by GET',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (aud)'],
    requirements: ['SMART-AUTHZ-010', 'G10-027'],
    inferno: ['9.4.03', '9.4.04'],
    needs: { audience },
    fix: 'Compare aud with the FHIR base on every authorization request, by GET and by POST, and refuse before any code is issued.',
  },
  judge({ audience: { wrongByGet } }) {
    const problem = notRefused(wrongByGet);
    return judge(problem === undefined ? undefined : `a request for another FHIR server ${problem}`, {
      at: wrongByGet.at,
    });
  },
});
