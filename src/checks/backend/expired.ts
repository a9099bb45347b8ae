import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const expired = defineCheck({
  meta: {
    id: 'backend/expired',
    title: 'An expired assertion is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-007'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Require exp in the future.',
  },
  judge({ misuse: { expired } }) {
    const problem = tokenNotRefused(expired);
    return judge(problem === undefined ? undefined : `an expired assertion ${problem}`, { at: [expired.at] });
  },
});
