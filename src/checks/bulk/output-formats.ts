import { defineCheck, judge } from '../check.ts';
import { exportFormats } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const outputFormats = defineCheck({
  meta: {
    id: 'bulk/output-formats',
    title: 'All spellings of NDJSON are accepted',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#query-parameters'],
    requirements: ['BULK-KICKOFF-008'],
    inferno: ['8.5.01'],
    needs: { formats: exportFormats },
    fix: 'Accept application/fhir+ndjson, application/ndjson and ndjson as _outputFormat.',
  },
  judge({ formats: { formats } }) {
    const wrong = formats.find(({ answer }) => answer.status !== 202);
    return judge(
      wrong === undefined ? undefined : `_outputFormat=${wrong.format} was answered ${say(wrong.answer)}`,
      { at: wrong === undefined ? [] : [wrong.answer.at] },
    );
  },
});
