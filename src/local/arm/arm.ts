import type { Fabric, StandIn } from '../fabric.ts';
import { authorize, identify } from './access.ts';
import { type Address, parseAddress, typeOf } from './address.ts';
import { apiVersionOf, requireVersion } from './api-version.ts';
import type { Arm, ArmCall } from './arm-call.ts';
import { Lifecycle } from './lifecycle.ts';
import { listResources } from './listing.ts';
import { answerOperation } from './operation-route.ts';
import { answerProvider } from './provider-route.ts';
import { Registrations } from './registration.ts';
import { readBody } from './request-body.ts';
import { ArmError, type ResourceType } from './resource-type.ts';
import { respond, respondError } from './respond.ts';
import { answerRoleAssignments } from './role-assignments.ts';
import { answerRoleDefinitions } from './role-definitions.ts';
import { answerSubscriptions } from './subscriptions.ts';
import { resourceGroups } from './types/resource-groups.ts';
import { typeCalled } from './types.ts';

const HOST = 'management.azure.com';

/** Azure Resource Manager. */
export function arm(fabric: Fabric): StandIn {
  const machine: Arm = { fabric, lifecycle: new Lifecycle(fabric), registrations: new Registrations(fabric) };
  return {
    name: 'arm',
    serves: (host) => host === HOST,
    fetch: async (request) => {
      try {
        return await answer(machine, request);
      } catch (error) {
        if (error instanceof ArmError) return withoutBody(request, respondError(error));
        throw error;
      }
    },
  };
}

async function answer(machine: Arm, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const address = parseAddress(url.pathname);
  const caller = await identify(machine.fabric, request);
  if (caller instanceof Response) return caller;
  const apiVersion = apiVersionOf(url.searchParams);
  requireSubscription(machine.fabric, address);
  await machine.lifecycle.settle();
  const body = await readBody(request);
  const { method, headers } = request;
  const call = { arm: machine, method, address, query: url.searchParams, headers, body, caller, apiVersion };
  const response = await dispatch(call);
  await machine.lifecycle.settle();
  return withoutBody(request, response);
}

async function dispatch(call: ArmCall): Promise<Response> {
  const { address } = call;
  const namespace = address.namespace?.toLowerCase();
  if (namespace === 'microsoft.authorization') return authorization(call);
  const special =
    answerSubscriptions(call) ?? answerOperation(call) ?? (await answerProvider(call)) ?? undefined;
  if (special !== undefined) return special;
  if (address.namespace === undefined) return group(call);
  return typed(call, address.namespace);
}

function authorization(call: ArmCall): Promise<Response> | Response {
  const kind = call.address.tail[0]?.toLowerCase();
  if (kind === 'roleassignments') return answerRoleAssignments(call);
  if (kind === 'roledefinitions') return answerRoleDefinitions(call);
  throw unknownType(call, typeOf('Microsoft.Authorization', call.address.tail));
}

async function group(call: ArmCall): Promise<Response> {
  const { address } = call;
  if (address.groupName === undefined || address.segments.length !== 4) throw notFound(call);
  requireVersion(resourceGroups, call.apiVersion);
  const id = address.path;
  const missing = call.arm.lifecycle.resources.get(id) === undefined;
  authorize(
    call.arm.fabric,
    call.caller,
    `Microsoft.Resources/subscriptions/resourceGroups/${verb(call)}`,
    id,
  );
  if (missing && call.method !== 'PUT') throw groupNotFound(address.groupName);
  return run(call, resourceGroups, id, address.groupName);
}

/** A call on resources of a provider: `…/{type}/{name}`, a list `…/{type}`, an action `…/{name}/{action}`. */
async function typed(call: ArmCall, namespace: string): Promise<Response> {
  const { address, arm: machine } = call;
  const odd = address.tail.length % 2 === 1;
  const isAction = odd && call.method === 'POST';
  const named = isAction ? address.tail.slice(0, -1) : address.tail;
  const type = typeCalled(typeOf(namespace, named));
  if (type === undefined || named.length === 0) throw unknownType(call, typeOf(namespace, named));
  requireVersion(type, call.apiVersion);
  const action = isAction ? `${address.tail.at(-1)}/action` : verb(call);
  const id = isAction ? address.path.slice(0, address.path.lastIndexOf('/')) : address.path;
  const listed = odd && !isAction;
  authorize(machine.fabric, call.caller, `${type.type}/${action}`, listed ? above(address) : id);
  requireGroup(call);
  if (listed) {
    if (call.method !== 'GET') throw methodNotAllowed(call);
    return listResources(call, type);
  }
  if (address.groupName === undefined) throw notFound(call);
  if (call.method !== 'GET' && call.method !== 'HEAD' && call.method !== 'DELETE') {
    machine.registrations.require(namespaceOf(type));
  }
  const name = named.at(-1) ?? '';
  return isAction
    ? machine.lifecycle.act(callOn(call, type, id, name), address.tail.at(-1) ?? '')
    : run(call, type, id, name);
}

