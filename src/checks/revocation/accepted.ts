import { defineCheck, judge } from '../check.ts';
import { revocation } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';

export const accepted = defineCheck({
  meta: {
    id: 'revocation/accepted',
    title: 'Revoking a token is answered with 200',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['OAUTH-REVOKE-001'],
    inferno: [],
    needs: { revocation },
    fix: "Answer 200 to a revocation with the client's own authentication.",
  },
  judge({ revocation: { answer } }) {
    return judge(answer.status === 200 ? undefined : `the revocation was answered ${say(answer)}`, {
      at: [answer.at],
    });
  },
});
