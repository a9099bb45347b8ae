import { defineCheck, judge, notApplicable } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

/** Storage and FHIR services that an access token of the gateway does not open. */
const RAW = /\.(blob|dfs|file)\.core\.|\.s3[.-]|storage\.googleapis\.com$|\.fhir\.azurehealthcareapis\./;

export const rawFileHosts = defineCheck({
  meta: {
    id: 'bulk/raw-file-hosts',
    title: 'File URLs that need a token do not lead to raw storage',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#privacy-and-security-considerations', 'RFC 9700 4.9'],
    requirements: ['BULK-MANIFEST-003', 'BULK-FILE-003'],
    inferno: [],
    needs: { files: exportFiles },
    fix: 'Serve files through a host that checks the token; storage accounts know nothing of it.',
  },
  judge({ files: { requiresAccessToken, files } }) {
    if (!requiresAccessToken) return notApplicable('files are served by capability URLs');
    const raw = files.filter((file) => RAW.test(new URL(file.url).hostname));
    return judge(
      raw.length === 0
        ? undefined
        : `${raw.length} file URLs lead to ${new URL(raw[0]?.url ?? 'http://unknown').hostname}`,
    );
  },
});
