import { defineCheck, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { strangersFound } from '../refusals.ts';

export const unfilteredSearch = defineCheck({
  meta: {
    id: 'scopes/unfiltered-search',
    title: 'A search without patient stays with the own patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-015'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { unfiltered, own } }) {
    const problem = strangersFound(unfiltered, own);
    return judge(problem === undefined ? undefined : `a search without patient parameter ${problem}`, {
      at: [unfiltered.answer.at],
    });
  },
});
