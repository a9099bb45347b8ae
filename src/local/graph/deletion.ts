import { type Directory, directoryOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';

/** Deleting an application also deletes its service principal of this tenant; its extensions come back with it. */
export function softDeleteApplication(fabric: Fabric, id: string): void {
  const directory = directoryOf(fabric);
  const application = directory.applications.latest(id);
  if (application === undefined) return;
  const principal = directory.servicePrincipals.all().find((item) => item.appId === application.appId);
  if (principal !== undefined) softDeleteServicePrincipal(fabric, principal.id);
  directory.applications.delete(id);
  directory.deletedItems.put({
    id,
    kind: 'application',
    deletedDateTime: nowOf(fabric),
    object: application,
  });
}

export function softDeleteServicePrincipal(fabric: Fabric, id: string): void {
  const directory = directoryOf(fabric);
  const principal = directory.servicePrincipals.latest(id);
  if (principal === undefined) return;
  deleteReferences(directory, id);
  directory.servicePrincipals.delete(id);
  directory.deletedItems.put({
    id,
    kind: 'servicePrincipal',
    deletedDateTime: nowOf(fabric),
    object: principal,
  });
}

export function softDeleteUser(fabric: Fabric, id: string): void {
  const directory = directoryOf(fabric);
  const user = directory.users.latest(id);
  if (user === undefined) return;
  deleteReferences(directory, id);
  directory.users.delete(id);
  directory.deletedItems.put({ id, kind: 'user', deletedDateTime: nowOf(fabric), object: user });
}

/** The end of a soft-deleted object. What only an application could use goes with it. */
export function purge(directory: Directory, id: string): void {
  for (const property of directory.extensionProperties.all()) {
    if (property.applicationId === id) directory.extensionProperties.delete(property.id);
  }
  directory.deletedItems.delete(id);
}

/** Grants and assignments go with either end. */
function deleteReferences(directory: Directory, id: string): void {
  for (const grant of directory.grants.all()) {
    if ([grant.clientId, grant.resourceId, grant.principalId].includes(id)) directory.grants.delete(grant.id);
  }
  for (const assignment of directory.appRoleAssignments.all()) {
    if ([assignment.principalId, assignment.resourceId].includes(id)) {
      directory.appRoleAssignments.delete(assignment.id);
    }
  }
}

function nowOf(fabric: Fabric): string {
  return new Date(fabric.clock.now()).toISOString();
}
