import { defineCheck, judge, skip } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

export const fileMediaType = defineCheck({
  meta: {
    id: 'bulk/file-media-type',
    title: 'Files are application/fhir+ndjson',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---output-file'],
    requirements: ['BULK-FILE-001'],
    inferno: ['8.3.03'],
    needs: { files: exportFiles },
    fix: 'Send Content-Type: application/fhir+ndjson.',
  },
  judge({ files: { files } }) {
    const read = files.filter((file) => file.status === 200);
    if (read.length === 0) return skip('no file could be read');
    const wrong = read.find((file) => !/^application\/fhir\+ndjson\b/i.test(file.contentType ?? ''));
    return judge(
      wrong === undefined ? undefined : `${wrong.type} has Content-Type ${wrong.contentType ?? 'missing'}`,
      { at: wrong?.at ? [wrong.at] : [] },
    );
  },
});
