import { defineCheck, judge, skip } from '../check.ts';
import { chosenScopes } from '../evidence/chosen-scopes.ts';
import { accessNotRefused } from '../refusals.ts';

export const refusedTypeRead = defineCheck({
  meta: {
    id: 'scopes/refused-type-read',
    title: 'Reading an instance of a declined type is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-008', 'OAUTH-RS-003', 'G10-014'],
    inferno: ['2.3.02'],
    needs: { chosen: chosenScopes },
    fix: 'Answer 403 insufficient_scope for reads outside the session.',
  },
  judge({ chosen: { refusedRead, refusedType } }) {
    if (refusedRead === null) return skip(`the patient has no ${refusedType} to read`);
    const problem = accessNotRefused(refusedRead);
    return judge(problem === undefined ? undefined : `a read of ${refusedType} ${problem}`, {
      at: [refusedRead.at],
    });
  },
});
