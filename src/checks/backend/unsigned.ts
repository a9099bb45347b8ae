import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const unsigned = defineCheck({
  meta: {
    id: 'backend/unsigned',
    title: 'alg none is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-004'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Accept RS384 and ES384 only.',
  },
  judge({ misuse: { unsigned } }) {
    const problem = tokenNotRefused(unsigned);
    return judge(problem === undefined ? undefined : `an unsigned assertion ${problem}`, {
      at: [unsigned.at],
    });
  },
});
