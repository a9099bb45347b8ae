import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const revinclude = defineCheck({
  meta: {
    id: 'scopes/revinclude',
    title: '_revinclude brings no other patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-016'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { withRevinclude, own } }) {
    const problem = strangersFound(withRevinclude, own);
    return judge(problem === undefined ? undefined : `a search with _revinclude ${problem}`, {
      at: [withRevinclude.answer.at],
    });
  },
});
