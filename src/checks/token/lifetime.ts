import { defineCheck, judge, skip } from '../check.ts';
import { session } from '../evidence/standalone.ts';

const HOUR_S = 3600;
/** Identity providers spread lifetimes a little. */
const LEEWAY_S = 120;

export const lifetime = defineCheck({
  meta: {
    id: 'token/lifetime',
    title: 'Access tokens live at most an hour',
    severity: 'warn',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', 'RFC 6750 5.3'],
    requirements: ['SMART-TOKEN-006'],
    inferno: [],
    needs: { session },
    fix: 'Issue access tokens of 3600 seconds or less; revocation within an hour depends on it.',
  },
  judge({ session: { body } }) {
    const seconds = body['expires_in'];
    if (typeof seconds !== 'number') return skip('expires_in is not known (token/expires-in judges that)');
    return judge(seconds <= HOUR_S + LEEWAY_S ? undefined : `the token lives ${seconds} seconds`);
  },
});
