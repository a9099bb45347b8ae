import { defineCheck, judge } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

export const severalPatients = defineCheck({
  meta: {
    id: 'bulk/several-patients',
    title: 'The export holds at least two patients',
    severity: 'warn',
    specs: ['45 CFR 170.315(g)(10)(i)(B)'],
    requirements: ['BULK-FILE-006', 'G10-005'],
    inferno: ['8.3.04'],
    needs: { files: exportFiles },
    fix: 'Export a group with two patients or more.',
  },
  judge({ files: { files } }) {
    const patients = files
      .filter((file) => file.type === 'Patient')
      .reduce((sum, file) => sum + file.lines, 0);
    return judge(patients >= 2 ? undefined : `it holds ${patients} patient(s)`);
  },
});
