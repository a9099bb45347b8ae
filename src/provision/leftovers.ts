import type { StackContext } from './context.ts';
import { groupId } from './context.ts';
import type { Finder, Leftover } from './engine/resource.ts';
import { deleteApp } from './entra-app.ts';
import { deleteUser } from './entra-user.ts';
import type { Tools } from './tools.ts';

/** How the things of a stack are found by their marks, whatever the configuration says by now. */
export function findersOf(context: StackContext): readonly Finder<Tools>[] {
  return [tagged(context), assigned(context), registered, people(context), kept(context)];
}

/** ARM resources by tag. */
function tagged({ account }: StackContext): Finder<Tools> {
  return async ({ arm, owner }) => {
    const found = await arm.list(`/subscriptions/${account.subscriptionId}/resources`, {
      $filter: owner.armFilter(),
    });
    return found.map(
      (item): Leftover<Tools> => ({
        id: owner.resourceOf(item.tags),
        type: 'azure-resource',
        label: item.id,
        destroy: (tools) => tools.arm.delete(item.id),
      }),
    );
  };
}

/** Role assignments by description, in the resource group and at an adopted FHIR service. */
function assigned(context: StackContext): Finder<Tools> {
  const { fhir } = context.names;
  const adopted = fhir.adopted ? [context.config.fhir.adopt ?? ''] : [];
  return async ({ arm, owner }) => {
    const scopes = [groupId(context), ...adopted];
    const lists = await Promise.all(
      scopes.map((scope) => arm.list(`${scope}/providers/Microsoft.Authorization/roleAssignments`)),
    );
    const found = new Map(lists.flat().map((item) => [item.id, item]));
    return [...found.values()].flatMap((item): Leftover<Tools>[] => {
      const id = owner.markedResource(item.properties['description']);
      if (id === undefined) return [];
      return [{ id, type: 'role-assignment', label: item.id, destroy: (tools) => tools.arm.delete(item.id) }];
    });
  };
}

/** App registrations by tag; with them go their service principals, grants and role assignments. */
const registered: Finder<Tools> = async ({ graph, owner }) => {
  const prefix = owner.uniqueName('');
  const found = await graph.list('/applications', { $select: 'id,appId,displayName,uniqueName,tags' });
  return found.flatMap((item): Leftover<Tools>[] => {
    const marks = Array.isArray(item['tags']) ? item['tags'] : [];
    const id = marks.map((mark) => owner.markedResource(mark)).find((mark) => mark !== undefined);
    if (id === undefined || !String(item['uniqueName']).startsWith(prefix)) return [];
    const label = `app-registration ${String(item['displayName'])}`;
    return [
      {
        id,
        type: 'app-registration',
        label,
        destroy: (tools) => deleteApp(tools, { id: item.id, appId: String(item['appId']) }),
      },
    ];
  });
};

/** Test users by their job title. */
function people({ config }: StackContext): Finder<Tools> {
  return async ({ graph, owner }) => {
    const found = await graph.list('/users', {
      $filter: `startswith(displayName,'${config.name} ${config.env} ')`,
      $select: 'id,displayName,jobTitle',
    });
    return found.flatMap((item): Leftover<Tools>[] => {
      const id = owner.markedResource(item['jobTitle']);
      if (id === undefined) return [];
      const label = `user ${String(item['displayName'])}`;
      return [{ id, type: 'user', label, destroy: (tools) => deleteUser(tools, item.id) }];
    });
  };
}

/** Secrets by tag. Without a vault, or before the deployer may look into it, there is nothing to find. */
function kept(context: StackContext): Finder<Tools> {
  return async ({ arm, vault, owner, account }) => {
    const vaultId = `${groupId(context)}/providers/Microsoft.KeyVault/vaults/${context.names.vault}`;
    const found = await arm.get(vaultId);
    const url = found?.properties['vaultUri'];
    if (typeof url !== 'string' || !(await mayLook(arm, vaultId, account.deployer.principalId))) return [];
    return (await vault.list(url))
      .filter((secret) => owner.owns(secret.tags))
      .map((secret) => ({
        id: owner.resourceOf(secret.tags),
        type: 'secret',
        label: `secret ${secret.name}`,
        destroy: (tools) => tools.vault.delete(url, secret.name),
      }));
  };
}

async function mayLook(arm: Tools['arm'], vaultId: string, principalId: string): Promise<boolean> {
  const roles = await arm.list(`${vaultId}/providers/Microsoft.Authorization/roleAssignments`, {
    $filter: `principalId eq '${principalId}'`,
  });
  return roles.some((item) => String(item.properties['scope']).toLowerCase() === vaultId.toLowerCase());
}
