import { defineCheck, judge } from '../check.ts';
import { codeClient } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const codeClientBound = defineCheck({
  meta: {
    id: 'token/code-client-bound',
    title: 'A code works for the client it was issued to only',
    severity: 'error',
    specs: ['RFC 6749 4.1.3'],
    requirements: ['SMART-TOKEN-017'],
    inferno: [],
    needs: { thief: codeClient },
    fix: 'Bind each code to its client_id.',
  },
  judge({ thief: { otherClient } }) {
    const problem = redemptionNotRefused(otherClient);
    return judge(problem === undefined ? undefined : `a code redeemed by another client ${problem}`, {
      at: [otherClient.answer.at],
    });
  },
});
