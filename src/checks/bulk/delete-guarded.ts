import { defineCheck, judge } from '../check.ts';
import { nobodysAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const deleteGuarded = defineCheck({
  meta: {
    id: 'bulk/delete-guarded',
    title: 'A job cannot be cancelled without token',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-DELETE-004'],
    inferno: [],
    needs: { access: nobodysAccess },
    fix: 'Demand the token on DELETE.',
  },
  judge({ access: { deletion } }) {
    const refused = [401].includes(deletion.status);
    return judge(refused ? undefined : `nobody in particular was answered ${say(deletion)}`, {
      at: [deletion.at],
    });
  },
});
