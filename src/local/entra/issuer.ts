import type { Fabric } from '../fabric.ts';

/** The tenant's one issuer of v2 tokens: the origin that browsers see. */
export function issuerV2(fabric: Fabric): string {
  return `${fabric.origins.login}/${fabric.tenantId}/v2.0`;
}

/** The issuer of v1 tokens, trailing slash included. */
export function issuerV1(fabric: Fabric): string {
  return `https://sts.windows.net/${fabric.tenantId}/`;
}
