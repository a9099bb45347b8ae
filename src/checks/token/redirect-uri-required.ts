import { defineCheck, judge } from '../check.ts';
import { codeBinding } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const redirectUriRequired = defineCheck({
  meta: {
    id: 'token/redirect-uri-required',
    title: 'A code is refused without redirect_uri',
    severity: 'error',
    specs: ['RFC 6749 4.1.3'],
    requirements: ['SMART-TOKEN-018'],
    inferno: [],
    needs: { binding: codeBinding },
    fix: 'Require redirect_uri at the token endpoint.',
  },
  judge({ binding: { noRedirectUri } }) {
    const problem = redemptionNotRefused(noRedirectUri);
    return judge(problem === undefined ? undefined : `a code without redirect_uri ${problem}`, {
      at: [noRedirectUri.answer.at],
    });
  },
});
