import type { AccountKey } from '../arm/types/storage-accounts.ts';
import type { Fabric } from '../fabric.ts';
import { Resources } from '../resources.ts';
import { StorageError } from './storage-error.ts';

export type StorageService = 'blob' | 'table';

/** A storage account that exists in Azure Resource Manager. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly service: StorageService;
  /** `https://name.blob.core.windows.net` */
  readonly origin: string;
  readonly keys: readonly AccountKey[];
  readonly sharedKeyAllowed: boolean;
  readonly open: boolean;
}

interface AccountProperties {
  readonly allowSharedKeyAccess?: boolean | null;
  readonly publicNetworkAccess?: string;
  readonly networkAcls?: { readonly defaultAction?: string };
}

/** The account behind a host name; undefined when there is none: its name does not resolve then. */
export function accountAt(fabric: Fabric, host: string): Account | undefined {
  const match = /^([a-z0-9]{3,24})\.(blob|table)\.core\.windows\.net$/.exec(host);
  if (match === null) return undefined;
  const stored = new Resources(fabric.store)
    .ofType('Microsoft.Storage/storageAccounts')
    .find((item) => item.name.toLowerCase() === match[1]);
  if (stored === undefined) return undefined;
  const properties = stored.body['properties'] as AccountProperties;
  return {
    id: stored.id,
    name: stored.name,
    service: match[2] as StorageService,
    origin: `https://${host}`,
    keys: stored.body['keys'] as AccountKey[],
    sharedKeyAllowed: properties.allowSharedKeyAccess !== false,
    open: properties.publicNetworkAccess !== 'Disabled' && properties.networkAcls?.defaultAction !== 'Deny',
  };
}

/** @throws StorageError 403 when the network settings forbid every caller of this cloud */
export function requireOpen(account: Account): void {
  if (account.open) return;
  throw new StorageError(
    403,
    'AuthorizationFailure',
    'This request is not authorized to perform this operation.',
  );
}
