import { appRolesOf, type Directory, permissionScopesOf, type Resource } from './directory.ts';

/**
 * Every delegated permission that holds for this client, resource and user: the user's own consent and the
 * administrator's for everybody. Only permissions that exist and are enabled count.
 */
export function consentedScopes(
  directory: Directory,
  client: { readonly id: string; readonly appId: string },
  resource: Resource,
  userId: string,
): string[] {
  const enabled = permissionScopesOf(resource).filter((item) => item.isEnabled);
  const granted = new Set<string>();
  for (const grant of directory.grants.list()) {
    if (grant.clientId !== client.id || grant.resourceId !== resource.principal.id) continue;
    if (grant.consentType === 'Principal' && grant.principalId !== userId) continue;
    for (const value of grant.scope.split(' ')) granted.add(value);
  }
  const preAuthorized = resource.application?.api.preAuthorizedApplications.find(
    (item) => item.appId === client.appId,
  );
  return enabled
    .filter((item) => granted.has(item.value) || preAuthorized?.delegatedPermissionIds.includes(item.id))
    .map((item) => item.value);
}

/** Values of the app roles that a principal holds on a resource. */
export function assignedRoles(directory: Directory, principalId: string, resource: Resource): string[] {
  const held = directory.appRoleAssignments
    .list()
    .filter((item) => item.principalId === principalId && item.resourceId === resource.principal.id);
  return appRolesOf(resource)
    .filter((role) => role.isEnabled && held.some((item) => item.appRoleId === role.id))
    .flatMap((role) => role.value ?? []);
}
