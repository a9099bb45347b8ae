import type { StoredResource } from '../resources.ts';
import type { Call } from './call.ts';

/** The body with `properties.provisioningState`. */
export function withState(
  body: Readonly<Record<string, unknown>>,
  provisioningState: string,
): Record<string, unknown> {
  const properties = body['properties'];
  return {
    ...body,
    properties: { ...(typeof properties === 'object' ? properties : {}), provisioningState },
  };
}

/** The body with `systemData`, for types that carry it. `now` is an ISO instant. */
export function withSystemData(
  call: Call,
  body: Record<string, unknown>,
  existing: StoredResource | undefined,
  now: string,
): Record<string, unknown> {
  if (call.type.systemData === undefined) return body;
  const by = call.caller.clientId;
  const before = existing?.body['systemData'] as Record<string, unknown> | undefined;
  return {
    ...body,
    systemData: {
      createdBy: before?.['createdBy'] ?? by,
      createdByType: before?.['createdByType'] ?? 'Application',
      createdAt: before?.['createdAt'] ?? now,
      lastModifiedBy: by,
      lastModifiedByType: 'Application',
      lastModifiedAt: now,
    },
  };
}
