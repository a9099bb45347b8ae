import { parseAddress, typeOf } from './address.ts';
import type { ProviderOperation, ResourceType } from './resource-type.ts';
import { apimApis } from './types/apim-apis.ts';
import { apimBackends } from './types/apim-backends.ts';
import { apimOperations } from './types/apim-deleted-services.ts';
import { apimNamedValues } from './types/apim-named-values.ts';
import { apimApiOperations } from './types/apim-operations.ts';
import { apimPolicies } from './types/apim-policies.ts';
import { apimPolicyFragments } from './types/apim-policy-fragments.ts';
import { apimService } from './types/apim-service.ts';
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
  apimService,
  apimApis,
  apimApiOperations,
  apimNamedValues,
  apimBackends,
  apimPolicyFragments,
  ...apimPolicies,
];

/** Calls that belong to a provider, not to a resource. */
export const PROVIDER_OPERATIONS: readonly ProviderOperation[] = [
  ...keyVaultOperations,
  ...storageOperations,
  ...apimOperations,
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
