import { defineCheck, judge } from '../check.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { tokenMisuse } from '../evidence/token-misuse.ts';

export const unknownGrant = defineCheck({
  meta: {
    id: 'token/unknown-grant',
    title: 'An unknown grant_type is refused',
    severity: 'error',
    specs: ['RFC 6749 5.2'],
    requirements: ['SMART-TOKEN-022'],
    inferno: ['8.1.02'],
    needs: { misuse: tokenMisuse },
    fix: 'Answer 400 with {"error":"unsupported_grant_type"}.',
  },
  judge({ misuse: { unknownGrant } }) {
    const right = unknownGrant.status === 400 && oauthError(unknownGrant) === 'unsupported_grant_type';
    return judge(right ? undefined : `an unknown grant_type was answered ${say(unknownGrant)}`, {
      at: [unknownGrant.at],
    });
  },
});
