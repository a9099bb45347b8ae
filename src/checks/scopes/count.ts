import { defineCheck, fail, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { say } from '../evidence/seen.ts';

export const count = defineCheck({
  meta: {
    id: 'scopes/count',
    title: 'Counts do not tell of another patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-017'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { count } }) {
    const { answer, total } = count;
    if (answer.status >= 500) return fail(`a count was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      answer.status === 200 && (total ?? 0) > 0
        ? `the count of another patient's observations is ${total}`
        : undefined,
      { at: [answer.at] },
    );
  },
});
