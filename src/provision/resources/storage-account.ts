import { armResource, textAt } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import { provider, RESOURCE } from '../resource-ids.ts';

/** Sessions of the gateway (tables), exported files and the Function package (blobs). Entra tokens only, no keys. */
export const storageAccount: ResourceKind = (context) => [
  armResource({
    id: RESOURCE.storage,
    type: 'storage-account',
    name: context.names.storageAccount,
    dependsOn: [RESOURCE.group, provider('Microsoft.Storage')],
    containedIn: RESOURCE.group,
    armId: () =>
      `${groupId(context)}/providers/Microsoft.Storage/storageAccounts/${context.names.storageAccount}`,
    content: () => ({
      location: context.config.azure.location,
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: {
        accessTier: 'Hot',
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        minimumTlsVersion: 'TLS1_2',
        supportsHttpsTrafficOnly: true,
      },
    }),
    tagged: true,
    tags: context.owner.tags(RESOURCE.storage),
    replaces: ['kind', 'location'],
    outputs: (have) => ({
      id: have.id,
      name: have.name,
      blobUrl: textAt(have, 'properties', 'primaryEndpoints', 'blob'),
      tableUrl: textAt(have, 'properties', 'primaryEndpoints', 'table'),
    }),
  }),
];
