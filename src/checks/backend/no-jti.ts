import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const noJti = defineCheck({
  meta: {
    id: 'backend/no-jti',
    title: 'An assertion without jti is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-010'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Require jti.',
  },
  judge({ misuse: { noJti } }) {
    const problem = tokenNotRefused(noJti);
    return judge(problem === undefined ? undefined : `an assertion without jti ${problem}`, {
      at: [noJti.at],
    });
  },
});
