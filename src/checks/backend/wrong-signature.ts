import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const wrongSignature = defineCheck({
  meta: {
    id: 'backend/wrong-signature',
    title: 'A foreign signature is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-003'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Verify the signature with the registered key.',
  },
  judge({ misuse: { wrongSignature } }) {
    const problem = tokenNotRefused(wrongSignature);
    return judge(problem === undefined ? undefined : `an assertion signed by another key ${problem}`, {
      at: [wrongSignature.at],
    });
  },
});
