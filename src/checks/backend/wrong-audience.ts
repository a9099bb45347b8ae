import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const wrongAudience = defineCheck({
  meta: {
    id: 'backend/wrong-audience',
    title: 'aud must be the token endpoint',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3'],
    requirements: ['SMART-ASYM-006'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Compare aud with the token endpoint URL.',
  },
  judge({ misuse: { wrongAudience } }) {
    const problem = tokenNotRefused(wrongAudience);
    return judge(problem === undefined ? undefined : `an assertion for another audience ${problem}`, {
      at: [wrongAudience.at],
    });
  },
});
