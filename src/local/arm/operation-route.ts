import { isAllowed } from '../rbac.ts';
import type { ArmCall } from './arm-call.ts';
import { ArmError } from './resource-type.ts';
import { typeNamed } from './types.ts';

/** `…/providers/{namespace}/locations/{location}/operationstatuses|operationresults/{id}`: polling URLs. */
export function answerOperation(call: ArmCall): Response | undefined {
  const { tail } = call.address;
  const kind = tail[2]?.toLowerCase();
  if (tail.length !== 4 || tail[0]?.toLowerCase() !== 'locations') return undefined;
  if (kind !== 'operationstatuses' && kind !== 'operationresults') return undefined;
  const { operations, resources } = call.arm.lifecycle;
  const operation = operations.get(tail[3] ?? '');
  if (operation === undefined || !mayFollow(call, operation.principalId)) {
    throw new ArmError(404, 'OperationNotFound', `The operation '${tail[3]}' could not be found.`);
  }
  if (call.method !== 'GET') {
    throw new ArmError(405, 'HttpMethodNotSupported', `The http method '${call.method}' is not supported.`);
  }
  if (kind === 'operationstatuses') return operations.status(operation);
  return operations.result(operation, () => {
    const stored = resources.get(operation.resourceId);
    const type = typeNamed(operation.resourceId);
    return stored === undefined || type === undefined ? undefined : call.arm.lifecycle.present(type, stored);
  });
}

/** Who started an operation may follow it, and so may a reader of the subscription. */
function mayFollow(call: ArmCall, startedBy: string): boolean {
  const { fabric } = call.arm;
  const { principalId } = call.caller;
  if (principalId === startedBy) return true;
  const scope = `/subscriptions/${fabric.subscriptionId}`;
  return isAllowed(fabric, {
    principalId,
    scope,
    action: 'Microsoft.Resources/operations/read',
    data: false,
  });
}
