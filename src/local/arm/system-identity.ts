import { createManagedIdentity, deleteManagedIdentity } from '../directory/identities.ts';
import { ArmError, type ResourceRequest } from './resource-type.ts';

/**
 * The `identity` member of a resource: a system-assigned one is made in the directory with the resource, or taken
 * away when the body no longer asks for it.
 *
 * @returns the member as Azure answers it, or undefined when the body has none and never had
 * @throws ArmError 400 for an unknown type, 501 for user-assigned identities
 */
export function identityMember(request: ResourceRequest): Record<string, unknown> | undefined {
  const asked = request.body['identity'] as { type?: unknown } | null | undefined;
  const type = asked?.type ?? 'None';
  if (typeof type !== 'string') throw new ArmError(400, 'InvalidIdentity', 'identity.type must be a string.');
  const kinds = type.toLowerCase().split(/\s*,\s*/);
  if (kinds.includes('userassigned')) {
    request.fabric.log({ standIn: 'arm', level: 'warn', text: 'user-assigned identities are not imitated' });
    throw new ArmError(501, 'NotImplemented', 'User-assigned identities are not imitated.');
  }
  if (kinds.length === 1 && kinds[0] === 'systemassigned') {
    const { principalId } = createManagedIdentity(request.fabric, request.id);
    return { type: 'SystemAssigned', principalId, tenantId: request.fabric.tenantId };
  }
  if (type.toLowerCase() !== 'none') {
    throw new ArmError(400, 'InvalidIdentity', `The identity type '${type}' is not supported.`);
  }
  if (request.existing?.body['identity'] !== undefined) deleteManagedIdentity(request.fabric, request.id);
  return asked === undefined || asked === null ? undefined : { type: 'None' };
}

/** For `afterDelete`: the identity goes with its resource. */
export function removeIdentity(request: ResourceRequest): void {
  deleteManagedIdentity(request.fabric, request.id);
}
