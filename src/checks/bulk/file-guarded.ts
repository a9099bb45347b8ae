import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { nobodysAccess } from '../evidence/bulk-access.ts';
import { say } from '../evidence/seen.ts';

export const fileGuarded = defineCheck({
  meta: {
    id: 'bulk/file-guarded',
    title: 'Files are refused without token',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations'],
    requirements: ['BULK-FILE-003'],
    inferno: ['8.3.02'],
    needs: { access: nobodysAccess },
    fix: 'Demand the token on every file.',
  },
  judge({ access: { file, requiresAccessToken } }) {
    if (file === null) return skip('the export has no file');
    if (!requiresAccessToken) return notApplicable('files are served by capability URLs');
    return judge([401].includes(file.status) ? undefined : `nobody in particular was answered ${say(file)}`, {
      at: [file.at],
    });
  },
});
