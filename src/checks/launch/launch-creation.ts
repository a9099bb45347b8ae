import { defineCheck, fail, judge } from '../check.ts';
import { launchCreation } from '../evidence/ehr-launch.ts';
import { say } from '../evidence/seen.ts';
import { accessNotRefused } from '../refusals.ts';

export const launchCreationCheck = defineCheck({
  meta: {
    id: 'launch/launch-creation',
    title: 'Only the EHR may create launches',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#smart-authorization--fhir-access-overview'],
    requirements: ['SMART-LAUNCH-003', 'SMART-LAUNCH-005'],
    inferno: [],
    needs: { creation: launchCreation },
    fix: 'Require the token of a client that holds the launch role.',
  },
  judge({ creation: { withoutToken, withOtherToken, ehr } }) {
    if (withoutToken.status !== 401)
      return fail(`a request without token was answered ${say(withoutToken)}`, { at: [withoutToken.at] });
    const other = withOtherToken === null ? undefined : accessNotRefused(withOtherToken);
    if (other !== undefined)
      return fail(`a client that is no EHR ${other}`, {
        at: withOtherToken === null ? [] : [withOtherToken.at],
      });
    return judge(ehr.status === 201 ? undefined : `the EHR was answered ${say(ehr)}`, { at: [ehr.at] });
  },
});
