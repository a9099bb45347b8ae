import { join } from 'node:path';
import { SmartfhirError } from '../core/errors.ts';
import { type ApplyEvent, type ApplyOptions, type ApplyResult, applyPlan } from './engine/apply.ts';
import { type DestroyItem, type DestroyResult, destroyPlanned, planDestroy } from './engine/destroy.ts';
import { openJournal, pendingWork } from './engine/journal.ts';
import { type Lock, takeLock } from './engine/lock.ts';
import { makePlan, type Plan } from './engine/plan.ts';
import { type Retained, retainedOf } from './retained.ts';
import { openSession, type ProvisionInput, type Session } from './session.ts';
import type { Tools } from './tools.ts';

/** Compares what is wanted with what is there; changes nothing. */
export async function planStack(input: ProvisionInput): Promise<Plan> {
  return planSession(await openSession(input));
}

export function planSession(session: Session): Promise<Plan> {
  return makePlan(session.stack, { tools: session.reader, signal: session.input.signal });
}

export interface ApplyInput extends ProvisionInput {
  /** Fingerprint of a plan that was shown: what would be done must still be the same. */
  readonly expected?: string;
  /** Shows the plan and asks; false ends without a change. Absent: go on. */
  readonly approve?: (plan: Plan) => Promise<boolean>;
  readonly onEvent?: (event: ApplyEvent) => void;
}

export interface ApplyOutcome {
  readonly plan: Plan;
  /** Undefined when nothing was to do, or it was not approved. */
  readonly result: ApplyResult | undefined;
}

/**
 * Plans and applies under the environment's lock. Operations that an interrupted run left behind are waited for first.
 *
 * @throws SmartfhirError `LOCKED`; `PLAN_STALE` when the plan is not the expected one
 */
export async function applyStack(input: ApplyInput): Promise<ApplyOutcome> {
  return locked(input, 'apply', async () => {
    const session = await openSession(input);
    await resumePending(session);
    const plan = await planSession(session);
    if (input.expected !== undefined && input.expected !== plan.fingerprint) throw stale();
    if (plan.changes.length === 0) return { plan, result: undefined };
    if (input.approve !== undefined && !(await input.approve(plan))) return { plan, result: undefined };
    const result = await journalled(session, 'apply', input.onEvent, (options) =>
      applyPlan(session.stack, plan, options),
    );
    return { plan, result };
  });
}

export interface DestroyInput extends ProvisionInput {
  readonly approve?: (items: readonly DestroyItem[]) => Promise<boolean>;
  readonly onEvent?: (event: ApplyEvent) => void;
}

export interface DestroyOutcome {
  readonly items: readonly DestroyItem[];
  readonly result: DestroyResult | undefined;
  /** What stays although everything of ours was ended; empty when not everything was. */
  readonly retained: readonly Retained[];
}

/** Takes away what is ours and lets go of what was adopted. */
export async function destroyStack(input: DestroyInput): Promise<DestroyOutcome> {
  return locked(input, 'destroy', async () => {
    const session = await openSession(input);
    await resumePending(session);
    const plan = await planDestroy(session.stack, { tools: session.reader, signal: input.signal });
    if (plan.items.length === 0) return { items: [], result: undefined, retained: await retainedOf(session) };
    if (input.approve !== undefined && !(await input.approve(plan.items)))
      return { items: plan.items, result: undefined, retained: [] };
    const result = await journalled(session, 'destroy', input.onEvent, (options) =>
      destroyPlanned(session.stack, plan, options),
    );
    const retained = result.complete ? await retainedOf(session) : [];
    return { items: plan.items, result, retained };
  });
}

async function locked<T>(
  { stateFolder, config, clock }: ProvisionInput,
  command: 'apply' | 'destroy',
  work: () => Promise<T>,
): Promise<T> {
  const lock: Lock = await takeLock(join(stateFolder, 'locks', `${config.env}.lock`), command, clock);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

type Journalled = ApplyOptions<Tools>;

async function journalled<T>(
  session: Session,
  command: 'apply' | 'destroy',
  onEvent: ((event: ApplyEvent) => void) | undefined,
  work: (options: Journalled) => Promise<T>,
): Promise<T> {
  const { clock, signal } = session.input;
  const journal = await openJournal(journalFolder(session.input), command, clock);
  try {
    return await work({
      tools: session.tools,
      signal,
      journal,
      now: () => clock.now(),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
  } finally {
    await journal.close();
  }
}

async function resumePending(session: Session): Promise<void> {
  for (const { id, operationUrl } of await pendingWork(journalFolder(session.input))) {
    if (operationUrl === undefined || !isOurs(session, operationUrl)) continue;
    await session.reader.arm.settleOperation(operationUrl, id);
  }
}

/** A journal is a file that others could have written: only ARM is asked. */
function isOurs(session: Session, url: string): boolean {
  return URL.canParse(url) && new URL(url).origin === new URL(session.input.target.endpoints.arm).origin;
}

function journalFolder({ stateFolder, config }: ProvisionInput): string {
  return join(stateFolder, 'journal', config.env);
}

function stale(): SmartfhirError {
  return new SmartfhirError('PLAN_STALE', 'what would be done now is not what the plan says');
}
