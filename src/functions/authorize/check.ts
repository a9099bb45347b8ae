import type { ClientRegistration } from '../../smart/registration.ts';
import type { Gateway } from '../context.ts';
import type { AuthorizationRequest } from '../state/state.ts';

/** What a check of an authorization request sees: the client and its redirect URI are already trusted. */
export interface CheckInput {
  readonly gateway: Gateway;
  readonly parameters: URLSearchParams;
  readonly client: ClientRegistration;
  /** What earlier checks established. */
  readonly draft: Partial<AuthorizationRequest>;
}

/**
 * One rule. Returns what it adds to the request.
 *
 * @throws OAuthError that is redirected to the client
 */
export type Check = (
  input: CheckInput,
) => Promise<Partial<AuthorizationRequest>> | Partial<AuthorizationRequest>;
