import { type AccessClaims, authenticate, BearerError } from '../bearer.ts';
import type { Fabric } from '../fabric.ts';
import { isAllowed } from '../rbac.ts';
import { Resources } from '../resources.ts';
import { badParameter, VaultError } from './vault-error.ts';

const SUFFIX = '.vault.azure.net';
const AUDIENCES = ['https://vault.azure.net'];
const API_VERSIONS = new Set(['2026-04-01', '2025-07-01', '7.6', '7.5', '7.4', '7.3', '7.2', '7.1', '7.0']);

/** A vault that exists in Azure Resource Manager. */
export interface Vault {
  readonly id: string;
  readonly name: string;
  /** `https://name.vault.azure.net` */
  readonly origin: string;
  readonly location: string;
  readonly retentionDays: number;
  readonly purgeProtection: boolean;
  readonly open: boolean;
  readonly firewall: boolean;
}

interface VaultProperties {
  readonly softDeleteRetentionInDays: number;
  readonly enablePurgeProtection?: boolean;
  readonly publicNetworkAccess?: string;
  readonly networkAcls?: { readonly defaultAction?: string };
}

/** The vault behind a host name; undefined when there is none: its name does not resolve then. */
export function vaultAt(fabric: Fabric, host: string): Vault | undefined {
  if (!host.endsWith(SUFFIX)) return undefined;
  const name = host.slice(0, -SUFFIX.length);
  const stored = new Resources(fabric.store)
    .ofType('Microsoft.KeyVault/vaults')
    .find((item) => item.name.toLowerCase() === name);
  if (stored === undefined) return undefined;
  const properties = stored.body['properties'] as VaultProperties;
  return {
    id: stored.id,
    name: stored.name,
    origin: `https://${host}`,
    location: String(stored.body['location']),
    retentionDays: properties.softDeleteRetentionInDays,
    purgeProtection: properties.enablePurgeProtection === true,
    open: properties.publicNetworkAccess?.toLowerCase() !== 'disabled',
    firewall: properties.networkAcls?.defaultAction === 'Deny',
  };
}

/** The challenge that tells a client where to get a token, and for what. */
export function challenge(fabric: Fabric): string {
  return `Bearer authorization="https://login.microsoftonline.com/${fabric.tenantId}", resource="https://vault.azure.net"`;
}

/** @throws VaultError 401 with the reason Key Vault gives */
export async function identify(fabric: Fabric, request: Request): Promise<AccessClaims> {
  try {
    return await authenticate(fabric, request, { audiences: AUDIENCES });
  } catch (error) {
    if (!(error instanceof BearerError)) throw error;
    throw new VaultError(401, 'Unauthorized', REASONS[error.reason]);
  }
}

const REASONS: Readonly<Record<BearerError['reason'], string>> = {
  missing: 'AKV10000: Request is missing a Bearer or PoP token.',
  malformed: 'AKV10000: Request is missing a valid Bearer or PoP token.',
  signature: '[TokenValidation] Error validating token: IDX10511',
  issuer: 'AKV10032: Invalid issuer.',
  audience: 'AKV10022: Invalid audience. Expected https://vault.azure.net.',
  expired: '[TokenExpired] Error validating token: IDX10223',
};

/** @throws VaultError 400 unless a known api-version is given */
export function requireVersion(query: URLSearchParams): void {
  const version = query.get('api-version');
  if (version === null || version === '') throw badParameter('api-version must be specified');
  if (!API_VERSIONS.has(version)) {
    throw badParameter(
      `The specified version (${version}) is not recognized. Consider using the latest supported version (2026-04-01).`,
    );
  }
}

/** @throws VaultError 403 when the network settings or the roles forbid it */
export function authorize(
  fabric: Fabric,
  vault: Vault,
  caller: AccessClaims,
  action: string,
  name?: string,
): void {
  if (!vault.open) {
    throw new VaultError(
      403,
      'Forbidden',
      `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nVault: ${vault.name};location=${vault.location}`,
      'ForbiddenByConnection',
    );
  }
  if (vault.firewall) {
    throw new VaultError(
      403,
      'Forbidden',
      `Client address is not authorized and caller is not a trusted service.\r\nVault: ${vault.name};location=${vault.location}`,
      'ForbiddenByFirewall',
    );
  }
  const full = `Microsoft.KeyVault/vaults/secrets/${action}`;
  const scope = name === undefined ? vault.id : `${vault.id}/secrets/${name}`;
  if (isAllowed(fabric, { principalId: caller.oid, scope, action: full, data: true })) return;
  throw new VaultError(
    403,
    'Forbidden',
    'Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n' +
      `Caller: appid=${caller.clientId};oid=${caller.oid}\r\nAction: '${full}'\r\nResource: '${scope.toLowerCase()}'\r\n` +
      `Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: ${vault.name};location=${vault.location}\r\n`,
    'ForbiddenByRbac',
  );
}
