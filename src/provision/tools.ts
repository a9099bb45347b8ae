import type { ApiManagement } from '../azure/api-management.ts';
import type { Arm } from '../azure/arm.ts';
import type { AuthorizedHttp } from '../azure/authorized-http.ts';
import { failureOf } from '../azure/failure.ts';
import type { Graph } from '../azure/graph.ts';
import type { Healthcare } from '../azure/healthcare.ts';
import type { KeyVault } from '../azure/key-vault.ts';
import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import { retry } from '../core/retry.ts';
import type { Target } from '../core/target.ts';
import type { Account } from './account.ts';
import type { Step } from './engine/resource.ts';
import type { Names } from './names.ts';
import type { Owner } from './owner.ts';

/** What every resource works with. */
export interface Tools {
  readonly arm: Arm;
  readonly graph: Graph;
  readonly vault: KeyVault;
  readonly healthcare: Healthcare;
  readonly apiManagement: ApiManagement;
  readonly http: AuthorizedHttp;
  readonly target: Target;
  readonly account: Account;
  readonly names: Names;
  readonly owner: Owner;
  readonly clock: Clock;
  readonly step: Step;
  /** Repeats `work` while Azure refuses it for a reason that passes by itself. */
  untilEffective<T>(what: string, work: () => Promise<T>, passes?: PassingRefusal): Promise<T>;
}

/** Does this refusal pass by itself, once roles or identities are known everywhere? */
export type PassingRefusal = (status: number, codes: readonly string[], message: string) => boolean;

/** A role that was just assigned counts within 10 minutes; 15 leave room (Azure RBAC troubleshooting). */
const EFFECT_BUDGET_MS = 15 * MINUTE;
const FIRST_WAIT_MS = SECOND;
const LONGEST_WAIT_MS = 15 * SECOND;

const roleNotEffective: PassingRefusal = (status) => status === 403 || status === 401;

export interface ToolParts {
  readonly target: Target;
  readonly http: AuthorizedHttp;
  readonly clock: Clock;
  readonly account: Account;
  readonly names: Names;
  readonly owner: Owner;
}

/** Loads the ports once, one after the other (parallel imports of Azure SDKs crash Node), and makes tools per step. */
export async function toolFactory(parts: ToolParts): Promise<(step: Step) => Tools> {
  const { Arm } = await import('../azure/arm.ts');
  const { Graph } = await import('../azure/graph.ts');
  const { KeyVault } = await import('../azure/key-vault.ts');
  const { Healthcare } = await import('../azure/healthcare.ts');
  const { ApiManagement } = await import('../azure/api-management.ts');
  const { target, http, clock, account } = parts;
  const { endpoints, fetch, credential } = target;
  const memory = { created: false };
  return (step) => {
    const sdk = {
      fetch,
      credential,
      clock,
      armBase: endpoints.arm,
      subscriptionId: account.subscriptionId,
      watch: step,
    };
    const once = <T>(make: () => T): (() => T) => {
      let made: T | undefined;
      return () => (made ??= make());
    };
    const healthcare = once(() => new Healthcare(sdk));
    const apiManagement = once(() => new ApiManagement(sdk));
    const graphOptions = { fetch, http, clock, base: endpoints.graph, signal: step.signal, memory };
    return {
      ...parts,
      step,
      arm: new Arm(http, clock, endpoints.arm, step),
      graph: new Graph({ ...graphOptions, waiting: (text) => step.waiting(text) }),
      vault: new KeyVault(http, endpoints.vaultSuffix),
      get healthcare() {
        return healthcare();
      },
      get apiManagement() {
        return apiManagement();
      },
      untilEffective: (what, work, passes = roleNotEffective) =>
        untilEffective(parts, step, what, work, passes),
    };
  };
}

function untilEffective<T>(
  { clock, http }: ToolParts,
  step: Step,
  what: string,
  work: () => Promise<T>,
  passes: PassingRefusal,
): Promise<T> {
  return retry(work, {
    clock,
    signal: step.signal,
    budgetMs: EFFECT_BUDGET_MS,
    firstWaitMs: FIRST_WAIT_MS,
    maxWaitMs: LONGEST_WAIT_MS,
    reason: (error) => {
      const failure = failureOf(error);
      return failure !== undefined && passes(failure.status, failure.codes, failure.message)
        ? what
        : undefined;
    },
    onRetry: () => {
      http.forgetTokens();
      step.waiting(`until ${what} takes effect`);
    },
  });
}
