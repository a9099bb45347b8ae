import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const notYetValid = defineCheck({
  meta: {
    id: 'backend/not-yet-valid',
    title: 'An assertion that is not valid yet is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-009'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Honour nbf.',
  },
  judge({ misuse: { notYet } }) {
    const problem = tokenNotRefused(notYet);
    return judge(problem === undefined ? undefined : `an assertion with nbf in the future ${problem}`, {
      at: [notYet.at],
    });
  },
});
