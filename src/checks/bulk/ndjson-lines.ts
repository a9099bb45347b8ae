import { defineCheck, fail, pass } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

export const ndjsonLines = defineCheck({
  meta: {
    id: 'bulk/ndjson-lines',
    title: 'Every line of every file is a resource of the declared type',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---output-file'],
    requirements: ['BULK-FILE-001', 'BULK-FILE-002'],
    inferno: ['8.3.03'],
    needs: { files: exportFiles },
    fix: 'Write one complete JSON resource per line, one type per file.',
  },
  judge({ files: { files, notRead } }) {
    const refused = files.find((file) => file.truncated === null && file.status !== 200);
    if (refused !== undefined)
      return fail(`${refused.type} was answered ${refused.status}`, {
        at: refused.at === null ? [] : [refused.at],
      });
    const bad = files.find((file) => file.badLine !== null);
    if (bad?.badLine)
      return fail(`${bad.type}: line ${bad.badLine.number}: ${bad.badLine.why}`, {
        at: bad.at === null ? [] : [bad.at],
      });
    const cut = files.filter((file) => file.truncated !== null);
    if (cut.length > 0 || notRead > 0)
      return pass(
        `read only in part: ${cut.length} files beyond the size limit (${cut.map((file) => file.type).join(', ')}), ${notRead} more not opened`,
      );
    return pass(`${files.reduce((sum, file) => sum + file.lines, 0)} lines in ${files.length} files`);
  },
});
