import type { ClientRegistration } from '../../smart/registration.ts';
import { ENTRA_OWN_SCOPES } from '../../smart/scope-table.ts';
import { OAuthError } from '../oauth-error.ts';
import { authBase, type GatewaySettings } from '../settings.ts';
import type { EntraKeys } from './entra-keys.ts';
import type { EntraTokenCall } from './entra-token-endpoint.ts';
import type { ClientProof, TokenIssuer } from './token-issuer.ts';

export interface EntraIssuerOptions {
  readonly settings: GatewaySettings;
  readonly keys: EntraKeys;
  readonly call: EntraTokenCall;
  /** The Entra secret of a private_key_jwt client, kept under its client id. */
  readonly secretOf: (clientId: string) => Promise<string | undefined>;
}

/**
 * Tokens by Entra. Its `scp` holds everything consented for the client, whatever is asked here; the session is
 * what narrows it, so `.default` is as good as a list and avoids Entra's spelling limits.
 */
export function createEntraIssuer(options: EntraIssuerOptions): TokenIssuer {
  const { settings, keys, call } = options;
  const resource = `${settings.scopePrefix}/.default`;
  // Of Entra's own scopes only those the client is registered for: `apply` has consented to these and to no others.
  const userScope = (client: ClientRegistration): string =>
    [resource, ...ENTRA_OWN_SCOPES.filter((scope) => client.scopes.includes(scope))].join(' ');
  const redirectUri = `${authBase(settings)}/callback`;

  return {
    authorizeUrl: async (client, authorization) => {
      const url = new URL((await keys.metadata()).authorizationEndpoint);
      const parameters = {
        client_id: client.clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: userScope(client),
        state: authorization.state,
        code_challenge: authorization.codeChallenge,
        code_challenge_method: 'S256',
        ...(authorization.nonce === undefined ? {} : { nonce: authorization.nonce }),
        ...(authorization.loginHint === undefined ? {} : { login_hint: authorization.loginHint }),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    redeem: async (client, proof, code, verifier) =>
      call({
        grant_type: 'authorization_code',
        client_id: client.clientId,
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        scope: userScope(client),
        ...(await secret(options, client, proof)),
      }),
    refresh: async (client, proof, refreshToken) =>
      call({
        grant_type: 'refresh_token',
        client_id: client.clientId,
        refresh_token: refreshToken,
        scope: userScope(client),
        ...(await secret(options, client, proof)),
      }),
    clientCredentials: async (client, proof) =>
      call({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        scope: resource,
        ...(await secret(options, client, proof)),
      }),
  };
}

async function secret(
  options: EntraIssuerOptions,
  client: ClientRegistration,
  proof: ClientProof,
): Promise<{ client_secret?: string }> {
  switch (proof.kind) {
    case 'public':
      return {};
    case 'secret':
      return { client_secret: proof.secret };
    case 'assertion': {
      const value = await options.secretOf(client.clientId);
      if (value === undefined) {
        throw new OAuthError('server_error', 'the gateway has no secret for this client', {
          detail: `Key Vault has no secret named after ${client.name}`,
        });
      }
      return { client_secret: value };
    }
  }
}
