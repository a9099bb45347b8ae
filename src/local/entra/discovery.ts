import type { Fabric } from '../fabric.ts';
import { issuerV1, issuerV2 } from './issuer.ts';

/** `/{tenant}/v2.0/.well-known/openid-configuration`. Endpoints are those that browsers reach. */
export function discoveryV2(fabric: Fabric): Record<string, unknown> {
  const base = `${fabric.origins.login}/${fabric.tenantId}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerV2(fabric),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: [
      ...['sub', 'iss', 'cloud_instance_name', 'cloud_instance_host_name', 'cloud_graph_host_name'],
      ...['msgraph_host', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username'],
      ...['name', 'tid', 'ver', 'at_hash', 'c_hash', 'email'],
    ],
    tenant_region_scope: null,
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
  };
}

/** `/{tenant}/.well-known/openid-configuration`: the same keys under the v1 issuer. */
export function discoveryV1(fabric: Fabric): Record<string, unknown> {
  const base = `${fabric.origins.login}/${fabric.tenantId}`;
  return {
    ...discoveryV2(fabric),
    issuer: issuerV1(fabric),
    jwks_uri: `${base}/discovery/keys`,
  };
}

/** `/common/discovery/instance`: what MSAL asks about an authority it does not know. */
export function instanceDiscovery(fabric: Fabric): Record<string, unknown> {
  const { host } = new URL(fabric.origins.login);
  return {
    tenant_discovery_endpoint: `https://login.microsoftonline.com/${fabric.tenantId}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [
      {
        preferred_network: 'login.microsoftonline.com',
        preferred_cache: 'login.windows.net',
        aliases: [
          'login.microsoftonline.com',
          'login.windows.net',
          'login.microsoft.com',
          'sts.windows.net',
          host,
        ],
      },
    ],
  };
}
