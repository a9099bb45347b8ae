import { defineCheck, judge } from '../check.ts';
import { verifiers } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const verifierEmpty = defineCheck({
  meta: {
    id: 'token/verifier-empty',
    title: 'A code is refused with an empty code_verifier',
    severity: 'error',
    specs: ['RFC 7636 4.6'],
    requirements: ['SMART-TOKEN-012', 'G10-027'],
    inferno: ['9.18.06'],
    needs: { verifiers },
    fix: 'Treat an empty code_verifier as missing.',
  },
  judge({ verifiers: { empty } }) {
    const problem = redemptionNotRefused(empty);
    return judge(problem === undefined ? undefined : `a code with an empty code_verifier ${problem}`, {
      at: [empty.answer.at],
    });
  },
});
