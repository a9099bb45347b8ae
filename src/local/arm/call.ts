import type { Caller } from './access.ts';
import type { ResourceType } from './resource-type.ts';

/** One call to one resource, as the engine hands it to a verb. */
export interface Call {
  readonly type: ResourceType;
  readonly id: string;
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}
