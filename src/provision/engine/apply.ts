import { asSmartfhirError, SmartfhirError } from '../../core/errors.ts';
import { type GraphNode, type WalkOutcome, walk } from './graph.ts';
import type { Journal } from './journal.ts';
import { KnownOutputs } from './outputs.ts';
import { type Action, findLeftovers, type Judged, judge, type Plan } from './plan.ts';
import type { Leftover, OutputValues, Resource, Stack, Step } from './resource.ts';
import { isUnknown } from './unknown.ts';

/** How the work on one planned change ended. */
export type ChangeStatus = 'done' | 'failed' | 'blocked' | 'stopped';

export interface ApplyEvent {
  readonly kind: 'start' | 'waiting' | 'done' | 'failed';
  readonly id: string;
  readonly label: string;
  readonly action: Action | 'unchanged';
  /** Milliseconds since this resource was started. */
  readonly elapsedMs: number;
  readonly text?: string;
  readonly error?: SmartfhirError;
}

export interface ApplyOptions<Tools> {
  /** Tools whose long operations report to the step. */
  readonly tools: (step: Step) => Tools;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  readonly now: () => number;
  readonly onEvent?: (event: ApplyEvent) => void;
}

export interface ApplyResult {
  /** By resource id, planned changes only. */
  readonly statuses: ReadonlyMap<string, ChangeStatus>;
  readonly errors: ReadonlyMap<string, SmartfhirError>;
  readonly outputs: Readonly<Record<string, OutputValues>>;
  /** Everything planned was done. */
  readonly complete: boolean;
}

const APPLY_CONCURRENCY = 6;

/**
 * Makes the cloud as the plan says. Every resource is looked at again just before it is worked on; what the plan did
 * not announce (a replacement, a deletion) is refused. After a failure, branches that do not depend on it go on.
 */
export async function applyPlan<Tools>(
  stack: Stack<Tools>,
  plan: Plan,
  options: ApplyOptions<Tools>,
): Promise<ApplyResult> {
  const planned = new Map(plan.changes.map((change) => [change.id, change.action]));
  const known = new KnownOutputs();
  const walking = { concurrency: APPLY_CONCURRENCY, signal: options.signal };
  const outcomes = await walk(stack.resources, walking, (resource) =>
    applyOne(resource, planned.get(resource.id), known, options),
  );
  const unwanted = await removeLeftovers(stack, planned, options, walking);
  return summarise(planned, new Map([...outcomes, ...unwanted]), known, options.signal.aborted);
}

async function applyOne<Tools>(
  resource: Resource<Tools>,
  planned: Action | undefined,
  known: KnownOutputs,
  options: ApplyOptions<Tools>,
): Promise<void> {
  await inStep(resource, planned ?? 'unchanged', options, async (tools, begin) => {
    const judged = await judge(resource, tools, known);
    let have = judged.have;
    if (isUnknown(judged.want)) throw new Error(`${resource.id} still waits for a value that was not made`);
    if (judged.action !== 'unchanged') {
      refuseUnplanned(resource, planned, judged);
      await begin(judged.action);
      if (judged.action === 'replace') {
        await resource.destroy(tools, judged.have);
        have = await resource.apply(tools, judged.want, undefined);
      } else {
        have = await resource.apply(tools, judged.want, judged.have);
      }
    }
    known.set(resource.id, resource.outputs(have));
  });
}

/** Creations and updates may appear late (an unknown became known); what takes away must have been announced. */
function refuseUnplanned(resource: Resource<never>, planned: Action | undefined, judged: Judged): void {
  if (judged.action === 'replace' && planned !== 'replace') {
    throw new SmartfhirError(
      'PLAN_STALE',
      `${resource.label} must be replaced, which the plan did not announce`,
      {
        why: judged.fields.map((field) => field.field).join(', '),
      },
    );
  }
}

