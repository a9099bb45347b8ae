import type { Discovery } from './discovery.ts';
import type { FhirService } from './service.ts';

const CLIENTS = ['client-public', 'client-confidential-symmetric', 'client-confidential-asymmetric'];
const PERMISSIONS = ['permission-patient', 'permission-user', 'permission-offline', 'permission-v2'];

/** What the service says it can do: the same list in `/metadata`, there in another order. */
export const SMART_CAPABILITIES = [
  ...CLIENTS,
  'authorize-post',
  'launch-standalone',
  ...PERMISSIONS,
  'sso-openid-connect',
];
export const METADATA_CAPABILITIES = [
  'authorize-post',
  ...CLIENTS,
  'launch-standalone',
  ...PERMISSIONS,
  'sso-openid-connect',
];

/** The authority that discovery names: an identity provider's when one is configured. */
export function smartAuthority(service: FhirService): string {
  return service.identityProviders[0]?.authority ?? service.authority;
}

/**
 * `/.well-known/smart-configuration` as the service itself serves it. It does not satisfy (g)(10): no `launch-ehr`, no
 * `private_key_jwt`, no clinical scopes.
 *
 * @throws FhirError 503 when the authority cannot be read
 */
export async function smartConfiguration(
  service: FhirService,
  discovery: Discovery,
): Promise<Record<string, unknown>> {
  const { issuer, document } = await discovery.of(smartAuthority(service));
  return {
    authorization_endpoint: document['authorization_endpoint'],
    token_endpoint: document['token_endpoint'],
    capabilities: SMART_CAPABILITIES,
    scopes_supported: ['openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'online_access'],
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_jwt', 'none'],
    response_types_supported: ['code'],
    introspection_endpoint: `${service.base}/connect/introspect`,
    issuer,
    jwks_uri: document['jwks_uri'],
  };
}
