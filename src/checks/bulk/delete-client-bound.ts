import { defineCheck, judge } from '../check.ts';
import { othersAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const deleteClientBound = defineCheck({
  meta: {
    id: 'bulk/delete-client-bound',
    title: 'A job cannot be cancelled by another client',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-DELETE-004'],
    inferno: [],
    needs: { access: othersAccess },
    fix: 'Bind jobs to the client that started them.',
  },
  judge({ access: { deletion } }) {
    const refused = [401, 403, 404].includes(deletion.status);
    return judge(refused ? undefined : `another client was answered ${say(deletion)}`, { at: [deletion.at] });
  },
});
