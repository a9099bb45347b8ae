import { guidOf } from '../rbac.ts';
import { BUILT_IN_ROLES, type BuiltInRole, roleByGuid } from '../role-table.ts';
import { authorize } from './access.ts';
import { requireVersion } from './api-version.ts';
import type { ArmCall } from './arm-call.ts';
import { ArmError } from './resource-type.ts';
import { respond } from './respond.ts';

const ROLE_DEFINITIONS = {
  type: 'Microsoft.Authorization/roleDefinitions',
  apiVersions: ['2022-04-01', '2022-05-01-preview', '2018-01-01-preview'],
};

/** Built-in roles can be read; custom roles do not exist in this cloud. */
export function answerRoleDefinitions(call: ArmCall): Response {
  requireVersion(ROLE_DEFINITIONS, call.apiVersion);
  if (call.method !== 'GET') {
    call.arm.fabric.log({ standIn: 'arm', level: 'warn', text: 'custom role definitions are not imitated' });
    throw new ArmError(501, 'NotImplemented', 'Custom role definitions are not imitated.');
  }
  const { fabric } = call.arm;
  authorize(fabric, call.caller, 'Microsoft.Authorization/roleDefinitions/read', call.address.scope);
  const name = call.address.tail[1];
  if (name === undefined) return respond(200, { value: filtered(call).map((role) => document(call, role)) });
  const role = roleByGuid(guidOf(name));
  if (role === undefined) {
    throw new ArmError(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${guidOf(name)}' does not exist.`,
    );
  }
  return respond(200, document(call, role));
}

function filtered(call: ArmCall): readonly BuiltInRole[] {
  const filter = call.query.get('$filter');
  if (filter === null || /^(atScope(AndBelow)?\(\)|type eq 'BuiltInRole')$/i.test(filter))
    return BUILT_IN_ROLES;
  const wanted = /^roleName eq '([^']*)'$/i.exec(filter)?.[1];
  if (wanted === undefined)
    throw new ArmError(400, 'BadRequestFormat', `The filter '${filter}' is not supported.`);
  return BUILT_IN_ROLES.filter((role) => role.name.toLowerCase() === wanted.toLowerCase());
}

function document(call: ArmCall, role: BuiltInRole): Record<string, unknown> {
  const { subscriptionId } = call.arm.fabric;
  return {
    id: `/subscriptions/${subscriptionId}/providers/${ROLE_DEFINITIONS.type}/${role.guid}`,
    type: ROLE_DEFINITIONS.type,
    name: role.guid,
    properties: {
      roleName: role.name,
      type: 'BuiltInRole',
      description: role.description,
      assignableScopes: ['/'],
      permissions: [
        {
          actions: role.actions,
          notActions: role.notActions ?? [],
          dataActions: role.dataActions ?? [],
          notDataActions: role.notDataActions ?? [],
        },
      ],
    },
  };
}
