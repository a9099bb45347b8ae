import { defineCheck, fail, judge } from '../check.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const ehrPatient = defineCheck({
  meta: {
    id: 'context/ehr-patient',
    title: 'An EHR launch returns the patient that is open',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-001', 'SMART-LAUNCH-002'],
    inferno: ['3.8.13'],
    needs: { session: ehrSession },
    fix: 'Return the patient of the launch that the EHR created.',
  },
  judge({ session: { body, launchedPatient, at } }) {
    if (body['patient'] === undefined) return fail('no patient came', { at: [at] });
    return judge(
      body['patient'] === launchedPatient ? undefined : 'another patient came than the EHR had open',
      { at: [at] },
    );
  },
});
