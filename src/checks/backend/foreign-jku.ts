import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const foreignJku = defineCheck({
  meta: {
    id: 'backend/foreign-jku',
    title: 'A foreign jku is refused',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-012'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Refuse any jku but the registered JWKS URL, without fetching it.',
  },
  judge({ misuse: { foreignJku } }) {
    const problem = tokenNotRefused(foreignJku);
    return judge(problem === undefined ? undefined : `an assertion with a foreign jku ${problem}`, {
      at: [foreignJku.at],
    });
  },
});
