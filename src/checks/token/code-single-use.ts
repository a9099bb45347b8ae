import { defineCheck, judge } from '../check.ts';
import { codeReuse } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const codeSingleUse = defineCheck({
  meta: {
    id: 'token/code-single-use',
    title: 'A code works once',
    severity: 'error',
    specs: ['RFC 6749 4.1.2, 10.5'],
    requirements: ['SMART-TOKEN-015'],
    inferno: [],
    needs: { reuse: codeReuse },
    fix: 'Delete a code when it is redeemed.',
  },
  judge({ reuse: { second } }) {
    const problem = redemptionNotRefused(second);
    return judge(problem === undefined ? undefined : `a code used a second time ${problem}`, {
      at: [second.answer.at],
    });
  },
});
