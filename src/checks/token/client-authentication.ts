import { defineCheck, judge } from '../check.ts';
import { clientSecret } from '../evidence/code-redemption.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const clientAuthentication = defineCheck({
  meta: {
    id: 'token/client-authentication',
    title: 'A confidential client must authenticate',
    severity: 'error',
    specs: ['RFC 6749 3.2.1'],
    requirements: ['SMART-TOKEN-021'],
    inferno: [],
    needs: { secret: clientSecret },
    fix: 'Refuse a confidential client that sends only its client_id.',
  },
  judge({ secret: { idAlone } }) {
    const problem = redemptionNotRefused(idAlone);
    return judge(problem === undefined ? undefined : `a confidential client without its secret ${problem}`, {
      at: [idAlone.answer.at],
    });
  },
});
