import { defineCheck, judge } from '../check.ts';
import { launchMisuse } from '../evidence/ehr-launch.ts';
import { notRefused } from '../refusals.ts';

export const forgedLaunch = defineCheck({
  meta: {
    id: 'launch/forged-launch',
    title: 'An invented launch handle is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code (launch parameter)'],
    requirements: ['SMART-LAUNCH-004'],
    inferno: [],
    needs: { misuse: launchMisuse },
    fix: 'Accept only launch handles that the EHR issued.',
  },
  judge({ misuse: { forged } }) {
    const problem = notRefused(forged);
    return judge(problem === undefined ? undefined : `an invented launch handle ${problem}`, {
      at: forged.at.slice(-1),
    });
  },
});
