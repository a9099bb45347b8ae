import { ARM_UNKNOWN_ROLE_STATUS } from '../beliefs.ts';
import { findPrincipal } from '../directory/identities.ts';
import { covers, guidOf, ROLE_ASSIGNMENT_TYPE, roleDefinitionId } from '../rbac.ts';
import type { StoredResource } from '../resources.ts';
import { roleByGuid } from '../role-table.ts';
import authorizationSchema from '../schemas/microsoft.authorization.json' with { type: 'json' };
import { authorize } from './access.ts';
import { requireVersion } from './api-version.ts';
import type { ArmCall } from './arm-call.ts';
import { checkBody } from './body-check.ts';
import { ArmError } from './resource-type.ts';
import { respond } from './respond.ts';

const TYPE = {
  type: ROLE_ASSIGNMENT_TYPE,
  apiVersions: ['2022-04-01', '2020-10-01-preview', '2020-08-01-preview'],
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Role assignments live at any scope: `{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}`. */
export function answerRoleAssignments(call: ArmCall): Response {
  requireVersion(TYPE, call.apiVersion);
  const { fabric, lifecycle } = call.arm;
  const { scope, tail, path } = call.address;
  if (tail.length > 2) throw new ArmError(404, 'NotFound', `The requested path '${path}' was not found.`);
  const name = tail[1];
  const verb = call.method === 'PUT' ? 'write' : call.method === 'DELETE' ? 'delete' : 'read';
  authorize(fabric, call.caller, `${ROLE_ASSIGNMENT_TYPE}/${verb}`, scope);
  requireScope(call);
  if (name === undefined && call.method === 'GET') return list(call);
  if (name === undefined || !['GET', 'PUT', 'DELETE'].includes(call.method)) {
    throw new ArmError(405, 'HttpMethodNotSupported', `The http method '${call.method}' is not supported.`);
  }
  if (!UUID.test(name)) {
    throw new ArmError(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. It must be a GUID.`,
    );
  }
  const existing = lifecycle.resources.get(path);
  if (call.method === 'PUT') return put(call, name, existing);
  if (call.method === 'DELETE') {
    if (existing === undefined) return respond(204, undefined);
    lifecycle.resources.delete(existing.id);
    return respond(200, document(existing));
  }
  if (existing === undefined) {
    throw new ArmError(404, 'RoleAssignmentNotFound', `The role assignment '${name}' is not found.`);
  }
  return respond(200, document(existing));
}

function put(call: ArmCall, name: string, existing: StoredResource | undefined): Response {
  const wanted = wantedOf(call);
  if (existing !== undefined) {
    const before = propertiesOf(existing);
    const same =
      before.principalId.toLowerCase() === wanted.principalId.toLowerCase() &&
      guidOf(before.roleDefinitionId) === guidOf(wanted.roleDefinitionId);
    if (!same) {
      throw new ArmError(
        400,
        'RoleAssignmentUpdateNotPermitted',
        'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      );
    }
  }
  const twin = assignments(call).find(
    (item) => item.id.toLowerCase() !== call.address.path.toLowerCase() && sameGrant(item, wanted),
  );
  if (twin !== undefined) {
    throw new ArmError(
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`,
    );
  }
  const stored = store(call, name, wanted, existing);
  return respond(existing === undefined ? 201 : 200, document(stored));
}

interface Wanted {
  readonly principalId: string;
  readonly principalType: string;
  readonly roleDefinitionId: string;
  readonly scope: string;
  readonly description: string | null;
}

/** What the body asks for, after all refusals. */
function wantedOf(call: ArmCall): Wanted {
  const { fabric } = call.arm;
  const body = checkBody(authorizationSchema, ROLE_ASSIGNMENT_TYPE, call.body);
  const asked = body['properties'] as Record<string, string | null | undefined>;
  if (asked['condition'] || asked['delegatedManagedIdentityResourceId']) {
    fabric.log({
      standIn: 'arm',
      level: 'warn',
      text: 'conditions and delegated identities are not imitated',
    });
    throw new ArmError(501, 'NotImplemented', 'Conditions on role assignments are not imitated.');
  }
  const role = roleByGuid(guidOf(asked['roleDefinitionId'] ?? ''));
  if (
    role === undefined ||
    !/\/providers\/Microsoft\.Authorization\/roleDefinitions\//i.test(asked['roleDefinitionId'] ?? '')
  ) {
    throw new ArmError(
      ARM_UNKNOWN_ROLE_STATUS,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${guidOf(asked['roleDefinitionId'] ?? '')}' does not exist.`,
    );
  }
  const principalId = asked['principalId'] ?? '';
  if (!UUID.test(principalId)) {
    throw new ArmError(
      400,
      'InvalidPrincipalId',
      'A valid principal ID must be provided for role assignment.',
    );
  }
  return {
    principalId,
    principalType: principalTypeOf(call, principalId, asked['principalType'] ?? undefined),
    roleDefinitionId: roleDefinitionId(fabric, role),
    scope: call.address.scope,
    description: asked['description'] ?? null,
  };
}

/** A stated type spares the look-up, so that a principal the directory does not show yet can be given a role. */
function principalTypeOf(call: ArmCall, principalId: string, stated: string | undefined): string {
  const found = findPrincipal(call.arm.fabric, principalId);
  if (found === undefined) {
    if (stated !== undefined) return stated;
    const plain = principalId.replaceAll('-', '');
    throw new ArmError(
      400,
      'PrincipalNotFound',
      `Principal ${plain} does not exist in the directory ${call.arm.fabric.tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.`,
    );
  }
  if (stated !== undefined && stated !== found.type) {
    throw new ArmError(
      400,
      'UnmatchedPrincipalType',
      `The PrincipalId '${principalId.replaceAll('-', '')}' has type '${found.type}', which is different from specified PrinciaplType '${stated}'.`,
    );
  }
  return found.type;
}

function store(
  call: ArmCall,
  name: string,
  wanted: Wanted,
  existing: StoredResource | undefined,
): StoredResource {
  const now = new Date(call.arm.fabric.clock.now()).toISOString();
  const before = existing?.body['properties'] as Record<string, unknown> | undefined;
  const stored: StoredResource = {
    id: existing?.id ?? call.address.path,
    name,
    type: ROLE_ASSIGNMENT_TYPE,
    etag: '',
    createdAt: existing?.createdAt ?? now,
    changedAt: now,
    body: {
      ...existing?.body,
      properties: {
        ...wanted,
        condition: null,
        conditionVersion: null,
        delegatedManagedIdentityResourceId: null,
        createdOn: before?.['createdOn'] ?? now,
        updatedOn: now,
        createdBy: before?.['createdBy'] ?? call.caller.principalId,
        updatedBy: call.caller.principalId,
      },
    },
  };
  call.arm.lifecycle.resources.put(stored);
  return stored;
}

/** Without a filter: at the scope, above it and below it; `atScope()` leaves out what is below. */
function list(call: ArmCall): Response {
  const scope = call.address.scope.toLowerCase();
  const filter = call.query.get('$filter')?.trim() ?? '';
  const principal = /^(?:atScope\(\) and )?(?:principalId eq|assignedTo\()\s*'([^']*)'\)?$/i.exec(
    filter,
  )?.[1];
  const atScope = /^atScope\(\)/i.test(filter);
  if (filter !== '' && principal === undefined && !/^atScope\(\)$/i.test(filter)) {
    throw new ArmError(400, 'BadRequestFormat', `The filter '${filter}' is not supported.`);
  }
  const value = assignments(call).filter((item) => {
    const { scope: at, principalId } = propertiesOf(item);
    const above = covers(at, scope);
    const below = covers(scope, at.toLowerCase());
    if (principal !== undefined && principalId.toLowerCase() !== principal.toLowerCase()) return false;
    return above || (below && !atScope);
  });
  return respond(200, { value: value.map(document) });
}

