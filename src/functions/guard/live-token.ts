import type { Gateway } from '../context.ts';
import type { AccessClaims } from '../issuer/entra-keys.ts';
import type { TokenRecord } from '../state/state.ts';

export interface LiveToken {
  readonly token: string;
  readonly claims: AccessClaims;
  readonly record: TokenRecord;
}

/**
 * A token that Entra signed for the FHIR service, that this gateway handed out, and that is neither expired nor
 * revoked. Undefined for every other text.
 */
export async function liveToken(gateway: Gateway, token: string): Promise<LiveToken | undefined> {
  const claims = await gateway.keys.verifyAccessToken(token);
  if (claims === undefined) return undefined;
  const kept = await gateway.state.tokens.get(claims.uti);
  if (kept === undefined || kept.value.revoked || kept.value.clientId !== claims.clientId) return undefined;
  return { token, claims, record: kept.value };
}
