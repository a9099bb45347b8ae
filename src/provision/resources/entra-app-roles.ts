import type { GraphObject } from '../../azure/graph.ts';
import { clientPermissions } from '../client-permissions.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type Resource } from '../engine/resource.ts';
import { clientApp, clientRoles, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly principalId: string;
  readonly resourceId: string;
  readonly roles: readonly string[];
}

type Have = readonly GraphObject[];

/** App roles of clients that act without a user: `system/` scopes of backends, `launch.create` of the EHR. */
export const entraAppRoles: ResourceKind = (context) =>
  context.config.clients
    .map((client) => ({ name: client.name, roles: clientPermissions(client).roles }))
    .filter(({ roles }) => roles.length > 0)
    .map(({ name, roles }) => define(name, roles, context));

function define(name: string, roles: readonly string[], { owner }: StackContext): Resource<Tools> {
  const roleId = (role: string): string => owner.guid('role', role);
  return defineResource<Tools, Want, Have>({
    id: clientRoles(name),
    type: 'app-role-assignment',
    label: `app roles of ${name}`,
    dependsOn: [clientApp(name), RESOURCE.fhirApp],
    containedIn: clientApp(name),
    desired: (outputs) => ({
      principalId: outputs.get(clientApp(name), 'servicePrincipalId'),
      resourceId: outputs.get(RESOURCE.fhirApp, 'servicePrincipalId'),
      roles,
    }),
    locate: (want) => `${want.principalId}/${want.resourceId}`,
    async read({ graph }, want) {
      const all = await graph.list(`/servicePrincipals/${want.principalId}/appRoleAssignments`);
      const have = all.filter((item) => item['resourceId'] === want.resourceId);
      return have.length === 0 ? undefined : { have, ownership: 'ours' };
    },
    diff: (want, have) => changed('roles', ids(have).join(' '), want.roles.map(roleId).sort().join(' ')),
    async apply({ graph }, want, have = []) {
      const wanted = want.roles.map(roleId);
      for (const appRoleId of wanted.filter((id) => !ids(have).includes(id))) {
        await graph.post(`/servicePrincipals/${want.resourceId}/appRoleAssignedTo`, {
          principalId: want.principalId,
          resourceId: want.resourceId,
          appRoleId,
        });
      }
      for (const item of have.filter((one) => !wanted.includes(String(one['appRoleId'])))) {
        await graph.delete(`/servicePrincipals/${want.resourceId}/appRoleAssignedTo/${item.id}`);
      }
      return have;
    },
    async destroy({ graph }, have) {
      for (const item of have) {
        await graph.delete(`/servicePrincipals/${String(item['resourceId'])}/appRoleAssignedTo/${item.id}`);
      }
    },
    outputs: () => ({}),
  });
}

function ids(have: Have): readonly string[] {
  return have.map((item) => String(item['appRoleId'])).sort();
}
