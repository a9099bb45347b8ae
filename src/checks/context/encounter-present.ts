import { defineCheck, fail, judge, skip } from '../check.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const encounterPresent = defineCheck({
  meta: {
    id: 'context/encounter-present',
    title: 'An EHR launch returns the encounter that is open',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-004'],
    inferno: ['3.8.15'],
    needs: { session: ehrSession },
    fix: 'Return the encounter of the launch as a bare id.',
  },
  judge({ session: { body, launchedEncounter, at } }) {
    if (launchedEncounter === null) return skip('needs the id of an encounter to launch with');
    if (body['encounter'] === undefined) return fail('no encounter came', { at: [at] });
    return judge(
      body['encounter'] === launchedEncounter
        ? undefined
        : `encounter is ${JSON.stringify(body['encounter'])}`,
      { at: [at] },
    );
  },
});
