import { defineCheck, judge } from '../check.ts';
import { chosenScopes } from '../evidence/chosen-scopes.ts';
import { say } from '../evidence/seen.ts';

export const keptTypeReadable = defineCheck({
  meta: {
    id: 'scopes/kept-type-readable',
    title: 'What the user kept stays readable',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-001', 'G10-014'],
    inferno: ['2.3.01'],
    needs: { chosen: chosenScopes },
    fix: 'Let the session read the types that stayed ticked.',
  },
  judge({ chosen: { allowedRead } }) {
    return judge(
      allowedRead.status === 200 ? undefined : `reading the patient was answered ${say(allowedRead)}`,
      { at: [allowedRead.at] },
    );
  },
});
