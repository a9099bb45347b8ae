import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import type { Collection } from '../store.ts';
import { ArmError, type AsyncPattern } from './resource-type.ts';
import { errorBody, respond } from './respond.ts';

/** A write or delete that is not finished yet, or was. */
export interface Operation {
  readonly id: string;
  readonly resourceId: string;
  readonly type: string;
  readonly kind: 'create' | 'update' | 'delete';
  readonly header: AsyncPattern['header'];
  readonly apiVersion: string;
  /** Who started it, and may therefore follow it. */
  readonly principalId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endsAt: number;
  readonly status: 'InProgress' | 'Succeeded' | 'Failed';
  readonly error?: { readonly code: string; readonly message: string };
}

/** Finished operations are forgotten after this time. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** The longest pause a client is asked to make between two polls, seconds. */
const LONGEST_PAUSE_S = 10;

export class Operations {
  readonly #fabric: Fabric;
  readonly #items: Collection<Operation>;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.#items = fabric.store.collection<Operation>('arm-operations');
  }

  start(
    about: Pick<Operation, 'resourceId' | 'type' | 'kind' | 'apiVersion' | 'principalId'>,
    pattern: Pick<AsyncPattern, 'header' | 'weight'>,
  ): Operation {
    const startedAt = this.#fabric.clock.now();
    const endsAt = startedAt + this.#fabric.timing.armOperationMs * pattern.weight;
    const operation: Operation = {
      ...about,
      id: randomUUID(),
      header: pattern.header,
      startedAt,
      endsAt,
      status: 'InProgress',
    };
    this.#items.put(operation.id, operation);
    return operation;
  }

  get(id: string): Operation | undefined {
    return this.#items.get(id.toLowerCase());
  }

  /** The unfinished operation on a resource. */
  running(resourceId: string): Operation | undefined {
    const wanted = resourceId.toLowerCase();
    return this.#items
      .values()
      .find((item) => item.status === 'InProgress' && item.resourceId.toLowerCase() === wanted);
  }

  /** Operations whose time has come, oldest first; each is handed out once. */
  takeDue(): Operation[] {
    const now = this.#fabric.clock.now();
    const due: Operation[] = [];
    for (const item of this.#items.values()) {
      if (item.status === 'InProgress' && item.endsAt <= now) due.push(item);
      else if (item.status !== 'InProgress' && item.endsAt + KEPT_MS < now) this.#items.delete(item.id);
    }
    for (const item of due) this.#items.put(item.id, { ...item, status: 'Succeeded' });
    return due.sort((a, b) => a.endsAt - b.endsAt);
  }

  fail(operation: Operation, error: { code: string; message: string }): void {
    this.#items.put(operation.id, { ...operation, status: 'Failed', error });
  }

  /** The headers that lead a client to the operation. */
  headers(operation: Operation): Record<string, string> {
    const namespace = operation.type.split('/')[0] ?? '';
    const kind = operation.header === 'Location' ? 'operationresults' : 'operationstatuses';
    const url =
      `https://management.azure.com/subscriptions/${this.#fabric.subscriptionId}/providers/${namespace}` +
      `/locations/global/${kind}/${operation.id}?api-version=${operation.apiVersion}`;
    return { [operation.header]: url, ...this.#pause(operation) };
  }

  /** What `Azure-AsyncOperation` leads to: always 200 with the state. */
  status(operation: Operation): Response {
    const done = operation.status !== 'InProgress';
    const span = Math.max(1, operation.endsAt - operation.startedAt);
    const percent = done ? 100 : Math.floor((100 * (this.#fabric.clock.now() - operation.startedAt)) / span);
    const body = {
      id: `/subscriptions/${this.#fabric.subscriptionId}/providers/${operation.type.split('/')[0]}/locations/global/operationstatuses/${operation.id}`,
      name: operation.id,
      status: operation.status,
      startTime: new Date(operation.startedAt).toISOString(),
      ...(done ? { endTime: new Date(operation.endsAt).toISOString() } : {}),
      percentComplete: percent,
      ...(operation.error ? { error: operation.error } : {}),
    };
    return respond(200, body, done ? {} : this.headers(operation));
  }

  /** What `Location` leads to: 202 until done, then the result. */
  result(operation: Operation, presented: () => unknown): Response {
    if (operation.status === 'InProgress') return respond(202, undefined, this.headers(operation));
    if (operation.error !== undefined) {
      return respond(409, errorBody(new ArmError(409, operation.error.code, operation.error.message)));
    }
    if (operation.kind === 'delete') return respond(204, undefined);
    return respond(200, presented());
  }

  /** Clients obey `Retry-After`, so it is sent only when there is a second or more left. */
  #pause(operation: Operation): Record<string, string> {
    const seconds = Math.floor((operation.endsAt - this.#fabric.clock.now()) / 1000);
    return seconds > 0 ? { 'retry-after': String(Math.min(seconds, LONGEST_PAUSE_S)) } : {};
  }
}
