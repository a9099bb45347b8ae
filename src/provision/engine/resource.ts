/** What a resource offers to those that depend on it. Never a secret. Undefined: only after apply. */
export type OutputValues = Readonly<Record<string, string | undefined>>;

/** The outputs of a resource's dependencies; unknown while planning what does not exist yet. */
export interface Outputs {
  /**
   * @throws Error when `id` is no declared dependency or has no such output: a defect of the stack
   */
  get(id: string, field: string): string;
}

/** What one piece of work may tell the engine while it runs. */
export interface Step {
  /** Aborted when the run is to stop: no new request should be started, running ones may end. */
  readonly signal: AbortSignal;
  /** The asynchronous operation that was started; written to the journal before anything else happens. */
  operation(url: string): Promise<void>;
  /** What is awaited now, in a few words. */
  waiting(text: string): void;
}

/**
 * Whether a thing that exists is ours. `adopted`: somebody else's, used and marked by us, never deleted.
 * `adoptable`: somebody else's, not marked yet, but the configuration asks for it by name. `shared`: belongs to nobody
 * (a provider's registration), stays after destroy.
 */
export type Ownership = 'ours' | 'adopted' | 'adoptable' | 'shared' | 'foreign';

/** One difference between what is wanted and what is there. Values of secrets never appear. */
export interface FieldChange {
  readonly field: string;
  readonly from: string | null;
  /** Null when only apply will know. */
  readonly to: string | null;
  /** The thing must be made anew. */
  readonly replaces?: true;
}

export interface Found<Have> {
  readonly have: Have;
  readonly ownership: Ownership;
}

/**
 * One provisioned thing of a stack. `desired`, `locate` and `diff` are pure, so planning changes nothing; `apply` and
 * `destroy` may be repeated after any crash. A resource knows nothing of ordering.
 */
export interface Resource<Tools, Want = unknown, Have = unknown> {
  /** Unique in its stack: `fhir/service`, `entra/client/backend`. */
  readonly id: string;
  /** Kind, shown in plans: `fhir-service`. */
  readonly type: string;
  /** What people know it by. */
  readonly label: string;
  readonly dependsOn: readonly string[];
  /** The resource with which this one is deleted by the cloud itself. */
  readonly containedIn?: string;
  desired(outputs: Outputs): Want;
  /** The parts of `want` without which the thing cannot be looked up. */
  locate(want: Want): string;
  read(tools: Tools, want: Want): Promise<Found<Have> | undefined>;
  diff(want: Want, have: Have): readonly FieldChange[];
  /** Makes it exist as wanted, whatever is there; returns what is there then. */
  apply(tools: Tools, want: Want, have: Have | undefined): Promise<Have>;
  /** Deletes what is ours; accepts "already gone". */
  destroy(tools: Tools, have: Have): Promise<void>;
  /** Takes our marks and settings off what was adopted. Absent: it can never be adopted. */
  detach?(tools: Tools, have: Have): Promise<void>;
  outputs(have: Have): OutputValues;
}

/** A thing that carries our mark, found by looking for marks rather than by name. */
export interface Leftover<Tools> {
  /** Id of the resource that made it, as the mark says. */
  readonly id: string;
  readonly type: string;
  readonly label: string;
  destroy(tools: Tools): Promise<void>;
}

/** Finds all things of one kind that carry the stack's mark. */
export type Finder<Tools> = (tools: Tools) => Promise<readonly Leftover<Tools>[]>;

/** What the engine works on. */
export interface Stack<Tools> {
  readonly resources: readonly Resource<Tools>[];
  readonly finders: readonly Finder<Tools>[];
}

/** Erases the types of one resource, so that a stack can hold many kinds. */
export function defineResource<Tools, Want, Have>(definition: Resource<Tools, Want, Have>): Resource<Tools> {
  return definition as unknown as Resource<Tools>;
}

/** `[]` when the two are the same, else the change; text values are compared exactly, others by their JSON. */
export function changed(
  field: string,
  from: unknown,
  to: unknown,
  options: { readonly replaces?: boolean } = {},
): readonly FieldChange[] {
  const [before, after] = [asText(from), asText(to)];
  if (before === after) return [];
  return [
    { field, from: before, to: after, ...(options.replaces === true ? { replaces: true as const } : {}) },
  ];
}

function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : stableJson(value);
}

/** JSON with sorted keys, so that equal values have equal texts. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
