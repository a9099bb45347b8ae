import { defineCheck, judge } from '../check.ts';
import { exportKickOff } from '../evidence/bulk-export.ts';
import { say } from '../evidence/seen.ts';

export const kickOffGuarded = defineCheck({
  meta: {
    id: 'bulk/kick-off-guarded',
    title: 'A kick-off without token is refused',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-KICKOFF-004'],
    inferno: ['8.2.03'],
    needs: { kickOff: exportKickOff },
    fix: 'Answer 401 to an export request without token.',
  },
  judge({ kickOff: { withoutToken } }) {
    return judge(withoutToken.status === 401 ? undefined : `it was answered ${say(withoutToken)}`, {
      at: [withoutToken.at],
    });
  },
});
