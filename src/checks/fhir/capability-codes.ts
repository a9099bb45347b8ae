import { R4_SMART_CAPABILITIES } from '../../standards/smart-capabilities.ts';
import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

export const capabilityCodes = defineCheck({
  meta: {
    id: 'fhir/capability-codes',
    title: 'SMART capabilities in the CapabilityStatement are codes that R4 knows',
    severity: 'error',
    specs: ['FHIR R4 valueset-smart-capabilities'],
    requirements: ['FHIR-002'],
    inferno: ['10.1.02'],
    needs: { metadata },
    fix: 'Leave newer capabilities out of the capabilities extension; .well-known/smart-configuration is their place.',
  },
  judge({ metadata: { statement, at } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    if (statement.smartCapabilities.length === 0) return notApplicable('it has no such extension');
    const unknown = statement.smartCapabilities.filter((code) => !R4_SMART_CAPABILITIES.has(code));
    return judge(unknown.length === 0 ? undefined : `${unknown.join(', ')} are not of the value set`, {
      at: [at],
    });
  },
});
