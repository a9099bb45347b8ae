import { defineCheck, fail, judge } from '../check.ts';
import { revokedRefresh } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';
import { tokenNotRefused } from '../refusals.ts';

export const refreshEnds = defineCheck({
  meta: {
    id: 'revocation/refresh-ends',
    title: 'A revoked refresh token is refused',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['OAUTH-REVOKE-002', 'G10-023'],
    inferno: ['9.3.03'],
    needs: { revokedRefresh },
    fix: 'Refuse revoked refresh tokens with invalid_grant.',
  },
  judge({ revokedRefresh: { answer, refreshAfter } }) {
    if (answer.status !== 200)
      return fail(`revoking the refresh token was answered ${say(answer)}`, { at: [answer.at] });
    const problem = tokenNotRefused(refreshAfter);
    return judge(problem === undefined ? undefined : `the revoked refresh token ${problem}`, {
      at: [refreshAfter.at],
    });
  },
});
