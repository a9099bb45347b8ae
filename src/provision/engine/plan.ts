import { createHash } from 'node:crypto';
import { SmartfhirError } from '../../core/errors.ts';
import { walk } from './graph.ts';
import { KnownOutputs } from './outputs.ts';
import {
  type FieldChange,
  type Leftover,
  type OutputValues,
  type Resource,
  type Stack,
  stableJson,
} from './resource.ts';
import { isUnknown } from './unknown.ts';

export type Action = 'create' | 'update' | 'replace' | 'delete' | 'adopt';

export interface PlannedChange {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly action: Action;
  readonly fields: readonly FieldChange[];
}

/** What apply would do, as a value. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly unchanged: readonly string[];
  /** Outputs of everything that exists already and stays. */
  readonly outputs: Readonly<Record<string, OutputValues>>;
  /** Stands for everything observed and wanted; a saved plan is stale when it differs. */
  readonly fingerprint: string;
}

/** The judgement on one resource, with what it was made from. */
export interface Judged {
  readonly action: Action | 'unchanged';
  readonly fields: readonly FieldChange[];
  readonly want: unknown;
  readonly have: unknown;
}

export interface PlanOptions<Tools> {
  readonly tools: Tools;
  readonly signal: AbortSignal;
}

/** Reads at the same time; ARM allows 25 per second and principal for long. */
const READ_CONCURRENCY = 8;

/**
 * Compares the stack with the cloud and changes nothing.
 *
 * @throws what the first failing read threw
 */
export async function makePlan<Tools>(stack: Stack<Tools>, options: PlanOptions<Tools>): Promise<Plan> {
  const known = new KnownOutputs();
  const walking = { concurrency: READ_CONCURRENCY, signal: options.signal };
  const outcomes = await walk(stack.resources, walking, async (resource) => {
    const judged = await judge(resource, options.tools, known);
    known.set(resource.id, outputsAfter(resource, judged));
    return judged;
  });
  options.signal.throwIfAborted();
  const judgements = new Map<string, Judged>();
  for (const [id, outcome] of outcomes) {
    if (outcome.kind === 'failed') throw outcome.error;
    if (outcome.kind === 'done') judgements.set(id, outcome.result);
  }
  const leftovers = await findLeftovers(stack, options.tools);
  return assemble(stack, judgements, leftovers, known);
}

/** What must happen to one resource, given the outputs known so far. Used while planning and again while applying. */
export async function judge<Tools>(
  resource: Resource<Tools>,
  tools: Tools,
  known: KnownOutputs,
): Promise<Judged> {
  const want = resource.desired(known.for(resource));
  if (isUnknown(resource.locate(want))) return { action: 'create', fields: [], want, have: undefined };
  const found = await resource.read(tools, want);
  if (found === undefined) return { action: 'create', fields: [], want, have: undefined };
  const { have, ownership } = found;
  if (ownership === 'foreign') throw foreign(resource);
  const fields = resource.diff(want, have).map(hideUnknown);
  if (ownership === 'adoptable') return { action: 'adopt', fields, want, have };
  if (fields.length === 0) return { action: 'unchanged', fields, want, have };
  const action = fields.some((field) => field.replaces === true) ? 'replace' : 'update';
  if (action === 'replace' && ownership === 'adopted') throw foreign(resource);
  return { action, fields, want, have };
}

function foreign(resource: { readonly label: string; readonly id: string }): SmartfhirError {
  return new SmartfhirError('NOT_OURS', `${resource.label} exists and carries no mark of this environment`, {
    why: `${resource.id} would take over something that smartfhir did not make`,
  });
}

/** Things that carry our mark and that the stack no longer wants. */
export async function findLeftovers<Tools>(
  stack: Stack<Tools>,
  tools: Tools,
): Promise<readonly Leftover<Tools>[]> {
  const wanted = new Set(stack.resources.map((resource) => resource.id));
  const found = await Promise.all(stack.finders.map((finder) => finder(tools)));
  return found.flat().filter((leftover) => !wanted.has(leftover.id));
}

function hideUnknown(change: FieldChange): FieldChange {
  return change.to !== null && isUnknown(change.to) ? { ...change, to: null } : change;
}

function outputsAfter(resource: Resource<unknown>, judged: Judged): OutputValues | 'unknown' {
  const stays = judged.action === 'unchanged' || judged.action === 'update' || judged.action === 'adopt';
  return stays ? resource.outputs(judged.have) : 'unknown';
}

function assemble<Tools>(
  stack: Stack<Tools>,
  judgements: ReadonlyMap<string, Judged>,
  leftovers: readonly Leftover<Tools>[],
  known: KnownOutputs,
): Plan {
  const changes: PlannedChange[] = [];
  const unchanged: string[] = [];
  const print = createHash('sha256');
  for (const resource of stack.resources) {
    const judged = judgements.get(resource.id);
    if (judged === undefined) continue;
    const { id, type, label } = resource;
    print.update(stableJson([id, judged.action, judged.fields, judged.want]));
    if (judged.action === 'unchanged') unchanged.push(id);
    else changes.push({ id, type, label, action: judged.action, fields: judged.fields });
  }
  for (const { id, type, label } of leftovers) {
    print.update(stableJson([id, 'delete']));
    changes.push({ id, type, label, action: 'delete', fields: [] });
  }
  return { changes, unchanged, outputs: known.all(), fingerprint: print.digest('hex') };
}
