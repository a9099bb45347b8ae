import { defineCheck, fail, judge, skip } from '../check.ts';
import { exportDeletion } from '../evidence/bulk-access.ts';
import { resourceType, say } from '../evidence/seen.ts';

export const deletedIsGone = defineCheck({
  meta: {
    id: 'bulk/deleted-is-gone',
    title: 'A cancelled job answers 404',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#bulk-data-delete-request'],
    requirements: ['BULK-DELETE-002'],
    inferno: ['8.4.02'],
    needs: { deleted: exportDeletion },
    fix: 'Answer 404 with an OperationOutcome after DELETE.',
  },
  judge({ deleted: { deletion, statusAfter } }) {
    if (deletion.status !== 202) return skip('the job could not be cancelled (bulk/cancel judges that)');
    if (statusAfter.status !== 404)
      return fail(`its status was answered ${say(statusAfter)}`, { at: [statusAfter.at] });
    return judge(
      resourceType(statusAfter) === 'OperationOutcome' ? undefined : 'the 404 has no OperationOutcome',
      { at: [statusAfter.at] },
    );
  },
});
