import type { Check } from '../../src/checks/check.ts';
import { Gatherer, type KeptEvidence, type Settled } from '../../src/checks/gatherer.ts';
import { checks } from '../../src/checks/index.ts';
import { judgeCheck } from '../../src/checks/judge.ts';
import { evidenceOf } from '../../src/checks/runner.ts';
import { scaledClock } from '../../src/core/clock.ts';
import { Redactor } from '../../src/core/redact.ts';
import type { CheckResult } from '../../src/core/result.ts';
import { Recorder, type SourcedFetch } from '../../src/smart/recorder.ts';
import { profileSecrets } from '../../src/smart/server-profile.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';
import { readAsked } from './asked.ts';
import type { Fault } from './fault.ts';
import { newMemory, remember } from './memory.ts';

/** What a fault did to the verdicts. */
export interface Effect {
  /** Checks that fail or warn now, or could not be made: one defect must not break what judges another. */
  readonly red: readonly string[];
  /** Checks that lost their evidence, with outcome and reason. */
  readonly lost: readonly { readonly id: string; readonly outcome: string; readonly reason: string | null }[];
  /** Of the lost: those whose reason does not lead to the defect. */
  readonly astray: readonly string[];
  /** Evidence whose requests the fault concerned in a sound run. */
  readonly touched: readonly string[];
  readonly results: readonly CheckResult[];
}

/** Waits between polls shrink by this; nothing else is changed. */
const TIME_SCALE = 0.1;

/**
 * One provisioned stack, judged once while sound. A fault is then judged by gathering again only what it can
 * reach: evidence whose requests it concerns, what was built on that, and what that is built on.
 */
export class FaultLab {
  readonly #stack: ProvisionedStack;
  readonly #memory = newMemory();
  readonly #kept = new Map<string, KeptEvidence>();
  readonly #evidence = evidenceOf(checks);
  readonly #touches = new Map<Fault, Set<string>>();
  #uses: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #settled: ReadonlyMap<string, Promise<Settled>> = new Map();
  baseline: readonly CheckResult[] = [];

  private constructor(stack: ProvisionedStack) {
    this.#stack = stack;
  }

  static async open(snapshot: string, faults: readonly Fault[]): Promise<FaultLab> {
    const lab = new FaultLab(await restoreStack(snapshot));
    for (const fault of faults) lab.#touches.set(fault, new Set());
    await lab.#judgeSound();
    return lab;
  }

  async close(): Promise<void> {
    await this.#stack.close();
  }

  async run(fault: Fault): Promise<Effect> {
    const touched = this.#touches.get(fault) ?? new Set<string>();
    const again = this.#reach(touched);
    const known = new Map([...this.#settled].filter(([id]) => !again.has(id)));
    const gatherer = this.#gatherer(known, this.#front(fault));
    const kept = new Map(this.#kept);
    const needed = this.#evidence.filter((evidence) => again.has(evidence.id));
    await Promise.all(needed.map(async (evidence) => kept.set(evidence.id, await gatherer.keep(evidence))));
    const results = checks.map((check) => this.#judge(check, kept));
    const before = new Map(this.baseline.map((result) => [result.id, result]));
    const lost = results.filter(
      (result) => isLost(result) && before.get(result.id)?.outcome !== result.outcome,
    );
    const red = results.filter((result) => isRed(result)).map((result) => result.id);
    return {
      red,
      lost: lost.map(({ id, outcome, message }) => ({ id, outcome, reason: message })),
      astray: lost.flatMap((result) => straying(result, red)),
      touched: [...touched],
      results,
    };
  }

  async #judgeSound(): Promise<void> {
    const gatherer = this.#gatherer(new Map(), this.#front(undefined));
    await Promise.all(
      this.#evidence.map(async (evidence) => this.#kept.set(evidence.id, await gatherer.keep(evidence))),
    );
    this.#uses = gatherer.uses;
    this.#settled = gatherer.settled;
    this.baseline = checks.map((check) => this.#judge(check, this.#kept));
  }

  #gatherer(known: ReadonlyMap<string, Promise<Settled>>, fetch: SourcedFetch): Gatherer {
    const { profile } = this.#stack;
    const redactor = new Redactor();
    for (const secret of profileSecrets(profile)) redactor.addSecret(secret);
    const clock = scaledClock(TIME_SCALE);
    const recorder = new Recorder({ fetch, redactor, clock, concurrency: 6 });
    const { signal } = new AbortController();
    return new Gatherer({ profile, recorder, redactor, clock, signal, known });
  }

  /** Everything between the probes and the stack: the fault, and a memory of what passed. */
  #front(fault: Fault | undefined): SourcedFetch {
    const next = (request: Request): Promise<Response> => this.#stack.cloud.fetch(request);
    return async (request, source) => {
      const asked = await readAsked(request, this.#memory, this.#stack.profile);
      if (fault === undefined) {
        for (const [candidate, sources] of this.#touches) if (candidate.on(asked)) sources.add(source);
      }
      const concerned = fault?.on(asked) === true;
      const response =
        concerned && fault !== undefined ? await fault.answer(asked, next) : await next(request);
      await remember(asked, response);
      return response;
    };
  }

  /** What must be gathered again: the touched, their descendants, and the ancestors of all these. */
  #reach(touched: ReadonlySet<string>): ReadonlySet<string> {
    const reached = new Set(touched);
    for (let grown = true; grown; ) {
      grown = false;
      for (const [user, used] of this.#uses) {
        if (!reached.has(user) && [...used].some((id) => reached.has(id))) {
          reached.add(user);
          grown = true;
        }
      }
    }
    const ancestors = [...reached];
    for (const id of ancestors) {
      for (const used of this.#uses.get(id) ?? []) {
        if (reached.has(used)) continue;
        reached.add(used);
        ancestors.push(used);
      }
    }
    return reached;
  }

  #judge(check: Check, kept: ReadonlyMap<string, KeptEvidence>): CheckResult {
    return judgeCheck(check, { evidence: Object.fromEntries(kept), numbers: new Map() });
  }
}

/** A violated check carries its fix, whatever its severity makes of the outcome. */
export function isRed(result: CheckResult): boolean {
  return result.fix !== null || result.outcome === 'error';
}

/** What a server does not offer does not apply to it: these checks judge offers, and others judge what is offered. */
const OFFERS: ReadonlySet<string> = new Set([
  'discovery/introspection-endpoint',
  'discovery/revocation-endpoint',
  'security/asymmetric-offered',
]);

/** Names of evidence are ours: no reader of a reason knows them. */
const OUR_WORDS: readonly string[] = evidenceOf(checks)
  .map(({ id }) => id)
  .filter((id) => /[A-Z]/.test(id));

/** A lost check is skipped, and its reason names a check that is red. */
function straying({ id, outcome, message }: CheckResult, red: readonly string[]): readonly string[] {
  const said = `${id}: ${outcome} ${message}`;
  if (OUR_WORDS.some((word) => message?.includes(word))) return [said];
  if (outcome === 'na') return red.some((check) => OFFERS.has(check)) ? [] : [said];
  return red.some((check) => message?.includes(check)) ? [] : [said];
}

function isLost(result: CheckResult): boolean {
  return result.outcome === 'skip' || result.outcome === 'na';
}
