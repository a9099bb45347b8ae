import { parseAddress, typeOf } from './address.ts';
import type { ProviderOperation, ResourceType } from './resource-type.ts';
import { healthcareFhirServices } from './types/healthcare-fhir-services.ts';
import { healthcareWorkspaces } from './types/healthcare-workspaces.ts';
import { keyVaultOperations } from './types/key-vault-deleted-vaults.ts';
import { keyVaultVaults } from './types/key-vault-vaults.ts';
import { resourceGroups } from './types/resource-groups.ts';
import { storageAccounts, storageOperations } from './types/storage-accounts.ts';
import { storageBlobServices } from './types/storage-blob-services.ts';
import { storageContainers } from './types/storage-containers.ts';
import { storageTableServices } from './types/storage-table-services.ts';
import { storageTables } from './types/storage-tables.ts';
import { webAppSettings } from './types/web-app-settings.ts';
import { webFunctionKeys } from './types/web-function-keys.ts';
import { webHost } from './types/web-host.ts';
import { webServerfarms } from './types/web-serverfarms.ts';
import { webSites } from './types/web-sites.ts';

/** Every resource type of this cloud: one file each, one line here. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  resourceGroups,
  healthcareWorkspaces,
  healthcareFhirServices,
  keyVaultVaults,
  storageAccounts,
  storageBlobServices,
  storageContainers,
  storageTableServices,
  storageTables,
  webServerfarms,
  webSites,
  webAppSettings,
  webHost,
  webFunctionKeys,
];

/** Calls that belong to a provider, not to a resource. */
export const PROVIDER_OPERATIONS: readonly ProviderOperation[] = [
  ...keyVaultOperations,
  ...storageOperations,
];

/** The type of an ARM id, or undefined when this cloud does not have it. */
export function typeNamed(id: string): ResourceType | undefined {
  const { namespace, tail, groupName, segments } = parseAddress(id);
  if (namespace !== undefined) return typeCalled(typeOf(namespace, tail));
  return groupName !== undefined && segments.length === 4 ? resourceGroups : undefined;
}

/** A type by its name in any case. */
export function typeCalled(name: string): ResourceType | undefined {
  const wanted = name.toLowerCase();
  return RESOURCE_TYPES.find(({ type }) => type.toLowerCase() === wanted);
}
