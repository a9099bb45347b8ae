import { groupId } from './context.ts';
import { RESOURCE } from './resource-ids.ts';
import type { Session } from './session.ts';

/** Newest stable versions of the two provider-level calls (platform notes 7, 6). */
const DELETED_VAULTS_VERSION = '2026-02-01';
const DELETED_SERVICES_VERSION = '2024-05-01';

/** Something that is still there after destroy, and why. */
export interface Retained {
  readonly id: string;
  readonly note: string;
}

/** What stays of a destroyed stack: what Azure keeps for a while, and a group that holds things of others. */
export async function retainedOf({ account, context, reader }: Session): Promise<readonly Retained[]> {
  const { config, names } = context;
  const { location } = config.azure;
  const at = (namespace: string, kind: string, name: string): string =>
    `/subscriptions/${account.subscriptionId}/providers/${namespace}/locations/${location}/${kind}/${name}`;
  const { vault, apiManagement, resourceGroup } = names;
  const there: readonly [what: unknown, Retained][] = [
    [
      await reader.arm.getDocument(at('Microsoft.KeyVault', 'deletedVaults', vault), DELETED_VAULTS_VERSION),
      softDeleted(
        RESOURCE.vault,
        `key-vault ${vault}`,
        `az keyvault purge --name ${vault} --location ${location}`,
      ),
    ],
    [
      await reader.arm.getDocument(
        at('Microsoft.ApiManagement', 'deletedservices', apiManagement),
        DELETED_SERVICES_VERSION,
      ),
      softDeleted(
        RESOURCE.apim,
        `api-management ${apiManagement}`,
        `az apim deletedservice purge --service-name ${apiManagement} --location ${location}`,
      ),
    ],
    [
      await reader.arm.get(groupId(context)),
      { id: RESOURCE.group, note: `resource-group ${resourceGroup} stays: it holds things of others` },
    ],
  ];
  return there.flatMap(([what, retained]) => (what === undefined ? [] : [retained]));
}

function softDeleted(id: string, label: string, command: string): Retained {
  return {
    id,
    note: `${label} is soft-deleted: its name stays taken and the next apply takes it back; for good: ${command}`,
  };
}
