import { defineCheck, judge } from '../check.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { tokenMisuse } from '../evidence/token-misuse.ts';

export const repeatedParameter = defineCheck({
  meta: {
    id: 'token/repeated-parameter',
    title: 'A repeated parameter gets invalid_request',
    severity: 'error',
    specs: ['RFC 6749 3.2'],
    requirements: ['SMART-TOKEN-025'],
    inferno: [],
    needs: { misuse: tokenMisuse },
    fix: 'Answer 400 with {"error":"invalid_request"} when a parameter appears twice.',
  },
  judge({ misuse: { repeatedParameter } }) {
    const right = repeatedParameter.status === 400 && oauthError(repeatedParameter) === 'invalid_request';
    return judge(right ? undefined : `two code parameters were answered ${say(repeatedParameter)}`, {
      at: [repeatedParameter.at],
    });
  },
});
