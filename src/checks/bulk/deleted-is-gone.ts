import { isObject, objectsOf, stringOf } from '../../smart/json.ts';
import { defineCheck, fail, judge, skip } from '../check.ts';
import { exportDeletion } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

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
    return judge(outcomeProblem(statusAfter.json), { at: [statusAfter.at] });
  },
});

/** What keeps a body from being a valid OperationOutcome, as far as clients look at it. */
function outcomeProblem(json: unknown): string | undefined {
  if (!isObject(json) || json['resourceType'] !== 'OperationOutcome')
    return 'the 404 has no OperationOutcome';
  const { id } = json;
  if (id !== undefined && !/^[A-Za-z0-9.-]{1,64}$/.test(String(id)))
    return 'the id of its OperationOutcome is no FHIR id';
  const issues = objectsOf(json['issue']);
  const complete =
    issues.length > 0 && issues.every((issue) => stringOf(issue['severity']) && stringOf(issue['code']));
  return complete ? undefined : 'its OperationOutcome has no issue with severity and code';
}
