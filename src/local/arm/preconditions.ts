import type { Resources, StoredResource } from '../resources.ts';
import type { Call } from './call.ts';
import { requireLocation } from './locations.ts';
import type { Operations } from './operations.ts';
import { ArmError, type ResourceType } from './resource-type.ts';
import { checkTags } from './tags.ts';

/** @throws ArmError 409 while an operation on the resource runs */
export function requireIdle(operations: Operations, call: Call): void {
  const running = operations.running(call.id);
  if (running === undefined) return;
  throw new ArmError(
    409,
    'Conflict',
    `Another operation (${running.kind}) on the resource '${call.id}' is in progress. Try again when it has finished.`,
  );
}

/** @throws ArmError 409 when the type does not let its children go with it */
export function requireChildless(resources: Resources, call: Call): void {
  if (call.type.childrenBlockDelete !== true) return;
  const prefix = `${call.type.type.toLowerCase()}/`;
  const child = resources.below(call.id).find(({ type }) => type.toLowerCase().startsWith(prefix));
  if (child === undefined) return;
  throw new ArmError(
    409,
    'CannotDeleteResource',
    `Cannot delete resource while nested resources exist. Some existing nested resource IDs include: '${child.id}'. Please delete all nested resources before deleting this resource.`,
  );
}

/** If-Match and If-None-Match. @throws ArmError 412, or 400 when the type demands If-Match */
export function requireEtag(call: Call, existing: StoredResource | undefined): void {
  if (call.type.etag === undefined || call.type.etag === 'checked-by-type') return;
  const wanted = call.headers.get('if-match');
  if (call.headers.get('if-none-match') === '*' && existing !== undefined) throw preconditionFailed();
  if (wanted === null) {
    if (call.type.etag === 'required-on-update' && existing !== undefined) {
      throw new ArmError(
        400,
        'ValidationError',
        'The If-Match header is required to change an existing entity.',
      );
    }
    return;
  }
  if (existing === undefined || (wanted !== '*' && unquoted(wanted) !== unquoted(existing.etag))) {
    throw preconditionFailed();
  }
}

/** The body with its location normalized and its tags checked, for types that have them. @throws ArmError */
export function checkTracked(
  call: Call,
  body: Readonly<Record<string, unknown>>,
  existing: StoredResource | undefined,
): Readonly<Record<string, unknown>> {
  if (!isTracked(call.type)) return body;
  const location = requireLocation(body, call.type.type);
  const before = existing?.body['location'];
  if (before !== undefined && before !== location) {
    throw new ArmError(
      409,
      'InvalidResourceLocation',
      `The resource '${call.name}' already exists in location '${before}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  }
  return { ...body, location, tags: checkTags(body['tags']) };
}

function isTracked(type: ResourceType): boolean {
  return type.tracked ?? type.type.split('/').length === 2;
}

function unquoted(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '');
}

function preconditionFailed(): ArmError {
  return new ArmError(
    412,
    'PreconditionFailed',
    'Resource was modified since last retrieval (ETag mismatch).',
  );
}
