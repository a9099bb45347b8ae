import { defineCheck, fail, judge } from '../check.ts';
import { clientSecret } from '../evidence/code-redemption.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { redemptionNotRefused } from '../refusals.ts';

export const wrongSecret = defineCheck({
  meta: {
    id: 'token/wrong-secret',
    title: 'A wrong secret gets invalid_client',
    severity: 'error',
    specs: ['RFC 6749 5.2'],
    requirements: ['SMART-SYM-002'],
    inferno: ['9.17.04'],
    needs: { secret: clientSecret },
    fix: 'Answer 401 with {"error":"invalid_client"} and WWW-Authenticate: Basic.',
  },
  judge({ secret: { wrongSecret } }) {
    const { answer } = wrongSecret;
    const problem = redemptionNotRefused(wrongSecret);
    if (problem !== undefined) return fail(`a wrong secret ${problem}`, { at: [answer.at] });
    const right = answer.status === 401 && oauthError(answer) === 'invalid_client';
    return judge(right ? undefined : `a wrong secret was answered ${say(answer)}`, { at: [answer.at] });
  },
});
