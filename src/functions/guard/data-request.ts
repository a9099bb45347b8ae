import type { Gateway } from '../context.ts';
import { fhirBase } from '../settings.ts';
import type { LiveToken } from './live-token.ts';
import { createPermissions, type Permissions } from './permissions.ts';

/** A request for data, with everything needed to judge it. */
export interface DataRequest {
  readonly gateway: Gateway;
  readonly live: LiveToken;
  readonly permissions: Permissions;
  readonly method: 'GET' | 'POST';
  readonly query: URLSearchParams;
  /** `handling=…`, or null. */
  readonly prefer: string | null;
}

/** The base URLs under which our own resources may be named. */
export function basesOf(gateway: Gateway): readonly string[] {
  return [fhirBase(gateway.settings), gateway.settings.fhirUrl];
}

export function permissionsOf(gateway: Gateway, live: LiveToken): Permissions {
  return createPermissions(live.record, basesOf(gateway));
}
