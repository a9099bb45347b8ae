import { defineCheck, judge } from '../check.ts';
import { codeBinding } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const redirectUriBound = defineCheck({
  meta: {
    id: 'token/redirect-uri-bound',
    title: 'A code is refused with another redirect_uri',
    severity: 'error',
    specs: ['RFC 6749 4.1.3'],
    requirements: ['SMART-TOKEN-018'],
    inferno: [],
    needs: { binding: codeBinding },
    fix: 'Compare redirect_uri with the one of the authorization request.',
  },
  judge({ binding: { otherRedirectUri } }) {
    const problem = redemptionNotRefused(otherRedirectUri);
    return judge(problem === undefined ? undefined : `a code with another redirect_uri ${problem}`, {
      at: [otherRedirectUri.answer.at],
    });
  },
});
