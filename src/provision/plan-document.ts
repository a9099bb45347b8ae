import type { ApplyResult, ChangeStatus } from './engine/apply.ts';
import type { DestroyItem, DestroyResult } from './engine/destroy.ts';
import type { Action, Plan } from './engine/plan.ts';
import type { FieldChange } from './engine/resource.ts';
import { RESOURCE } from './resource-ids.ts';
import type { Retained } from './retained.ts';

export const PLAN_SCHEMA = 'smartfhir/plan/v1';

export interface ChangeDocument {
  readonly id: string;
  readonly type: string;
  readonly action: Action | 'detach';
  readonly fields: readonly FieldChange[];
  /** After apply. */
  readonly status?: ChangeStatus;
  /** Code and message, where the change failed. */
  readonly error?: { readonly code: string; readonly message: string; readonly fix: string };
}

export type PlanSummary = Readonly<Record<Action | 'unchanged', number>>;

/** What `plan` and `apply` print under `-o json`. */
export interface PlanDocument {
  readonly schema: typeof PLAN_SCHEMA;
  readonly env: string;
  readonly changes: readonly ChangeDocument[];
  readonly summary: PlanSummary;
  /** What one should know before approving. */
  readonly notes: readonly string[];
}

/** A plan that was saved: with what it must still agree with when it is applied. */
export interface SavedPlan extends PlanDocument {
  readonly fingerprint: string;
}

export function planDocument(env: string, plan: Plan): PlanDocument {
  const changes = plan.changes.map(({ id, type, action, fields }) => ({ id, type, action, fields }));
  return {
    ...{ schema: PLAN_SCHEMA, env, changes },
    summary: summaryOf(changes, plan.unchanged.length),
    notes: notesOn(changes),
  };
}

export function applyDocument(env: string, plan: Plan, result: ApplyResult): PlanDocument {
  const document = planDocument(env, plan);
  const planned = document.changes.map((change) => withStatus(change, result));
  const known = new Set(document.changes.map((change) => change.id));
  // A failure at something that was planned unchanged is told as well.
  const unplanned = [...result.errors.keys()]
    .filter((id) => !known.has(id))
    .map((id) => withStatus({ id, type: 'unchanged', action: 'update' as const, fields: [] }, result));
  return { ...document, changes: [...planned, ...unplanned] };
}

export function destroyDocument(
  env: string,
  items: readonly DestroyItem[],
  result?: DestroyResult,
  retained: readonly Retained[] = [],
): PlanDocument {
  const changes = items.map(({ id, type, action }): ChangeDocument => {
    const change = { id, type, action, fields: [] };
    return result === undefined ? change : withStatus(change, result);
  });
  return {
    schema: PLAN_SCHEMA,
    env,
    changes,
    summary: summaryOf(changes, 0),
    notes: retained.map(({ note }) => note),
  };
}

/** Access tokens hold everything a client was ever consented to; only the gateway narrows them to the session. */
function notesOn(changes: readonly ChangeDocument[]): readonly string[] {
  const fhir = changes.find((change) => change.id === RESOURCE.fhir);
  if (fhir === undefined || fhir.action === 'delete') return [];
  return [
    'The FHIR service itself stays reachable and takes the wider tokens that Entra issues; what a user chose is enforced by the gateway only.',
  ];
}

function withStatus(
  change: ChangeDocument,
  result: Pick<ApplyResult, 'statuses' | 'errors'>,
): ChangeDocument {
  const error = result.errors.get(change.id);
  return {
    ...change,
    status: result.statuses.get(change.id) ?? 'stopped',
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message, fix: error.fix } }),
  };
}

function summaryOf(changes: readonly ChangeDocument[], unchanged: number): PlanSummary {
  const count = (action: ChangeDocument['action']): number =>
    changes.filter((change) => change.action === action).length;
  return {
    create: count('create'),
    update: count('update'),
    replace: count('replace'),
    delete: count('delete'),
    adopt: count('adopt'),
    unchanged,
  };
}
