import type { Fabric } from '../fabric.ts';
import type { Caller } from './access.ts';
import type { Address } from './address.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Registrations } from './registration.ts';

/** What the routes of Azure Resource Manager work with. */
export interface Arm {
  readonly fabric: Fabric;
  readonly lifecycle: Lifecycle;
  readonly registrations: Registrations;
}

/** One authenticated call. */
export interface ArmCall {
  readonly arm: Arm;
  readonly method: string;
  readonly address: Address;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly apiVersion: string;
}
