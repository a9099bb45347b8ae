import type { JsonObject } from '../../smart/granular.ts';
import { localReference, referencesAt } from './patient-context.ts';
import type { Letter, Permissions } from './permissions.ts';

export interface FilterOptions {
  readonly permissions: Permissions;
  readonly letter: Letter;
  readonly bases: readonly string[];
  /** Are the FHIR service's own counts about permitted resources only? */
  readonly exact: boolean;
}

/** Takes out of a Bundle what the token may not see. The second lock: the query should have kept it out already. */
export function filterBundle(bundle: JsonObject, options: FilterOptions): JsonObject {
  const entries = Array.isArray(bundle['entry']) ? (bundle['entry'] as readonly JsonObject[]) : [];
  const visible = new Set<string>();
  for (const entry of entries) {
    const resource = resourceOf(entry);
    if (resource !== undefined && options.permissions.permits(resource, options.letter)) {
      visible.add(`${String(resource['resourceType'])}/${String(resource['id'])}`);
    }
  }
  const kept = entries.filter((entry) => isVisible(entry, visible, options));
  const { entry: _, total, ...rest } = bundle;
  const complete = options.exact && !lostMatch(entries, kept);
  return {
    ...rest,
    ...(complete && total !== undefined ? { total } : {}),
    ...(kept.length > 0 ? { entry: kept } : {}),
  };
}

function isVisible(entry: JsonObject, visible: ReadonlySet<string>, options: FilterOptions): boolean {
  const resource = resourceOf(entry);
  // History names deleted versions without a body; the instance itself was authorised before.
  if (resource === undefined) return options.letter === 'r';
  const type = String(resource['resourceType']);
  if (type === 'OperationOutcome') return true;
  if (visible.has(`${type}/${String(resource['id'])}`)) return true;
  return type === 'Provenance' && isProvenanceOf(resource, visible, options);
}

/** Provenance of what is on the page: its own link to the patient is optional in R4. */
function isProvenanceOf(resource: JsonObject, visible: ReadonlySet<string>, options: FilterOptions): boolean {
  if (options.permissions.scopesFor('Provenance', options.letter).length === 0) return false;
  const own = `Patient/${options.permissions.patient}`;
  const targets = referencesAt(resource, 'target').map((reference) =>
    localReference(reference, options.bases),
  );
  return targets.length > 0 && targets.every((target) => target === own || visible.has(target));
}

function lostMatch(entries: readonly JsonObject[], kept: readonly JsonObject[]): boolean {
  const matches = (list: readonly JsonObject[]): number => list.filter(isMatch).length;
  return matches(entries) !== matches(kept);
}

function isMatch(entry: JsonObject): boolean {
  const search = entry['search'] as JsonObject | undefined;
  return (search?.['mode'] ?? 'match') === 'match';
}

function resourceOf(entry: JsonObject): JsonObject | undefined {
  const resource = entry['resource'];
  return typeof resource === 'object' && resource !== null ? (resource as JsonObject) : undefined;
}
