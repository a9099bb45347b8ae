import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const foreignIssuer = defineCheck({
  meta: {
    id: 'backend/foreign-issuer',
    title: 'iss and sub must both be the client',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-005'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Compare iss and sub with the client_id.',
  },
  judge({ misuse: { foreignIssuer } }) {
    const problem = tokenNotRefused(foreignIssuer);
    return judge(problem === undefined ? undefined : `an assertion with another iss ${problem}`, {
      at: [foreignIssuer.at],
    });
  },
});
