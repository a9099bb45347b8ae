import { defineCheck, judge } from '../check.ts';
import { nobodysAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const statusGuarded = defineCheck({
  meta: {
    id: 'bulk/status-guarded',
    title: 'The status URL is refused without token',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-STATUS-007'],
    inferno: [],
    needs: { access: nobodysAccess },
    fix: 'Demand the token on the status URL.',
  },
  judge({ access: { status } }) {
    const refused = [401].includes(status.status);
    return judge(refused ? undefined : `nobody in particular was answered ${say(status)}`, {
      at: [status.at],
    });
  },
});
