import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const include = defineCheck({
  meta: {
    id: 'scopes/include',
    title: '_include brings no other patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-016'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { withInclude, own } }) {
    const problem = strangersFound(withInclude, own);
    return judge(problem === undefined ? undefined : `a search with _include ${problem}`, {
      at: [withInclude.answer.at],
    });
  },
});
