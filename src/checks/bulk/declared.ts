import { defineCheck, judge, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

export const declared = defineCheck({
  meta: {
    id: 'bulk/declared',
    title: 'The CapabilityStatement declares the group export',
    severity: 'warn',
    specs: ['Bulk Data 2.0.0 export'],
    requirements: ['BULK-KICKOFF-024'],
    inferno: ['8.2.02'],
    needs: { metadata },
    fix: 'Declare operation "export" with definition http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export on Group.',
  },
  judge({ metadata: { statement, at } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    const declared = statement.groupOperations.some((operation) => /^(group-)?export$/.test(operation.name));
    return judge(declared ? undefined : 'Group declares no export operation', { at: [at] });
  },
});
