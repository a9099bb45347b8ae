import { defineCheck, judge } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

export const uniqueIds = defineCheck({
  meta: {
    id: 'bulk/unique-ids',
    title: 'Each resource is exported once',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---output-file'],
    requirements: ['BULK-FILE-005'],
    inferno: [],
    needs: { files: exportFiles },
    fix: 'Export the current version of each resource only.',
  },
  judge({ files: { files } }) {
    const wrong = files.find((file) => file.repeatedIds > 0);
    return judge(
      wrong === undefined ? undefined : `${wrong.type} has ${wrong.repeatedIds} ids more than once`,
      { at: wrong?.at ? [wrong.at] : [] },
    );
  },
});
