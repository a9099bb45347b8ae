import { defineCheck, judge } from '../check.ts';
import { verifiers } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const verifierAbsent = defineCheck({
  meta: {
    id: 'token/verifier-absent',
    title: 'A code is refused without code_verifier',
    severity: 'error',
    specs: ['RFC 7636 4.6'],
    requirements: ['SMART-TOKEN-011', 'G10-027'],
    inferno: ['9.18.03'],
    needs: { verifiers },
    fix: 'Require code_verifier when the code was issued for a challenge.',
  },
  judge({ verifiers: { absent } }) {
    const problem = redemptionNotRefused(absent);
    return judge(problem === undefined ? undefined : `a code without code_verifier ${problem}`, {
      at: [absent.answer.at],
    });
  },
});
