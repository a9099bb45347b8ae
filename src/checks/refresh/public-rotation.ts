import { defineCheck, fail, judge } from '../check.ts';
import { publicRotation } from '../evidence/refresh.ts';
import { say } from '../evidence/seen.ts';

export const publicRotationCheck = defineCheck({
  meta: {
    id: 'refresh/public-rotation',
    title: 'Refresh tokens of public clients rotate',
    severity: 'error',
    specs: ['RFC 9700 2.2.2, 4.14'],
    requirements: ['SMART-REFRESH-008'],
    inferno: [],
    needs: { rotation: publicRotation },
    fix: 'Issue a new refresh token on every use by a public client.',
  },
  judge({ rotation: { first, rotated } }) {
    if (first.status !== 200)
      return fail(`the refresh of the public app was answered ${say(first)}`, { at: [first.at] });
    return judge(rotated ? undefined : 'the public app kept its refresh token after use', { at: [first.at] });
  },
});
