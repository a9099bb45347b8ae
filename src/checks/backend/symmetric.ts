import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const symmetric = defineCheck({
  meta: {
    id: 'backend/symmetric',
    title: 'HMAC keyed with the public key is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-004'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Accept RS384 and ES384 only.',
  },
  judge({ misuse: { symmetric } }) {
    const problem = tokenNotRefused(symmetric);
    return judge(problem === undefined ? undefined : `an assertion under HS256 ${problem}`, {
      at: [symmetric.at],
    });
  },
});