/** The scope must exist: the subscription, a group, or a resource this cloud holds. */
function requireScope(call: ArmCall): void {
  const { scope, groupName, segments } = call.address;
  const { resources } = call.arm.lifecycle;
  if (call.method === 'DELETE' || call.address.subscriptionId === undefined) {
    if (call.address.subscriptionId !== undefined) return;
    throw new ArmError(501, 'NotImplemented', 'Scopes above the subscription are not imitated.');
  }
  if (groupName === undefined) return;
  const group = `/${segments.slice(0, 4).join('/')}`;
  if (resources.get(group) === undefined) {
    throw new ArmError(404, 'ResourceGroupNotFound', `Resource group '${groupName}' could not be found.`);
  }
  if (scope.length > group.length && !call.arm.lifecycle.exists(scope)) {
    throw new ArmError(404, 'ResourceNotFound', `The resource '${scope}' was not found.`);
  }
}

function sameGrant(item: StoredResource, wanted: Wanted): boolean {
  const known = propertiesOf(item);
  return (
    known.principalId.toLowerCase() === wanted.principalId.toLowerCase() &&
    guidOf(known.roleDefinitionId) === guidOf(wanted.roleDefinitionId) &&
    known.scope.toLowerCase() === wanted.scope.toLowerCase()
  );
}

function assignments(call: ArmCall): StoredResource[] {
  return call.arm.lifecycle.resources.ofType(ROLE_ASSIGNMENT_TYPE);
}

function propertiesOf(item: StoredResource): Wanted {
  return item.body['properties'] as Wanted;
}

function document(item: StoredResource): Record<string, unknown> {
  return { properties: item.body['properties'], id: item.id, type: item.type, name: item.name };
}
