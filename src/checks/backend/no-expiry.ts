import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const noExpiry = defineCheck({
  meta: {
    id: 'backend/no-expiry',
    title: 'An assertion without exp is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-007'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Require exp.',
  },
  judge({ misuse: { noExpiry } }) {
    const problem = tokenNotRefused(noExpiry);
    return judge(problem === undefined ? undefined : `an assertion without exp ${problem}`, {
      at: [noExpiry.at],
    });
  },
});
