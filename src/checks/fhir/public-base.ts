import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';
import { target } from '../evidence/target.ts';

export const publicBase = defineCheck({
  meta: {
    id: 'fhir/public-base',
    title: 'The CapabilityStatement names the public base',
    severity: 'warn',
    specs: ['FHIR R4 CapabilityStatement.implementation'],
    requirements: ['FHIR-003'],
    inferno: [],
    needs: { metadata, target },
    fix: 'Rewrite implementation.url to the public FHIR base.',
  },
  judge({ metadata: { statement, at }, target }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    const url = statement.implementationUrl;
    if (url === null) return notApplicable('implementation.url is not published');
    return judge(
      url.replace(/\/+$/, '') === target.fhirUrl.replace(/\/+$/, '')
        ? undefined
        : `implementation.url is ${url}`,
      { at: [at] },
    );
  },
});
