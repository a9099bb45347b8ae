import { armResource, textAt } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import { provider, RESOURCE } from '../resource-ids.ts';

const RETENTION_DAYS = 7;
const DELETED_VAULTS_VERSION = '2026-02-01';

/**
 * The vault of all secrets, with RBAC said explicitly. A soft-deleted vault of this name is recovered: its secrets
 * come back, its role assignments are made anew by their own resources.
 */
export const keyVault: ResourceKind = (context) => {
  const { account, config, names, owner } = context;
  const deletedPath = `/subscriptions/${account.subscriptionId}/providers/Microsoft.KeyVault/locations/${config.azure.location}/deletedVaults/${names.vault}`;
  return [
    armResource({
      id: RESOURCE.vault,
      type: 'key-vault',
      name: names.vault,
      dependsOn: [RESOURCE.group, provider('Microsoft.KeyVault')],
      containedIn: RESOURCE.group,
      armId: () => `${groupId(context)}/providers/Microsoft.KeyVault/vaults/${names.vault}`,
      content: () => ({
        location: config.azure.location,
        properties: {
          tenantId: account.tenantId,
          sku: { family: 'A', name: 'standard' },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          softDeleteRetentionInDays: RETENTION_DAYS,
        },
      }),
      tagged: true,
      tags: owner.tags(RESOURCE.vault),
      replaces: ['location', 'properties.tenantId'],
      outputs: (have) => ({ id: have.id, name: have.name, url: textAt(have, 'properties', 'vaultUri') }),
      onCreate: async ({ arm }) => {
        const deleted = await arm.getDocument(deletedPath, DELETED_VAULTS_VERSION);
        return deleted === undefined ? {} : { createMode: 'recover' };
      },
    }),
  ];
};
