import { defineCheck, judge, skip } from '../check.ts';
import { publicRotation } from '../evidence/refresh.ts';
import { tokenNotRefused } from '../refusals.ts';

export const reuseDetected = defineCheck({
  meta: {
    id: 'refresh/reuse-detected',
    title: 'A rotated refresh token is refused',
    severity: 'error',
    specs: ['RFC 9700 2.2.2, 4.14'],
    requirements: ['SMART-REFRESH-008'],
    inferno: [],
    needs: { rotation: publicRotation },
    fix: 'Refuse a refresh token that was used before, with invalid_grant.',
  },
  judge({ rotation: { replay } }) {
    if (replay === null)
      return skip('the refresh token was not rotated (refresh/public-rotation judges that)');
    const problem = tokenNotRefused(replay);
    return judge(problem === undefined ? undefined : `the used refresh token ${problem}`, {
      at: [replay.at],
    });
  },
});
