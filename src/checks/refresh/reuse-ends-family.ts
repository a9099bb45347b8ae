import { defineCheck, judge, skip } from '../check.ts';
import { publicRotation } from '../evidence/refresh.ts';
import { tokenNotRefused } from '../refusals.ts';

export const reuseEndsFamily = defineCheck({
  meta: {
    id: 'refresh/reuse-ends-family',
    title: 'A replayed refresh token ends the whole family',
    severity: 'warn',
    specs: ['RFC 9700 4.14.2'],
    requirements: ['SMART-REFRESH-008'],
    inferno: [],
    needs: { rotation: publicRotation },
    fix: 'Revoke every refresh token of the session when an old one comes back.',
  },
  judge({ rotation: { replay, afterReplay } }) {
    if (replay === null || afterReplay === null)
      return skip('the refresh token was not rotated (refresh/public-rotation judges that)');
    if (tokenNotRefused(replay) !== undefined)
      return skip('the replay was not noticed (refresh/reuse-detected judges that)');
    const problem = tokenNotRefused(afterReplay);
    return judge(problem === undefined ? undefined : `after the replay the newest refresh token ${problem}`, {
      at: [afterReplay.at],
    });
  },
});
