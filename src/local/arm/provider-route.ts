import { authorize } from './access.ts';
import { requireManagerVersion, requireVersion } from './api-version.ts';
import type { ArmCall } from './arm-call.ts';
import { ArmError, type ProviderOperation } from './resource-type.ts';
import { respond } from './respond.ts';
import { PROVIDER_OPERATIONS } from './types.ts';

/** Providers and what belongs to them: documents, registration, name checks, soft-deleted things. */
export async function answerProvider(call: ArmCall): Promise<Response | undefined> {
  const { segments, subscriptionId } = call.address;
  if (subscriptionId === undefined || segments[2]?.toLowerCase() !== 'providers') return undefined;
  if (segments.length === 3 && call.method === 'GET') return providers(call);
  if (segments.length === 4 && call.method === 'GET') return provider(call, segments[3] ?? '');
  const verb = segments[4]?.toLowerCase();
  if (segments.length === 5 && call.method === 'POST' && (verb === 'register' || verb === 'unregister')) {
    return registration(call, segments[3] ?? '', verb);
  }
  for (const operation of PROVIDER_OPERATIONS) {
    const params = match(operation, call);
    if (params !== undefined) return operate(call, operation, params);
  }
  return undefined;
}

function providers(call: ArmCall): Response {
  requireManagerVersion(call.apiVersion);
  authorize(
    call.arm.fabric,
    call.caller,
    'Microsoft.Resources/subscriptions/providers/read',
    call.address.scope,
  );
  return respond(200, { value: call.arm.registrations.documents() });
}

function provider(call: ArmCall, given: string): Response {
  requireManagerVersion(call.apiVersion);
  authorize(
    call.arm.fabric,
    call.caller,
    'Microsoft.Resources/subscriptions/providers/read',
    call.address.scope,
  );
  return respond(200, call.arm.registrations.document(known(call, given)));
}

function registration(call: ArmCall, given: string, verb: 'register' | 'unregister'): Response {
  requireManagerVersion(call.apiVersion);
  const namespace = known(call, given);
  authorize(call.arm.fabric, call.caller, `${namespace}/${verb}/action`, call.address.scope);
  call.arm.registrations[verb](namespace);
  return respond(200, call.arm.registrations.document(namespace));
}

function known(call: ArmCall, given: string): string {
  const namespace = call.arm.registrations.known(given);
  if (namespace !== undefined) return namespace;
  call.arm.fabric.log({ standIn: 'arm', level: 'warn', text: `unknown resource provider ${given}` });
  throw new ArmError(404, 'InvalidResourceNamespace', `The resource namespace '${given}' is invalid.`);
}

function match(operation: ProviderOperation, call: ArmCall): Record<string, string> | undefined {
  if (operation.method !== call.method) return undefined;
  const pattern = operation.path.split('/');
  const given = call.address.segments.slice(3);
  if (pattern.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = value;
    else if (part.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return params;
}

async function operate(
  call: ArmCall,
  operation: ProviderOperation,
  params: Record<string, string>,
): Promise<Response> {
  const { fabric, lifecycle } = call.arm;
  const { query, body, caller, apiVersion } = call;
  requireVersion({ type: operation.path, apiVersions: operation.apiVersions }, apiVersion);
  authorize(fabric, caller, operation.action, `/subscriptions/${fabric.subscriptionId}`);
  const { principalId } = caller;
  const { resources } = lifecycle;
  const result = await operation.handle({ fabric, resources, params, query, body, principalId, apiVersion });
  return result instanceof Response ? result : respond(200, result);
}
