import { defineCheck, judge } from '../check.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { tokenMisuse } from '../evidence/token-misuse.ts';

export const bogusCode = defineCheck({
  meta: {
    id: 'token/bogus-code',
    title: 'An unknown code gets 400 invalid_grant',
    severity: 'error',
    specs: ['RFC 6749 5.2'],
    requirements: ['SMART-TOKEN-019'],
    inferno: ['9.17.03'],
    needs: { misuse: tokenMisuse },
    fix: 'Answer 400 with {"error":"invalid_grant"}.',
  },
  judge({ misuse: { bogusCode } }) {
    const right = bogusCode.status === 400 && oauthError(bogusCode) === 'invalid_grant';
    return judge(right ? undefined : `an unknown code was answered ${say(bogusCode)}`, {
      at: [bogusCode.at],
    });
  },
});
