import { defineCheck, fail, judge } from '../check.ts';
import { patientRead } from '../evidence/context-reads.ts';
import { resourceType, say } from '../evidence/seen.ts';

export const patientReadable = defineCheck({
  meta: {
    id: 'context/patient-readable',
    title: 'The patient in context can be read',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-002'],
    inferno: ['1.9.11', '2.4.09', '9.16.08'],
    needs: { read: patientRead },
    fix: 'Let the session read its own patient.',
  },
  judge({ read: { patient, answer, id } }) {
    if (answer.status !== 200)
      return fail(`Patient/${patient} was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      resourceType(answer) === 'Patient' && id === patient ? undefined : 'another resource came back',
      { at: [answer.at] },
    );
  },
});
