import { ASSERTION_ALGORITHMS } from './assertion.ts';

/** `{base}/.well-known/smart-configuration` (SMART 2.2.0 conformance#metadata), the members this project reads or writes. */
export interface SmartConfiguration {
  readonly issuer?: string;
  readonly jwks_uri?: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint: string;
  readonly grant_types_supported: readonly string[];
  readonly capabilities: readonly string[];
  readonly code_challenge_methods_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly response_types_supported?: readonly string[];
  readonly introspection_endpoint?: string;
  readonly revocation_endpoint?: string;
}

/** What the gateway really does; the (g)(10) list of SMART 2.2, nothing more. */
export const GATEWAY_CAPABILITIES = [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
] as const;

export interface ConfigurationFacts {
  /** Absolute, without a trailing slash. */
  readonly authBase: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly scopes: readonly string[];
}

/** The gateway's discovery document. */
export function smartConfiguration(facts: ConfigurationFacts): SmartConfiguration {
  const { authBase, issuer, jwksUri, scopes } = facts;
  return {
    issuer,
    jwks_uri: jwksUri,
    authorization_endpoint: `${authBase}/authorize`,
    token_endpoint: `${authBase}/token`,
    introspection_endpoint: `${authBase}/introspect`,
    revocation_endpoint: `${authBase}/revoke`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    scopes_supported: scopes,
    capabilities: [...GATEWAY_CAPABILITIES],
  };
}
