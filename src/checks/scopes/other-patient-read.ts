import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangerShown } from '../refusals.ts';

export const otherPatientRead = defineCheck({
  meta: {
    id: 'scopes/other-patient-read',
    title: 'A patient token cannot read another patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-013'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { read } }) {
    const problem = strangerShown(read);
    return judge(problem === undefined ? undefined : `reading another patient ${problem}`, { at: [read.at] });
  },
});
