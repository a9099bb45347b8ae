import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { metadata } from '../evidence/metadata.ts';
import { target } from '../evidence/target.ts';

/** Name in the oauth-uris extension to member of the SMART configuration. */
const MEMBERS: Readonly<Record<string, string>> = {
  authorize: 'authorization_endpoint',
  token: 'token_endpoint',
  introspect: 'introspection_endpoint',
  revoke: 'revocation_endpoint',
};

export const metadataAgrees = defineCheck({
  meta: {
    id: 'discovery/metadata-agrees',
    title: 'CapabilityStatement and SMART configuration name the same endpoints',
    severity: 'error',
    specs: ['SMART 1.0.0 conformance#declaring-support-for-oauth2-endpoints'],
    requirements: ['SMART-WK-028'],
    inferno: [],
    needs: { config: configurationBody, metadata, target },
    fix: 'Publish the same authorize and token URLs in the oauth-uris extension and in the SMART configuration, or leave the extension out.',
  },
  judge({ config: { body }, metadata: { statement, at }, target: { fhirUrl } }) {
    if (statement === null)
      return skip('the CapabilityStatement could not be read (fhir/capability-statement judges that)');
    const uris = statement.oauthUris;
    if (uris.length === 0) return notApplicable('the CapabilityStatement has no oauth-uris extension');
    // What the SMART configuration leaves out or names by a path is judged where each endpoint is.
    const differing = uris.filter(({ name, url }) => {
      const published = body[MEMBERS[name] ?? ''];
      return typeof published === 'string' && absolute(published, fhirUrl) !== absolute(url, fhirUrl);
    });
    return judge(
      differing.length === 0 ? undefined : `they differ in: ${differing.map(({ name }) => name).join(', ')}`,
      { at: [at] },
    );
  },
});

function absolute(url: string, fhirUrl: string): string {
  return URL.canParse(url, fhirUrl) ? new URL(url, fhirUrl).href : url;
}
