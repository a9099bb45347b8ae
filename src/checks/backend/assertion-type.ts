import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const assertionType = defineCheck({
  meta: {
    id: 'backend/assertion-type',
    title: 'Another client_assertion_type is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-017'],
    inferno: ['8.1.03', '8.1.04'],
    needs: { misuse: assertionMisuse },
    fix: 'Require urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  },
  judge({ misuse: { wrongType } }) {
    const problem = tokenNotRefused(wrongType);
    return judge(problem === undefined ? undefined : `another client_assertion_type ${problem}`, {
      at: [wrongType.at],
    });
  },
});
