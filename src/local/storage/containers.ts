import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';

export const CONTAINER_TYPE = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** 3–63 lower-case letters, digits and single hyphens; `$web`, `$logs` and `$root` exist only in Azure. */
export function isContainerName(name: string): boolean {
  return /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

/** ARM id of a container: what its blobs and role assignments hang on. */
export function containerId(accountId: string, name: string): string {
  return `${accountId}/blobServices/default/containers/${name}`;
}

/** The stored body of a container, for both planes. */
export function containerBody(
  fabric: Fabric,
  metadata: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return {
    properties: {
      publicAccess: 'None',
      leaseStatus: 'Unlocked',
      leaseState: 'Available',
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      defaultEncryptionScope: '$account-encryption-key',
      denyEncryptionScopeOverride: false,
      deleted: false,
      remainingRetentionDays: 0,
      lastModifiedTime: new Date(fabric.clock.now()).toISOString(),
      dataEtag: `"0x${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}"`,
      metadata,
    },
  };
}
