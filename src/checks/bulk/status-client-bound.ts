import { defineCheck, judge } from '../check.ts';
import { othersAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const statusClientBound = defineCheck({
  meta: {
    id: 'bulk/status-client-bound',
    title: 'The status URL is refused to another client',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-STATUS-008'],
    inferno: [],
    needs: { access: othersAccess },
    fix: 'Bind jobs to the client that started them.',
  },
  judge({ access: { status } }) {
    const refused = [401, 403, 404].includes(status.status);
    return judge(refused ? undefined : `another client was answered ${say(status)}`, { at: [status.at] });
  },
});
