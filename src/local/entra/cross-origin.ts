import { AadError } from './aadsts.ts';

/**
 * Only codes and refresh tokens of `spa` redirect URIs may be redeemed with an Origin header (Entra ID:
 * redirect URI restrictions).
 */
export function crossOrigin(origin: string): AadError {
  return new AadError(
    9002326,
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: " +
      `'${origin.slice(0, 200)}'.`,
  );
}
