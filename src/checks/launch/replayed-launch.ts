import { defineCheck, judge } from '../check.ts';
import { launchMisuse } from '../evidence/ehr-launch.ts';
import { notRefused } from '../refusals.ts';

export const replayedLaunch = defineCheck({
  meta: {
    id: 'launch/replayed-launch',
    title: 'A launch handle works once',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#smart-authorization--fhir-access-overview', 'RFC 9700 4.5'],
    requirements: ['SMART-LAUNCH-005'],
    inferno: [],
    needs: { misuse: launchMisuse },
    fix: 'Delete a launch handle when it is used.',
  },
  judge({ misuse: { replayed } }) {
    const problem = notRefused(replayed);
    return judge(problem === undefined ? undefined : `a used launch handle ${problem}`, {
      at: replayed.at.slice(-1),
    });
  },
});