/** Runs work with a step of its own, journalled from `begin` on, and reports it. */
async function inStep<Tools>(
  item: { readonly id: string; readonly label: string },
  action: Action | 'unchanged',
  options: Pick<ApplyOptions<Tools>, 'tools' | 'signal' | 'journal' | 'now' | 'onEvent'>,
  work: (tools: Tools, begin: (action: Action) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { id, label } = item;
  const { journal, now, onEvent, signal } = options;
  const started = now();
  let current = action;
  let begun = false;
  const emit = (kind: ApplyEvent['kind'], more: Pick<ApplyEvent, 'text' | 'error'> = {}): void =>
    onEvent?.({ kind, id, label, action: current, elapsedMs: now() - started, ...more });
  const step: Step = {
    signal,
    operation: (url) => (begun ? journal.write({ kind: 'operation', id, url }) : Promise.resolve()),
    waiting: (text) => emit('waiting', { text }),
  };
  const begin = async (actual: Action): Promise<void> => {
    current = actual;
    await journal.write({ kind: 'intent', id, action: actual });
    begun = true;
    emit('start');
  };
  try {
    await work(options.tools(step), begin);
  } catch (error) {
    // A stopped run leaves its intent open: the operation in the cloud may still be running.
    if (begun && !signal.aborted) await journal.write({ kind: 'outcome', id, outcome: 'failed' });
    if (!signal.aborted) emit('failed', { error: asSmartfhirError(error) });
    throw error;
  }
  if (begun) {
    await journal.write({ kind: 'outcome', id, outcome: 'done' });
    emit('done');
  }
}

type Node<Tools> = GraphNode & { readonly leftover: Leftover<Tools> };

async function removeLeftovers<Tools>(
  stack: Stack<Tools>,
  planned: ReadonlyMap<string, Action>,
  options: ApplyOptions<Tools>,
  walking: { readonly concurrency: number; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, WalkOutcome<void>>> {
  if (![...planned.values()].includes('delete') || options.signal.aborted) return new Map();
  const idle: Step = { signal: options.signal, operation: async () => undefined, waiting: () => undefined };
  const found = await findLeftovers(stack, options.tools(idle));
  const nodes: Node<Tools>[] = uniqueIds(found.filter(({ id }) => planned.get(id) === 'delete'));
  return walk(nodes, walking, ({ leftover }) =>
    inStep(leftover, 'delete', options, async (tools, begin) => {
      await begin('delete');
      await leftover.destroy(tools);
    }),
  );
}

/** Two leftovers may stem from one resource (an app and its grants); each is worked on. */
function uniqueIds<Tools>(found: readonly Leftover<Tools>[]): Node<Tools>[] {
  const seen = new Map<string, number>();
  return found.map((leftover) => {
    const count = (seen.get(leftover.id) ?? 0) + 1;
    seen.set(leftover.id, count);
    return { id: count === 1 ? leftover.id : `${leftover.id}#${count}`, dependsOn: [], leftover };
  });
}

function summarise(
  planned: ReadonlyMap<string, Action>,
  outcomes: ReadonlyMap<string, WalkOutcome<void>>,
  known: KnownOutputs,
  stopped: boolean,
): ApplyResult {
  const statuses = new Map<string, ChangeStatus>();
  const errors = new Map<string, SmartfhirError>();
  for (const [id, outcome] of outcomes) {
    const plannedId = id.replace(/#\d+$/, '');
    const kind = outcome.kind === 'failed' && stopped ? 'stopped' : outcome.kind;
    if (outcome.kind === 'failed' && !stopped) errors.set(plannedId, asSmartfhirError(outcome.error));
    if (planned.has(plannedId) || kind === 'failed') statuses.set(plannedId, kind);
  }
  for (const [id, action] of planned) {
    // A leftover that is gone when its turn comes needs no work.
    if (!statuses.has(id)) statuses.set(id, action === 'delete' && errors.size === 0 ? 'done' : 'stopped');
  }
  const complete = [...outcomes.values()].every((outcome) => outcome.kind === 'done');
  return { statuses, errors, outputs: known.all(), complete };
}
