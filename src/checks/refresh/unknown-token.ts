import { defineCheck, judge } from '../check.ts';
import { refreshMisuse } from '../evidence/refresh.ts';
import { oauthError, say } from '../evidence/seen.ts';

export const unknownToken = defineCheck({
  meta: {
    id: 'refresh/unknown-token',
    title: 'An unknown refresh token gets 400 invalid_grant',
    severity: 'error',
    specs: ['RFC 6749 5.2'],
    requirements: ['SMART-REFRESH-007', 'G10-027'],
    inferno: ['1.6.06'],
    needs: { misuse: refreshMisuse },
    fix: 'Answer 400 with {"error":"invalid_grant"}.',
  },
  judge({ misuse: { unknownToken } }) {
    const right = unknownToken.status === 400 && oauthError(unknownToken) === 'invalid_grant';
    return judge(right ? undefined : `an unknown refresh token was answered ${say(unknownToken)}`, {
      at: [unknownToken.at],
    });
  },
});
