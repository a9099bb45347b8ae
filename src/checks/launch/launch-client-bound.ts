import { defineCheck, judge, skip } from '../check.ts';
import { launchMisuse } from '../evidence/ehr-launch.ts';
import { notRefused } from '../refusals.ts';

export const launchClientBound = defineCheck({
  meta: {
    id: 'launch/launch-client-bound',
    title: 'A launch handle works for its app only',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#smart-authorization--fhir-access-overview'],
    requirements: ['SMART-LAUNCH-005'],
    inferno: [],
    needs: { misuse: launchMisuse },
    fix: 'Bind each launch handle to the client it was made for.',
  },
  judge({ misuse: { otherClient } }) {
    if (otherClient === null) return skip('needs a second client with launch: ehr');
    const problem = notRefused(otherClient);
    return judge(problem === undefined ? undefined : `the launch handle of another app ${problem}`, {
      at: otherClient.at.slice(-1),
    });
  },
});
