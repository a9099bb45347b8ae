import { defineCheck, judge } from '../check.ts';
import { revocation } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';

export const unknownToken = defineCheck({
  meta: {
    id: 'revocation/unknown-token',
    title: 'Revoking an unknown token is answered with 200',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['OAUTH-REVOKE-003'],
    inferno: [],
    needs: { revocation },
    fix: 'Answer 200 for unknown tokens, so that nothing can be learned from it.',
  },
  judge({ revocation: { unknown } }) {
    return judge(unknown.status === 200 ? undefined : `an unknown token was answered ${say(unknown)}`, {
      at: [unknown.at],
    });
  },
});
