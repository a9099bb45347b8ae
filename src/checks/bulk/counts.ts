import { defineCheck, judge, notApplicable } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

export const counts = defineCheck({
  meta: {
    id: 'bulk/counts',
    title: 'Stated counts equal the lines',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---complete-status'],
    requirements: ['BULK-MANIFEST-006'],
    inferno: [],
    needs: { files: exportFiles },
    fix: 'State the number of lines of each file, or nothing.',
  },
  judge({ files: { files } }) {
    const stated = files.filter((file) => file.stated !== null && file.status === 200);
    if (stated.length === 0) return notApplicable('the manifest states no counts');
    const wrong = stated.find((file) => file.stated !== file.lines);
    return judge(
      wrong === undefined ? undefined : `${wrong.type} states ${wrong.stated} and has ${wrong.lines} lines`,
      { at: wrong?.at ? [wrong.at] : [] },
    );
  },
});
