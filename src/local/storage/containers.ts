import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import type { Account } from './account.ts';
import { dropBlobs } from './blob-store.ts';
import { newEtag } from './etag.ts';

export const CONTAINER_TYPE = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** A container, which is the ARM resource of the same name. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** 3–63 lower-case letters, digits and single hyphens; `$web`, `$logs` and `$root` exist only in Azure. */
export function isContainerName(name: string): boolean {
  return /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

/** ARM id of a container: what its blobs and role assignments hang on. */
export function containerId(account: Account, name: string): string {
  return `${account.id}/blobServices/default/containers/${name}`;
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
      metadata,
      dataEtag: newEtag(),
    },
  };
}

export function findContainer(fabric: Fabric, account: Account, name: string): Container | undefined {
  const stored = new Resources(fabric.store).get(containerId(account, name));
  return stored === undefined ? undefined : containerOf(stored);
}

export function listContainers(fabric: Fabric, account: Account): Container[] {
  return new Resources(fabric.store)
    .below(account.id)
    .filter(({ type }) => type === CONTAINER_TYPE)
    .map(containerOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function putContainer(
  fabric: Fabric,
  account: Account,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Container {
  const resources = new Resources(fabric.store);
  const id = containerId(account, name);
  const now = new Date(fabric.clock.now()).toISOString();
  const stored: StoredResource = {
    id,
    name,
    type: CONTAINER_TYPE,
    etag: `"${randomUUID()}"`,
    body: containerBody(fabric, metadata),
    createdAt: resources.get(id)?.createdAt ?? now,
    changedAt: now,
  };
  resources.put(stored);
  return containerOf(stored);
}

/** Takes a container away with its blobs and the role assignments made on it. */
export function removeContainer(fabric: Fabric, container: Container): void {
  const resources = new Resources(fabric.store);
  for (const below of resources.below(container.id)) resources.delete(below.id);
  resources.delete(container.id);
  dropBlobs(fabric, container.id);
}

function containerOf(stored: StoredResource): Container {
  const properties = stored.body['properties'] as {
    dataEtag: string;
    lastModifiedTime: string;
    metadata: Record<string, string>;
  };
  return {
    id: stored.id,
    name: stored.name,
    etag: properties.dataEtag,
    changedAt: Date.parse(properties.lastModifiedTime),
    metadata: properties.metadata,
  };
}
