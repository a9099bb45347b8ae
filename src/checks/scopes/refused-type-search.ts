import { defineCheck, judge } from '../check.ts';
import { chosenScopes } from '../evidence/chosen-scopes.ts';
import { accessNotRefused } from '../refusals.ts';

export const refusedTypeSearch = defineCheck({
  meta: {
    id: 'scopes/refused-type-search',
    title: 'Searching a declined type is refused, not answered empty',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-008', 'OAUTH-RS-007', 'G10-014'],
    inferno: ['2.3.02'],
    needs: { chosen: chosenScopes },
    fix: 'Answer 403 insufficient_scope for types outside the session; an empty 200 hides the refusal.',
  },
  judge({ chosen: { refusedSearch, refusedType } }) {
    const problem = accessNotRefused(refusedSearch.answer);
    return judge(problem === undefined ? undefined : `a search of ${refusedType} ${problem}`, {
      at: [refusedSearch.answer.at],
    });
  },
});
