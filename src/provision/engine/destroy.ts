import { asSmartfhirError, type SmartfhirError } from '../../core/errors.ts';
import type { ApplyEvent, ApplyOptions } from './apply.ts';
import { reversed, type WalkOutcome, walk } from './graph.ts';
import { KnownOutputs } from './outputs.ts';
import { findLeftovers } from './plan.ts';
import type { Leftover, Ownership, Resource, Stack, Step } from './resource.ts';
import { isUnknown } from './unknown.ts';

/** One thing that destroy would take away, or let go. */
export interface DestroyItem {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly action: 'delete' | 'detach';
}

/** What exists of the stack and is ours to end. */
export interface DestroyPlan<Tools> {
  readonly items: readonly DestroyItem[];
  readonly existing: ReadonlyMap<string, { readonly have: unknown; readonly ownership: Ownership }>;
  readonly leftovers: readonly Leftover<Tools>[];
}

export interface DestroyResult {
  readonly statuses: ReadonlyMap<string, 'done' | 'failed' | 'blocked' | 'stopped'>;
  readonly errors: ReadonlyMap<string, SmartfhirError>;
  readonly complete: boolean;
}

const CONCURRENCY = 6;

/** Looks for everything that carries our mark; changes nothing. Foreign things are left out, adopted ones detached. */
export async function planDestroy<Tools>(
  stack: Stack<Tools>,
  options: { readonly tools: Tools; readonly signal: AbortSignal },
): Promise<DestroyPlan<Tools>> {
  const known = new KnownOutputs();
  const existing = new Map<string, { have: unknown; ownership: Ownership }>();
  const outcomes = await walk(
    stack.resources,
    { concurrency: CONCURRENCY, signal: options.signal },
    async (resource) => {
      const want = resource.desired(known.for(resource));
      const found = isUnknown(resource.locate(want)) ? undefined : await resource.read(options.tools, want);
      known.set(resource.id, found === undefined ? 'unknown' : resource.outputs(found.have));
      if (found?.ownership === 'ours' || found?.ownership === 'adopted') existing.set(resource.id, found);
    },
  );
  options.signal.throwIfAborted();
  for (const outcome of outcomes.values()) if (outcome.kind === 'failed') throw outcome.error;
  const leftovers = await findLeftovers(stack, options.tools);
  const items = stack.resources
    .filter((resource) => existing.has(resource.id))
    .map(({ id, type, label }): DestroyItem => {
      const action = existing.get(id)?.ownership === 'adopted' ? 'detach' : 'delete';
      return { id, type, label, action };
    });
  const more = leftovers.map(({ id, type, label }): DestroyItem => ({ id, type, label, action: 'delete' }));
  return { items: [...items, ...more], existing, leftovers };
}

/** Ends what the plan lists, users before what they use. Contained things go with their container. */
export async function destroyPlanned<Tools>(
  stack: Stack<Tools>,
  plan: DestroyPlan<Tools>,
  options: ApplyOptions<Tools>,
): Promise<DestroyResult> {
  const walking = { concurrency: CONCURRENCY, signal: options.signal };
  const work = stack.resources.filter((resource) => plan.existing.has(resource.id));
  const nodes = reversed(work.map((resource) => onlyAmong(resource, work)));
  const leftovers = plan.leftovers.map((leftover, index) => ({
    id: `${leftover.id}#${index}`,
    dependsOn: [],
    leftover,
  }));
  const first = await walk(leftovers, walking, ({ leftover }) =>
    journalled(leftover, options, (tools) => leftover.destroy(tools)),
  );
  const second = await walk(nodes, walking, async ({ node: { resource } }) => {
    const found = plan.existing.get(resource.id);
    if (found === undefined || goesWithContainer(resource, plan)) return;
    await journalled(resource, options, (tools) =>
      found.ownership === 'adopted'
        ? detach(resource, tools, found.have)
        : resource.destroy(tools, found.have),
    );
  });
  return collect(new Map([...first, ...second]));
}

function onlyAmong<Tools>(resource: Resource<Tools>, all: readonly Resource<Tools>[]) {
  const ids = new Set(all.map((other) => other.id));
  return { id: resource.id, dependsOn: resource.dependsOn.filter((id) => ids.has(id)), resource };
}

function goesWithContainer<Tools>(resource: Resource<Tools>, plan: DestroyPlan<Tools>): boolean {
  return resource.containedIn !== undefined && plan.existing.get(resource.containedIn)?.ownership === 'ours';
}

async function detach<Tools>(resource: Resource<Tools>, tools: Tools, have: unknown): Promise<void> {
  if (resource.detach === undefined) throw new Error(`${resource.id} is adopted but cannot be detached`);
  await resource.detach(tools, have);
}

async function journalled<Tools>(
  item: { readonly id: string; readonly label: string },
  options: ApplyOptions<Tools>,
  work: (tools: Tools) => Promise<void>,
): Promise<void> {
  const { id, label } = item;
  const { journal, now, onEvent, signal } = options;
  const started = now();
  const emit = (kind: ApplyEvent['kind'], more: Pick<ApplyEvent, 'text' | 'error'> = {}): void =>
    onEvent?.({ kind, id, label, action: 'delete', elapsedMs: now() - started, ...more });
  const step: Step = {
    signal,
    operation: (url) => journal.write({ kind: 'operation', id, url }),
    waiting: (text) => emit('waiting', { text }),
  };
  await journal.write({ kind: 'intent', id, action: 'delete' });
  emit('start');
  try {
    await work(options.tools(step));
  } catch (error) {
    if (!signal.aborted) {
      await journal.write({ kind: 'outcome', id, outcome: 'failed' });
      emit('failed', { error: asSmartfhirError(error) });
    }
    throw error;
  }
  await journal.write({ kind: 'outcome', id, outcome: 'done' });
  emit('done');
}

function collect(outcomes: ReadonlyMap<string, WalkOutcome<void>>): DestroyResult {
  const statuses = new Map<string, 'done' | 'failed' | 'blocked' | 'stopped'>();
  const errors = new Map<string, SmartfhirError>();
  for (const [node, outcome] of outcomes) {
    const id = node.replace(/#\d+$/, '');
    statuses.set(id, outcome.kind);
    if (outcome.kind === 'failed') errors.set(id, asSmartfhirError(outcome.error));
  }
  return { statuses, errors, complete: [...statuses.values()].every((status) => status === 'done') };
}
