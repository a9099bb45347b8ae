import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const unknownKid = defineCheck({
  meta: {
    id: 'backend/unknown-kid',
    title: 'An unknown kid is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-011'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Select the key by kid; no match means invalid_client.',
  },
  judge({ misuse: { unknownKid } }) {
    const problem = tokenNotRefused(unknownKid);
    return judge(problem === undefined ? undefined : `an assertion with an unknown kid ${problem}`, {
      at: [unknownKid.at],
    });
  },
});
