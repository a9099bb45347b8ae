import { randomUUID } from 'node:crypto';
import type { Fabric } from './fabric.ts';
import { Resources, type StoredResource } from './resources.ts';
import { type BuiltInRole, roleByGuid, roleByName } from './role-table.ts';

export const ROLE_ASSIGNMENT_TYPE = 'Microsoft.Authorization/roleAssignments';

export interface AccessQuestion {
  /** `oid` of the caller. */
  readonly principalId: string;
  /** ARM id the action is about: a resource, or a data-plane part of one (`…/blobServices/default/containers/c`). */
  readonly scope: string;
  /** `Microsoft.KeyVault/vaults/secrets/getSecret/action`. */
  readonly action: string;
  /** Is it a data action? */
  readonly data: boolean;
}

/**
 * Do the role assignments of this cloud allow it? An assignment counts at its scope and below, and only once
 * `timing.rolePropagationMs` have passed since it was made; taking one away counts at once, which is stricter
 * than Azure.
 */
export function isAllowed(fabric: Fabric, question: AccessQuestion): boolean {
  const scope = question.scope.toLowerCase();
  const principal = question.principalId.toLowerCase();
  const now = fabric.clock.now();
  return assignments(fabric).some((assignment) => {
    const { principalId, roleDefinitionId, scope: at, effectiveAt } = grantOf(assignment);
    if (principalId.toLowerCase() !== principal || !covers(at, scope)) return false;
    const effective = effectiveAt ?? Date.parse(assignment.createdAt) + fabric.timing.rolePropagationMs;
    const role = roleByGuid(guidOf(roleDefinitionId));
    return now >= effective && role !== undefined && grants(role, question.action, question.data);
  });
}

export interface RoleGrant {
  readonly principalId: string;
  /** Name (`Owner`) or GUID of a built-in role. */
  readonly role: string;
  readonly scope: string;
  readonly principalType?: 'User' | 'ServicePrincipal' | 'Group';
}

/** Makes an assignment that is effective at once, for what exists before anybody can call: the first owner. */
export function assignRole(fabric: Fabric, grant: RoleGrant): void {
  const role = roleByName(grant.role) ?? roleByGuid(grant.role);
  if (role === undefined) throw new Error(`no built-in role ${grant.role}`);
  const found = assignments(fabric).some((assignment) => {
    const known = grantOf(assignment);
    return (
      known.principalId === grant.principalId &&
      known.scope.toLowerCase() === grant.scope.toLowerCase() &&
      guidOf(known.roleDefinitionId) === role.guid
    );
  });
  if (found) return;
  const name = randomUUID();
  const now = new Date(fabric.clock.now()).toISOString();
  new Resources(fabric.store).put({
    id: `${grant.scope}/providers/${ROLE_ASSIGNMENT_TYPE}/${name}`,
    name,
    type: ROLE_ASSIGNMENT_TYPE,
    etag: '',
    createdAt: now,
    changedAt: now,
    body: {
      properties: {
        roleDefinitionId: roleDefinitionId(fabric, role),
        principalId: grant.principalId,
        principalType: grant.principalType ?? 'ServicePrincipal',
        scope: grant.scope,
        condition: null,
        conditionVersion: null,
        description: null,
        delegatedManagedIdentityResourceId: null,
        createdOn: now,
        updatedOn: now,
        createdBy: '',
        updatedBy: '',
      },
      effectiveAt: fabric.clock.now(),
    },
  });
}

export function roleDefinitionId(fabric: Fabric, role: BuiltInRole): string {
  return `/subscriptions/${fabric.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role.guid}`;
}

/** The last segment of a role definition id. */
export function guidOf(definitionId: string): string {
  return definitionId.slice(definitionId.lastIndexOf('/') + 1).toLowerCase();
}

/** Is `scope` (lower case) the place `at`, or below it? */
export function covers(at: string, scope: string): boolean {
  const above = at.toLowerCase().replace(/\/+$/, '');
  return scope === above || scope.startsWith(`${above}/`);
}

function grants(role: BuiltInRole, action: string, data: boolean): boolean {
  const allowed = data ? role.dataActions : role.actions;
  const taken = data ? role.notDataActions : role.notActions;
  return matches(allowed, action) && !matches(taken, action);
}

function matches(patterns: readonly string[] | undefined, action: string): boolean {
  return patterns?.some((pattern) => patternOf(pattern).test(action)) ?? false;
}

const compiled = new Map<string, RegExp>();

function patternOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  const made = new RegExp(`^${source}$`, 'i');
  compiled.set(pattern, made);
  return made;
}

interface Grant {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly scope: string;
  readonly effectiveAt: number | undefined;
}

function grantOf(assignment: StoredResource): Grant {
  const body = assignment.body as { properties: Omit<Grant, 'effectiveAt'>; effectiveAt?: number };
  return { ...body.properties, effectiveAt: body.effectiveAt };
}

function assignments(fabric: Fabric): StoredResource[] {
  return new Resources(fabric.store).ofType(ROLE_ASSIGNMENT_TYPE);
}
