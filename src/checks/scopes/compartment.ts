import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const compartment = defineCheck({
  meta: {
    id: 'scopes/compartment',
    title: 'The compartment of another patient stays closed',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-018'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { compartment, own } }) {
    const problem = strangersFound(compartment, own);
    return judge(problem === undefined ? undefined : `the compartment of another patient ${problem}`, {
      at: [compartment.answer.at],
    });
  },
});
