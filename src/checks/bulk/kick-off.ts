import { defineCheck, fail, judge } from '../check.ts';
import { exportKickOff } from '../evidence/bulk-export.ts';
import { say } from '../evidence/seen.ts';

export const kickOff = defineCheck({
  meta: {
    id: 'bulk/kick-off',
    title: 'A group export is accepted with 202 and Content-Location',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#bulk-data-kick-off-request'],
    requirements: ['BULK-KICKOFF-001', 'G10-007'],
    inferno: ['8.2.04'],
    needs: { kickOff: exportKickOff },
    fix: 'Answer 202 with a Content-Location header.',
  },
  judge({ kickOff: { answer, contentLocation } }) {
    if (answer.status !== 202) return fail(`the kick-off was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      contentLocation === null || contentLocation === '' ? 'Content-Location is missing' : undefined,
      { at: [answer.at] },
    );
  },
});
