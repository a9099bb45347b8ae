import { defineCheck } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';
import { judgeCodes } from '../exported-codes.ts';

const LOINC = 'http://loinc.org';
const NOTES = ['11488-4', '18842-5', '34117-2', '28570-0', '11506-3', '18748-4', '11502-2', '11526-1'];
const REPORTS = ['LP29708-2', 'LP7839-6', 'LP29684-5'];

export const clinicalNotes = defineCheck({
  meta: {
    id: 'us-core/clinical-notes',
    title: 'The data have the common clinical notes and reports',
    severity: 'warn',
    specs: ['US Core 6.1.0 clinical-notes'],
    requirements: ['USCORE-018'],
    inferno: ['10.45.01'],
    needs: { files: exportFiles },
    fix: 'Load a DocumentReference of each of the eight note types and a DiagnosticReport of cardiology, pathology and radiology.',
  },
  judge({ files }) {
    return judgeCodes(files, [
      ...NOTES.map((code) => ({ type: 'DocumentReference', code: `${LOINC}|${code}` })),
      ...REPORTS.map((code) => ({ type: 'DiagnosticReport', code: `${LOINC}|${code}` })),
    ]);
  },
});
