import { html, json, patch, rebuilt } from '../answers.ts';
import { breaks, type Fault } from '../fault.ts';
import { isMetadata, isWellKnown } from '../requests.ts';

type Body = Record<string, unknown> & { capabilities: string[] };

/** The SMART configuration with one change, for everybody who asks. */
function configured(check: string, name: string, change: (body: Body) => void): Fault {
  return breaks(
    check,
    name,
    isWellKnown,
    patch((body) => change(body as Body)),
  );
}

function without(list: unknown, item: string): string[] {
  return (list as string[]).filter((other) => other !== item);
}

export const discoveryFaults: readonly Fault[] = [
  breaks('discovery/served', 'the configuration is not found', isWellKnown, async (asked, next) => {
    const response = await next(asked.request);
    return new Response('{}', { status: 404, headers: response.headers });
  }),
  breaks(
    'discovery/anonymous',
    'the configuration wants a subscription key',
    isWellKnown,
    async (asked, next) => {
      const response = await next(asked.request);
      return new Response('{"statusCode":401}', { status: 401, headers: response.headers });
    },
  ),
  breaks(
    'discovery/any-accept',
    'the configuration is not acceptable to browsers',
    (asked) => isWellKnown(asked) && asked.request.headers.get('accept') === 'text/html',
    async () => html(406, 'not acceptable'),
  ),
  configured('discovery/capabilities-listed', 'a capability is listed twice', (body) => {
    body.capabilities.push('launch-ehr');
  }),
  configured('discovery/capabilities-known', 'a capability is misspelled', (body) => {
    body.capabilities.push('sso-openid');
  }),
  configured('discovery/capability-sets', 'the EHR encounter is not supported', (body) => {
    body.capabilities = without(body.capabilities, 'context-ehr-encounter');
  }),
  configured('discovery/token-endpoint', 'the token endpoint is not published', (body) => {
    delete body['token_endpoint'];
  }),
  configured('discovery/authorization-endpoint', 'the authorization endpoint is not published', (body) => {
    delete body['authorization_endpoint'];
  }),
  configured('discovery/grant-types', 'the code grant is not listed', (body) => {
    body['grant_types_supported'] = ['client_credentials'];
  }),
  configured('discovery/pkce-s256', 'S256 is not listed', (body) => {
    body['code_challenge_methods_supported'] = ['S512'];
  }),
  configured('discovery/pkce-plain', 'plain PKCE is advertised', (body) => {
    body['code_challenge_methods_supported'] = ['S256', 'plain'];
  }),
  configured('discovery/issuer', 'the issuer is not published', (body) => {
    delete body['issuer'];
  }),
  configured('discovery/jwks-uri', 'the key set is not published', (body) => {
    delete body['jwks_uri'];
  }),
  configured('discovery/absolute-urls', 'an endpoint is a relative URL', (body) => {
    body['management_endpoint'] = '/auth/manage';
  }),
  configured('discovery/asymmetric-auth-method', 'private_key_jwt is not listed', (body) => {
    body['token_endpoint_auth_methods_supported'] = without(
      body['token_endpoint_auth_methods_supported'],
      'private_key_jwt',
    );
  }),
  configured('discovery/signing-algorithms', 'only RS256 assertions are listed', (body) => {
    body['token_endpoint_auth_signing_alg_values_supported'] = ['RS256'];
  }),
  configured('discovery/basic-auth-method', 'client_secret_basic is not listed', (body) => {
    body['token_endpoint_auth_methods_supported'] = without(
      body['token_endpoint_auth_methods_supported'],
      'client_secret_basic',
    );
  }),
  configured('discovery/scopes-supported', 'the scopes are not published', (body) => {
    delete body['scopes_supported'];
  }),
  configured('discovery/scope-grammar', 'a scope is published in the spelling of Entra', (body) => {
    (body['scopes_supported'] as string[]).push('patient.Observation.rs');
  }),
  configured('discovery/introspection-endpoint', 'introspection is not published', (body) => {
    delete body['introspection_endpoint'];
  }),
  configured('discovery/revocation-endpoint', 'revocation is not published', (body) => {
    delete body['revocation_endpoint'];
  }),
  breaks(
    'discovery/metadata-agrees',
    'metadata names another token endpoint',
    isMetadata,
    async (asked, next) => {
      const response = await next(asked.request);
      return rebuilt(response, (await response.text()).replaceAll('/auth/token"', '/auth/oauth2/token"'));
    },
  ),
  configured('security/asymmetric-offered', 'asymmetric clients are not supported', (body) => {
    body.capabilities = without(body.capabilities, 'client-confidential-asymmetric');
    body['token_endpoint_auth_methods_supported'] = without(
      body['token_endpoint_auth_methods_supported'],
      'private_key_jwt',
    );
  }),
  breaks(
    'security/forwarded-host',
    'published URLs follow X-Forwarded-Host',
    (asked) => isWellKnown(asked) && asked.request.headers.has('x-forwarded-host'),
    async (asked) =>
      json(200, { token_endpoint: `https://${asked.request.headers.get('x-forwarded-host')}/token` }),
  ),
];
