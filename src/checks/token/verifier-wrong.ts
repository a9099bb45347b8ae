import { defineCheck, judge } from '../check.ts';
import { verifiers } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const verifierWrong = defineCheck({
  meta: {
    id: 'token/verifier-wrong',
    title: 'A code is refused with a wrong code_verifier',
    severity: 'error',
    specs: ['RFC 7636 4.6'],
    requirements: ['SMART-TOKEN-013', 'G10-027'],
    inferno: ['9.18.09'],
    needs: { verifiers },
    fix: 'Compare the S256 hash of code_verifier with the challenge.',
  },
  judge({ verifiers: { wrong } }) {
    const problem = redemptionNotRefused(wrong);
    return judge(problem === undefined ? undefined : `a code with a wrong code_verifier ${problem}`, {
      at: [wrong.answer.at],
    });
  },
});
