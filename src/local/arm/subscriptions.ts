import { isAllowed } from '../rbac.ts';
import { authorize } from './access.ts';
import { requireManagerVersion } from './api-version.ts';
import type { ArmCall } from './arm-call.ts';
import { filterOf, listEverything, refuseOptions } from './listing.ts';
import { LOCATIONS } from './locations.ts';
import { respond } from './respond.ts';
import { resourceGroups } from './types/resource-groups.ts';

/** Tenants, subscriptions, locations, and the lists of groups and resources. */
export function answerSubscriptions(call: ArmCall): Response | undefined {
  if (call.method !== 'GET') return undefined;
  const { segments, groupName, path } = call.address;
  const [first, , third, , fifth] = segments.map((part) => part.toLowerCase());
  if (segments.length === 1 && first === 'tenants') return tenants(call);
  if (segments.length === 1 && first === 'subscriptions') return subscriptions(call);
  if (first !== 'subscriptions') return undefined;
  if (segments.length === 2) return subscription(call);
  if (segments.length === 3 && third === 'locations') return locations(call);
  if (segments.length === 3 && third === 'resourcegroups') return groups(call);
  const above = path.slice(0, path.lastIndexOf('/'));
  if (segments.length === 3 && third === 'resources') return resources(call, above);
  if (segments.length === 5 && groupName !== undefined && fifth === 'resources')
    return resources(call, above);
  return undefined;
}

function tenants(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  const { tenantId } = call.arm.fabric;
  const value = [{ id: `/tenants/${tenantId}`, tenantId, displayName: 'Laptop', tenantCategory: 'Home' }];
  return respond(200, { value });
}

/** Only subscriptions the caller may read are listed. */
function subscriptions(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  const { fabric } = call.arm;
  const scope = `/subscriptions/${fabric.subscriptionId}`;
  const action = 'Microsoft.Resources/subscriptions/read';
  const visible = isAllowed(fabric, { principalId: call.caller.principalId, scope, action, data: false });
  return respond(200, {
    value: visible ? [document(call)] : [],
    count: { type: 'Total', value: visible ? 1 : 0 },
  });
}

function subscription(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  authorize(call.arm.fabric, call.caller, 'Microsoft.Resources/subscriptions/read', call.address.path);
  return respond(200, document(call));
}

function document(call: ArmCall): Record<string, unknown> {
  const { subscriptionId, tenantId } = call.arm.fabric;
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: 'Laptop',
    state: 'Enabled',
    authorizationSource: 'RoleBased',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
    managedByTenants: [],
  };
}

function locations(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  const { fabric, caller } = { fabric: call.arm.fabric, caller: call.caller };
  const scope = `/subscriptions/${fabric.subscriptionId}`;
  authorize(fabric, caller, 'Microsoft.Resources/subscriptions/locations/read', scope);
  const value = Object.entries(LOCATIONS).map(([name, displayName]) => ({
    id: `${scope}/locations/${name}`,
    type: 'Region',
    name,
    displayName,
    regionalDisplayName: displayName,
    metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
  }));
  return respond(200, { value });
}

function groups(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  refuseOptions(call, ['$top', '$skiptoken']);
  const { fabric, lifecycle } = call.arm;
  const scope = `/subscriptions/${fabric.subscriptionId}`;
  authorize(fabric, call.caller, 'Microsoft.Resources/subscriptions/resourceGroups/read', scope);
  const keep = filterOf(call.query.get('$filter'));
  const found = lifecycle.resources.ofType(resourceGroups.type).filter(keep);
  return respond(200, { value: found.map((item) => lifecycle.present(resourceGroups, item)) });
}

function resources(call: ArmCall, within: string): Response {
  const { fabric, lifecycle } = call.arm;
  authorize(fabric, call.caller, 'Microsoft.Resources/subscriptions/resources/read', within);
  if (call.address.groupName !== undefined) {
    const name = call.address.groupName;
    lifecycle.require({ type: resourceGroups, id: within, name, ...call, body: {} });
  }
  return listEverything(call, within);
}
