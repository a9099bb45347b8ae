import { defineCheck, judge, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

export const smartService = defineCheck({
  meta: {
    id: 'fhir/smart-service',
    title: 'The CapabilityStatement says SMART-on-FHIR',
    severity: 'warn',
    specs: ['FHIR R4 CapabilityStatement.rest.security'],
    requirements: ['FHIR-004'],
    inferno: [],
    needs: { metadata },
    fix: 'Name SMART-on-FHIR in rest.security.service.',
  },
  judge({ metadata: { statement, at } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    return judge(
      statement.securityServices.some((service) => service.endsWith('|SMART-on-FHIR'))
        ? undefined
        : 'rest.security.service does not name SMART-on-FHIR',
      { at: [at] },
    );
  },
});
