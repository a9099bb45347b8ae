import { defineCheck, fail, judge } from '../check.ts';
import { encounterRead } from '../evidence/context-reads.ts';
import { resourceType, say } from '../evidence/seen.ts';

export const encounterReadable = defineCheck({
  meta: {
    id: 'context/encounter-readable',
    title: 'The encounter in context can be read',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-004'],
    inferno: ['3.8.15'],
    needs: { read: encounterRead },
    fix: 'Let the session read the encounter it was launched with.',
  },
  judge({ read: { encounter, answer, id } }) {
    if (answer.status !== 200)
      return fail(`Encounter/${encounter} was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      resourceType(answer) === 'Encounter' && id === encounter ? undefined : 'another resource came back',
      { at: [answer.at] },
    );
  },
});
