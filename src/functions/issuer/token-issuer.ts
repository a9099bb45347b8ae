import type { ClientRegistration } from '../../smart/registration.ts';

/** How a client proved itself, as far as the issuer must repeat the proof. */
export type ClientProof =
  | { readonly kind: 'public' }
  | { readonly kind: 'secret'; readonly secret: string }
  /** The gateway verified an assertion of the client. */
  | { readonly kind: 'assertion' };

export interface IssuedTokens {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly idToken?: string;
  readonly refreshToken?: string;
}

export interface UserAuthorization {
  readonly state: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
  readonly loginHint?: string;
}

/**
 * Who makes the tokens. Today Entra does; what counts is the session either way, so a gateway that is itself the
 * issuer fits behind the same seam.
 */
export interface TokenIssuer {
  /** Where the browser goes so that the issuer hands out a code for this client to `{authBase}/callback`. */
  authorizeUrl(client: ClientRegistration, authorization: UserAuthorization): Promise<string>;
  /** @throws OAuthError `invalid_client` or `invalid_grant` */
  redeem(
    client: ClientRegistration,
    proof: ClientProof,
    code: string,
    verifier: string,
  ): Promise<IssuedTokens>;
  /** @throws OAuthError `invalid_client` or `invalid_grant` */
  refresh(client: ClientRegistration, proof: ClientProof, refreshToken: string): Promise<IssuedTokens>;
  /** @throws OAuthError `invalid_client` */
  clientCredentials(client: ClientRegistration, proof: ClientProof): Promise<IssuedTokens>;
}
