import { defineCheck } from '../check.ts';
import { exportFiles } from '../evidence/bulk-export.ts';
import { judgeCodes } from '../exported-codes.ts';

const CATEGORY = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category';
const OBSERVED = ['sdoh', 'functional-status', 'disability-status', 'cognitive-status'];

export const screeningCategories = defineCheck({
  meta: {
    id: 'us-core/screening-categories',
    title: 'The data have screenings and assessments of every category',
    severity: 'warn',
    specs: ['US Core 6.1.0 screening-and-assessments'],
    requirements: ['USCORE-019'],
    inferno: ['10.47.01'],
    needs: { files: exportFiles },
    fix: 'Load Observations of the categories sdoh, functional-status, disability-status and cognitive-status, and a Condition of sdoh.',
  },
  judge({ files }) {
    return judgeCodes(files, [
      ...OBSERVED.map((code) => ({ type: 'Observation', code: `${CATEGORY}|${code}` })),
      { type: 'Condition', code: `${CATEGORY}|sdoh` },
    ]);
  },
});
