import { defineCheck, judge } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';
import { NOT_READ, readWhole } from '../exported-codes.ts';

export const missingData = defineCheck({
  meta: {
    id: 'us-core/missing-data',
    title: 'The data show how missing mandatory data are told',
    severity: 'warn',
    specs: ['US Core 6.1.0 general-requirements#missing-data'],
    requirements: ['USCORE-013'],
    inferno: ['10.46.01', '10.46.02'],
    needs: { files: exportFiles },
    fix: 'Load a resource with the data-absent-reason extension and one with the code unknown of that code system.',
  },
  judge({ files: facts }) {
    const { files } = facts;
    const wrong = [
      ...(files.some((file) => file.absentReasons.includes('extension')) ? [] : ['the extension']),
      ...(files.some((file) => file.absentReasons.includes('code')) ? [] : ['the code unknown']),
    ];
    if (wrong.length > 0 && !readWhole(facts)) return NOT_READ;
    return judge(wrong.length === 0 ? undefined : `no exported resource has ${wrong.join(' or ')}`);
  },
});
