import { defineCheck, fail, judge } from '../check.ts';
import { patientBoundary } from '../evidence/patient-boundary.ts';
import { say } from '../evidence/seen.ts';

export const batch = defineCheck({
  meta: {
    id: 'scopes/batch',
    title: 'Each entry of a batch obeys the session',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-020'],
    inferno: [],
    needs: { boundary: patientBoundary },
    fix: 'Bind every road of a patient/ token to the patient of its session.',
  },
  judge({ boundary: { batch, own } }) {
    const others = batch.patients.filter((patient) => patient !== own);
    if (batch.answer.status >= 500)
      return fail(`a batch was answered ${say(batch.answer)}`, { at: [batch.answer.at] });
    return judge(others.length === 0 ? undefined : 'a batch of reads returned another patient', {
      at: [batch.answer.at],
    });
  },
});
