import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import type { Fabric } from '../fabric.ts';
import { ROLE_ASSIGNMENT_TYPE } from '../rbac.ts';
import { Resources, type StoredResource } from '../resources.ts';
import type { Caller } from './access.ts';
import { parentOf } from './address.ts';
import type { Call } from './call.ts';
import { mergePatch } from './merge-patch.ts';
import { type Operation, Operations } from './operations.ts';
import { checkTracked, requireChildless, requireEtag, requireIdle } from './preconditions.ts';
import { ArmError, type AsyncPattern, type ResourceRequest, type ResourceType } from './resource-type.ts';
import { respond } from './respond.ts';
import { withState, withSystemData } from './stored-body.ts';
import { typeNamed } from './types.ts';

/** The life of resources: created, changed, read, removed, at once or by an operation that ends later. */
export class Lifecycle {
  readonly resources: Resources;
  readonly operations: Operations;
  readonly #fabric: Fabric;
  #settling: Promise<void> = Promise.resolve();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.resources = new Resources(fabric.store);
    this.operations = new Operations(fabric);
  }

  /** Ends the operations whose time has come. A `complete` or `afterDelete` must not call ARM itself. */
  settle(): Promise<void> {
    const next = this.#settling.then(async () => {
      for (const operation of this.operations.takeDue()) await this.#finish(operation);
    });
    this.#settling = next.catch(() => undefined);
    return next;
  }

  /** The stored resource, or what a singleton looks like before anybody wrote it. */
  find(call: Call): StoredResource | undefined {
    const stored = this.resources.get(call.id);
    if (stored !== undefined) return stored;
    if (!call.type.singletons?.includes(call.name.toLowerCase())) return undefined;
    const parentId = parentOf(call.id);
    if (parentId !== undefined && this.#at(parentId) === undefined) return undefined;
    const now = new Date(this.#fabric.clock.now()).toISOString();
    return {
      id: call.id,
      name: call.name,
      type: call.type.type,
      etag: '"00000000-0000-0000-0000-000000000000"',
      body: call.type.initial?.(this.request(call, undefined)) ?? { properties: {} },
      createdAt: now,
      changedAt: now,
    };
  }

  /** Is there a resource with this id, singletons included? */
  exists(id: string): boolean {
    return this.#at(id) !== undefined;
  }

  /** @throws ArmError 404 */
  require(call: Call): StoredResource {
    const found = this.find(call);
    if (found !== undefined) return found;
    const group = /\/resourceGroups\/([^/]+)/i.exec(call.id)?.[1] ?? '';
    const path = `${call.type.type}/${call.name}`;
    throw new ArmError(
      404,
      'ResourceNotFound',
      `The Resource '${path}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    );
  }

  request(call: Call, existing: StoredResource | undefined, body = call.body): ResourceRequest {
    return {
      fabric: this.#fabric,
      resources: this.resources,
      id: call.id,
      name: call.name,
      parentId: parentOf(call.id),
      query: call.query,
      headers: call.headers,
      body,
      existing,
      principalId: call.caller.principalId,
    };
  }

  read(call: Call): Response {
    const found = this.require(call);
    return this.#answer(200, call, found);
  }

  async put(call: Call, body = call.body, kind: 'PUT' | 'PATCH' = 'PUT'): Promise<Response> {
    const existing = this.resources.get(call.id);
    this.#requireParent(call);
    requireIdle(this.operations, call);
    requireEtag(call, existing);
    const checked = checkTracked(call, body, existing);
    const written = await call.type.write(this.request(call, existing, checked));
    const pattern = existing !== undefined && call.type.updatesAtOnce ? 'sync' : (call.type.put ?? 'sync');
    const state = pattern === 'sync' ? undefined : stateOf(pattern, existing);
    const now = new Date(this.#fabric.clock.now()).toISOString();
    const stored = this.#store(
      call,
      existing,
      withSystemData(call, state === undefined ? written : withState(written, state), existing, now),
    );
    if (pattern === 'sync') {
      const status = call.type.putStatus ?? { created: 201, updated: 200 };
      const updated = existing !== undefined || kind === 'PATCH';
      return this.#answer(updated ? status.updated : status.created, call, stored);
    }
    const operation = this.operations.start(
      { ...this.#about(call), kind: existing === undefined ? 'create' : 'update' },
      pattern,
    );
    const headers = this.operations.headers(operation);
    if (pattern.header === 'Location') return respond(202, undefined, headers);
    return this.#answer(existing === undefined ? 201 : 202, call, stored, headers);
  }

  async patch(call: Call): Promise<Response> {
    if (call.type.patch === undefined) {
      throw new ArmError(405, 'MethodNotAllowed', `The type '${call.type.type}' does not support PATCH.`);
    }
    const existing = this.require(call);
    return this.put(call, mergePatch(existing.body, call.body), 'PATCH');
  }

  async remove(call: Call): Promise<Response> {
    const existing = this.resources.get(call.id);
    if (existing === undefined) return respond(204, undefined);
    requireIdle(this.operations, call);
    requireEtag(call, existing);
    requireChildless(this.resources, call);
    await call.type.beforeDelete?.(this.request(call, existing));
    const pattern = call.type.remove ?? 'sync';
    if (pattern === 'sync') {
      await this.#vanish(existing, call.caller);
      return respond(200, undefined);
    }
    const state = pattern.runningState;
    this.resources.put({ ...existing, body: withState(existing.body, state) });
    const operation = this.operations.start({ ...this.#about(call), kind: 'delete' }, pattern);
    return respond(202, undefined, this.operations.headers(operation));
  }

  async act(call: Call, action: string): Promise<Response> {
    const handler = call.type.actions?.[action.toLowerCase()];
    if (handler === undefined) {
      this.#fabric.log({ standIn: 'arm', level: 'warn', text: `no action ${action} on ${call.type.type}` });
      throw new ArmError(
        501,
        'NotImplemented',
        `The action '${action}' of '${call.type.type}' is not imitated.`,
      );
    }
    const existing = this.require(call);
    const result = await handler(this.request(call, existing));
    return result instanceof Response ? result : respond(200, result);
  }

  /** The body a client sees. */
  present(
    type: ResourceType,
    stored: StoredResource,
    query = new URLSearchParams(),
    headers = new Headers(),
  ): unknown {
    const shown = type.present ? type.present(stored, { query, headers }) : stored.body;
    if (typeof shown !== 'object' || shown === null || shown instanceof Response) return shown;
    return { id: stored.id, name: stored.name, type: stored.type, ...shown };
  }

  #answer(
    status: number,
    call: Call,
    stored: StoredResource,
    headers: Record<string, string> = {},
  ): Response {
    const shown = this.present(call.type, stored, call.query, call.headers);
    if (shown instanceof Response) return shown;
    return respond(status, shown, call.type.etag === undefined ? headers : { etag: stored.etag, ...headers });
  }

  #about(call: Call): Pick<Operation, 'resourceId' | 'type' | 'apiVersion' | 'principalId'> {
    return {
      resourceId: call.id,
      type: call.type.type,
      apiVersion: call.query.get('api-version') ?? '',
      principalId: call.caller.principalId,
    };
  }

  #store(call: Call, existing: StoredResource | undefined, body: Record<string, unknown>): StoredResource {
    const now = new Date(this.#fabric.clock.now()).toISOString();
    const stored: StoredResource = {
      id: existing?.id ?? call.id,
      name: existing?.name ?? call.name,
      type: call.type.type,
      etag: `"${randomUUID()}"`,
      body,
      createdAt: existing?.createdAt ?? now,
      changedAt: now,
    };
    this.resources.put(stored);
    return stored;
  }

  #at(id: string): StoredResource | undefined {
    const type = typeNamed(id);
    if (type === undefined) return undefined;
    const name = id.slice(id.lastIndexOf('/') + 1);
    const nobody = { principalId: '', clientId: '' };
    const empty = { query: new URLSearchParams(), headers: new Headers(), body: {} };
    return this.find({ type, id, name, caller: nobody, ...empty });
  }

  #requireParent(call: Call): void {
    const parentId = parentOf(call.id);
    if (parentId === undefined || typeNamed(parentId) === undefined) return;
    if (this.#at(parentId) === undefined) {
      throw new ArmError(
        404,
        'ParentResourceNotFound',
        `Failed to perform 'write' on resource(s) of type '${call.type.type}', because the parent resource '${parentId}' could not be found.`,
      );
    }
    const running = this.operations.running(parentId);
    if (running !== undefined && running.kind !== 'update') {
      throw new ArmError(409, 'Conflict', `The parent resource '${parentId}' is being ${running.kind}d.`);
    }
  }

  async #finish(operation: Operation): Promise<void> {
    const stored = this.resources.get(operation.resourceId);
    if (stored === undefined) return;
    const caller = { principalId: operation.principalId, clientId: '' };
    if (operation.kind === 'delete') return this.#vanish(stored, caller);
    const type = typeNamed(stored.id);
    if (type === undefined) return;
    const call = bare(type, stored, caller);
    try {
      const changed = await type.complete?.(this.request(call, stored));
      this.resources.put({ ...stored, body: withState(changed ?? stored.body, 'Succeeded') });
    } catch (error) {
      this.#failed(operation, error);
      this.resources.put({ ...stored, body: withState(stored.body, 'Failed') });
    }
  }

  /** Anything but a refusal is a defect of this cloud: the operation fails, the log says why. */
  #failed(operation: Operation, error: unknown): void {
    const refused = error instanceof ArmError;
    const { code, message } = refused ? error : { code: 'InternalServerError', message: messageOf(error) };
    if (!refused) this.#fabric.log({ standIn: 'arm', level: 'error', text: `${operation.type}: ${message}` });
    this.operations.fail(operation, { code, message });
  }

  /** Takes a resource away with everything below it and the role assignments made there, deepest first. */
  async #vanish(stored: StoredResource, caller: Caller): Promise<void> {
    const all = [...this.resources.below(stored.id), stored].sort((a, b) => b.id.length - a.id.length);
    for (const item of all) {
      const type = item.type === ROLE_ASSIGNMENT_TYPE ? undefined : typeNamed(item.id);
      const request = type && this.request(bare(type, item, caller), item);
      this.resources.delete(item.id);
      if (request) await type?.afterDelete?.(request);
    }
  }
}

function bare(type: ResourceType, stored: StoredResource, caller: Caller): Call {
  const empty = { query: new URLSearchParams(), headers: new Headers() };
  return { type, id: stored.id, name: stored.name, body: stored.body, caller, ...empty };
}

function stateOf(pattern: AsyncPattern, existing: StoredResource | undefined): string {
  return existing === undefined ? pattern.runningState : (pattern.updatingState ?? pattern.runningState);
}