async function run(call: ArmCall, type: ResourceType, id: string, name: string): Promise<Response> {
  const on = callOn(call, type, id, name);
  const { lifecycle } = call.arm;
  switch (call.method) {
    case 'PUT':
      return lifecycle.put(on);
    case 'PATCH':
      return lifecycle.patch(on);
    case 'DELETE':
      return lifecycle.remove(on);
    case 'GET':
      return lifecycle.read(on);
    case 'HEAD': {
      const found = lifecycle.read(on);
      return type.etag === undefined ? respond(204, undefined) : found;
    }
    default:
      throw methodNotAllowed(call);
  }
}

function callOn(
  call: ArmCall,
  type: ResourceType,
  id: string,
  name: string,
): Parameters<Lifecycle['put']>[0] {
  const { query, headers, body, caller } = call;
  return { type, id, name, query, headers, body, caller };
}

function verb(call: ArmCall): string {
  if (call.method === 'GET' || call.method === 'HEAD') return 'read';
  if (call.method === 'DELETE') return 'delete';
  if (call.method === 'PUT' || call.method === 'PATCH') return 'write';
  throw methodNotAllowed(call);
}

/** Where a list is authorized: the parent resource, the group or the subscription. */
function above(address: Address): string {
  if (address.tail.length === 1) return address.scope;
  return address.path.slice(0, address.path.lastIndexOf('/'));
}

function requireSubscription(fabric: Fabric, address: Address): void {
  const given = address.subscriptionId;
  if (given === undefined || given.toLowerCase() === fabric.subscriptionId.toLowerCase()) return;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given)) {
    throw new ArmError(
      400,
      'InvalidSubscriptionId',
      `The provided subscription identifier '${given}' is malformed or invalid.`,
    );
  }
  throw new ArmError(404, 'SubscriptionNotFound', `The subscription '${given}' could not be found.`);
}

/** The group must exist, and must not be on its way out when something is written. */
function requireGroup(call: ArmCall): void {
  const { groupName, subscriptionId } = call.address;
  if (groupName === undefined) return;
  const found = call.arm.lifecycle.resources.get(
    `/subscriptions/${subscriptionId}/resourceGroups/${groupName}`,
  );
  if (found === undefined) throw groupNotFound(groupName);
  const state = (found.body['properties'] as { provisioningState?: string } | undefined)?.provisioningState;
  if (state === 'Deleting' && (call.method === 'PUT' || call.method === 'PATCH' || call.method === 'POST')) {
    throw new ArmError(
      409,
      'ResourceGroupBeingDeleted',
      `The resource group '${groupName}' is in deprovisioning state and cannot perform this operation.`,
    );
  }
}

function groupNotFound(name: string): ArmError {
  return new ArmError(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

function namespaceOf(type: ResourceType): string {
  return type.type.slice(0, type.type.indexOf('/'));
}

function unknownType(call: ArmCall, type: string): ArmError {
  call.arm.fabric.log({ standIn: 'arm', level: 'warn', text: `unknown resource type ${type}` });
  return new ArmError(
    400,
    'NoRegisteredProviderFound',
    `No registered resource provider found for API version '${call.apiVersion}' for type '${type}'.`,
  );
}

function notFound(call: ArmCall): ArmError {
  call.arm.fabric.log({
    standIn: 'arm',
    level: 'warn',
    text: `no route ${call.method} ${call.address.path}`,
  });
  return new ArmError(404, 'NotFound', `The requested path '${call.address.path}' was not found.`);
}

function methodNotAllowed(call: ArmCall): ArmError {
  return new ArmError(
    405,
    'HttpMethodNotSupported',
    `The http method '${call.method}' is not supported for '${call.address.path}'.`,
  );
}

/** HEAD answers carry no body. */
function withoutBody(request: Request, response: Response): Response {
  if (request.method !== 'HEAD') return response;
  return new Response(null, { status: response.status, headers: response.headers });
}
