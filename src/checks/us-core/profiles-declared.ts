import { US_CORE_ELEMENTS } from '../../standards/generated/us-core-elements.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

const PREFIX = 'http://hl7.org/fhir/us/core/StructureDefinition/';
/** Profiles that certification does not ask for: abstract ones and those of optional data. */
const OPTIONAL = new Set([
  'us-core-location',
  'us-core-medication',
  'us-core-observation-sexual-orientation',
  'us-core-practitionerrole',
  'us-core-questionnaireresponse',
  'us-core-simple-observation',
]);

export const profilesDeclared = defineCheck({
  meta: {
    id: 'us-core/profiles-declared',
    title: 'The CapabilityStatement lists the US Core profiles',
    severity: 'error',
    specs: ['US Core 6.1.0 CapabilityStatement us-core-server'],
    requirements: ['USCORE-001'],
    inferno: ['10.1.05'],
    needs: { metadata },
    fix: 'List the profiles in supportedProfile of each type: load the US Core package into the FHIR service or add them in the gateway.',
  },
  judge({ metadata: { statement, at } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    const listed = new Set(statement.supportedProfiles.map((url) => url.split('|')[0]));
    const missing = Object.keys(US_CORE_ELEMENTS).filter(
      (name) => !OPTIONAL.has(name) && !listed.has(`${PREFIX}${name}`),
    );
    return judge(
      missing.length === 0
        ? undefined
        : `${missing.length} are not in supportedProfile, such as ${missing.slice(0, 3).join(', ')}`,
      { at: [at] },
    );
  },
});
