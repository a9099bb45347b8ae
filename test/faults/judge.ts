import { checks } from '../../src/checks/index.ts';
import { runChecks } from '../../src/checks/runner.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CheckResult, Outcome } from '../../src/core/result.ts';
import type { Wrap } from '../../src/local/router.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';
import { type Fault, type Memory, RED } from './fault.ts';

/** What a fault did, compared with the undisturbed run. */
export interface Verdict {
  /** Ids that turned red. */
  readonly red: readonly string[];
  /** Ids that were judged before and are not now. */
  readonly lost: readonly string[];
  readonly results: readonly CheckResult[];
}

/** One provisioned stack over which faults are played one after the other. */
export class FaultBench {
  readonly #stack: ProvisionedStack;
  readonly #baseline: ReadonlyMap<string, Outcome>;
  readonly #current: { fault: Fault | undefined; memory: Memory };

  private constructor(
    stack: ProvisionedStack,
    baseline: ReadonlyMap<string, Outcome>,
    current: { fault: Fault | undefined; memory: Memory },
  ) {
    this.#stack = stack;
    this.#baseline = baseline;
    this.#current = current;
  }

  static async open(snapshot: string): Promise<FaultBench> {
    const current: { fault: Fault | undefined; memory: Memory } = { fault: undefined, memory: new Map() };
    let stack: ProvisionedStack | undefined;
    const wrap: Wrap = async (standIn, request, next) => {
      if (stack === undefined || current.fault?.wrap === undefined) return next(request);
      const { fabric } = stack.cloud;
      const passage = { standIn, request, url: new URL(request.url), next, fabric };
      return (await current.fault.wrap(passage, current.memory)) ?? next(request);
    };
    stack = await restoreStack(snapshot, wrap);
    const baseline = new Map((await judge(stack, undefined)).map(({ id, outcome }) => [id, outcome]));
    return new FaultBench(stack, baseline, current);
  }

  /** Ids that are red without any fault: must be none. */
  get redWithoutFault(): readonly string[] {
    return [...this.#baseline].filter(([, outcome]) => RED.includes(outcome)).map(([id]) => id);
  }

  async play(fault: Fault): Promise<Verdict> {
    this.#current.fault = fault;
    this.#current.memory = new Map();
    try {
      const results = await judge(this.#stack, fault);
      const changed = results.filter(({ id, outcome }) => this.#baseline.get(id) !== outcome);
      const isRed = ({ outcome }: CheckResult): boolean => RED.includes(outcome);
      return {
        red: changed.filter(isRed).map(({ id }) => id),
        lost: changed.filter((result) => !isRed(result)).map(({ id }) => id),
        results,
      };
    } finally {
      this.#current.fault = undefined;
    }
  }

  close(): Promise<void> {
    return this.#stack.close();
  }
}

async function judge(stack: ProvisionedStack, fault: Fault | undefined): Promise<readonly CheckResult[]> {
  const profile = fault?.profile?.(stack.profile) ?? stack.profile;
  const document = await runChecks({
    checks,
    profile,
    fetch: stack.cloud.fetch,
    clock: systemClock,
    version: '0.0.0',
  });
  return document.results;
}
