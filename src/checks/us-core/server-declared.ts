import { defineCheck, judge, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

const US_CORE_SERVER = 'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server';

export const serverDeclared = defineCheck({
  meta: {
    id: 'us-core/server-declared',
    title: 'The CapabilityStatement instantiates the US Core server',
    severity: 'error',
    specs: ['US Core 6.1.0 general-requirements#conforming-to-us-core'],
    requirements: ['USCORE-002'],
    inferno: ['10.1.06'],
    needs: { metadata },
    fix: `Add ${US_CORE_SERVER} to instantiates, in the gateway when the FHIR service cannot.`,
  },
  judge({ metadata: { statement, at } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    const named = statement.instantiates.map((url) => url.split('|')[0]);
    return judge(named.includes(US_CORE_SERVER) ? undefined : 'instantiates does not name it', { at: [at] });
  },
});
