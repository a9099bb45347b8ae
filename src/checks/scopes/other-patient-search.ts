import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const otherPatientSearch = defineCheck({
  meta: {
    id: 'scopes/other-patient-search',
    title: 'A patient token finds nothing of another patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-014'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { byPatient, own } }) {
    const problem = strangersFound(byPatient, own);
    return judge(problem === undefined ? undefined : `a search for another patient ${problem}`, {
      at: [byPatient.answer.at],
    });
  },
});
