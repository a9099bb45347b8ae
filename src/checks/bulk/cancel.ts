import { defineCheck, judge } from '../check.ts';
import { exportDeletion } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const cancel = defineCheck({
  meta: {
    id: 'bulk/cancel',
    title: 'A job can be cancelled',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#bulk-data-delete-request'],
    requirements: ['BULK-DELETE-001'],
    inferno: ['8.4.01'],
    needs: { deleted: exportDeletion },
    fix: 'Answer 202 to DELETE on the status URL.',
  },
  judge({ deleted: { deletion } }) {
    return judge(deletion.status === 202 ? undefined : `DELETE was answered ${say(deletion)}`, {
      at: [deletion.at],
    });
  },
});
