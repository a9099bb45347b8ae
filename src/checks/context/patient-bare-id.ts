import { defineCheck, judge, skip } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const patientBareId = defineCheck({
  meta: {
    id: 'context/patient-bare-id',
    title: 'patient is a bare FHIR id',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-002', 'SMART-CTX-013'],
    inferno: ['1.9.11'],
    needs: { session },
    fix: 'Return the logical id, without "Patient/" and without a URL.',
  },
  judge({ session: { body, at } }) {
    const { patient } = body;
    if (patient === undefined) return skip('no patient came (context/patient-present judges that)');
    return judge(
      typeof patient === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(patient)
        ? undefined
        : `patient is ${JSON.stringify(patient)}`,
      { at: [at] },
    );
  },
});
