import { defineCheck, judge } from '../check.ts';
import { verifiers } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const verifierIsChallenge = defineCheck({
  meta: {
    id: 'token/verifier-is-challenge',
    title: 'A code is refused when the challenge is sent as code_verifier',
    severity: 'error',
    specs: ['RFC 7636 4.6'],
    requirements: ['SMART-TOKEN-014', 'G10-027'],
    inferno: ['9.18.12'],
    needs: { verifiers },
    fix: 'Never compare code_verifier with the challenge as plain text.',
  },
  judge({ verifiers: { challengeItself } }) {
    const problem = redemptionNotRefused(challengeItself);
    return judge(problem === undefined ? undefined : `the challenge itself as code_verifier ${problem}`, {
      at: [challengeItself.answer.at],
    });
  },
});
