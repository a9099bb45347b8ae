import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import { directoryOf } from './directory.ts';
import { newServicePrincipal } from './new-objects.ts';
import type { ServicePrincipal } from './objects.ts';

export interface ManagedIdentity {
  /** Object id of the service principal: what roles are assigned to. */
  readonly principalId: string;
  /** Application id: `appid` in its tokens. */
  readonly clientId: string;
}

export interface Principal {
  readonly id: string;
  readonly type: 'User' | 'ServicePrincipal' | 'Group';
  readonly displayName: string;
}

/** The system-assigned identity of an ARM resource; made at first call, the same one later. */
export function createManagedIdentity(fabric: Fabric, resourceId: string): ManagedIdentity {
  const existing = latestIdentity(fabric, resourceId);
  if (existing !== undefined) return { principalId: existing.id, clientId: existing.appId };
  const identity = newServicePrincipal(fabric.clock.now(), {
    appId: randomUUID(),
    displayName: resourceId.slice(resourceId.lastIndexOf('/') + 1),
    servicePrincipalType: 'ManagedIdentity',
    resourceId,
  });
  directoryOf(fabric).servicePrincipals.put(identity);
  return { principalId: identity.id, clientId: identity.appId };
}

/** Removes the identity of a deleted ARM resource. Its role assignments stay, orphaned, as in Azure. */
export function deleteManagedIdentity(fabric: Fabric, resourceId: string): void {
  const identity = latestIdentity(fabric, resourceId);
  if (identity === undefined) return;
  const directory = directoryOf(fabric);
  for (const assignment of directory.appRoleAssignments.all()) {
    if (assignment.principalId === identity.id) directory.appRoleAssignments.delete(assignment.id);
  }
  directory.servicePrincipals.delete(identity.id);
}

/** The identity of a resource as the directory shows it now; undefined while it is not replicated. */
export function managedIdentityOf(fabric: Fabric, resourceId: string): ServicePrincipal | undefined {
  const wanted = resourceId.toLowerCase();
  return directoryOf(fabric)
    .servicePrincipals.list()
    .find((item) => item.resourceId?.toLowerCase() === wanted);
}

/** Looks an object id up as role assignments do: undefined is Azure's `PrincipalNotFound`. */
export function findPrincipal(fabric: Fabric, principalId: string): Principal | undefined {
  const directory = directoryOf(fabric);
  const user = directory.users.get(principalId);
  if (user !== undefined) return { id: user.id, type: 'User', displayName: user.displayName };
  const principal = directory.servicePrincipals.get(principalId);
  if (principal === undefined) return undefined;
  return { id: principal.id, type: 'ServicePrincipal', displayName: principal.displayName };
}

function latestIdentity(fabric: Fabric, resourceId: string): ServicePrincipal | undefined {
  const wanted = resourceId.toLowerCase();
  return directoryOf(fabric)
    .servicePrincipals.all()
    .find((item) => item.resourceId?.toLowerCase() === wanted);
}
