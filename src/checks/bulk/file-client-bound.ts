import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { othersAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const fileClientBound = defineCheck({
  meta: {
    id: 'bulk/file-client-bound',
    title: 'Files are refused to another client',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-FILE-003', 'BULK-STATUS-008'],
    inferno: [],
    needs: { access: othersAccess },
    fix: 'Serve files to the client that started the job only.',
  },
  judge({ access: { file, requiresAccessToken } }) {
    if (file === null) return skip('the export has no file');
    if (!requiresAccessToken) return notApplicable('files are served by capability URLs');
    return judge(
      [401, 403, 404].includes(file.status) ? undefined : `another client was answered ${say(file)}`,
      { at: [file.at] },
    );
  },
});
