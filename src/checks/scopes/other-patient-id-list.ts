import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const otherPatientIdList = defineCheck({
  meta: {
    id: 'scopes/other-patient-id-list',
    title: 'A list of ids shows only the own patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-014'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { byId, own } }) {
    const problem = strangersFound(byId, own);
    return judge(problem === undefined ? undefined : `a search with both ids ${problem}`, {
      at: [byId.answer.at],
    });
  },
});
