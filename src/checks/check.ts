import type { Severity } from '../core/result.ts';
import type { Evidence } from './evidence/evidence.ts';

/** The judgement of one fact. `at` names recorded exchanges. */
export type Verdict =
  | { readonly outcome: 'pass'; readonly message?: string }
  | {
      readonly outcome: 'fail';
      readonly message: string;
      readonly fix?: string;
      readonly at?: readonly string[];
    }
  | { readonly outcome: 'na' | 'skip'; readonly message: string };

// biome-ignore lint/suspicious/noExplicitAny: a record of evidences of any facts; `Facts` gives each its type back.
export type Needs = Readonly<Record<string, Evidence<any, any>>>;

/** What each named evidence offers for judgement: its facts, after redaction. */
export type Facts<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends Evidence<infer F, infer _> ? F : never;
};

export interface CheckMeta<N extends Needs> {
  /** `group/name`, also the path of the file. */
  readonly id: string;
  /** The fact, stated as it should be. */
  readonly title: string;
  readonly severity: Severity;
  /** Clauses of the specifications. */
  readonly specs: readonly string[];
  /** Rows of the requirements table. */
  readonly requirements: readonly string[];
  /** Related tests of Inferno's (g)(10) suite, by short number. */
  readonly inferno: readonly string[];
  readonly needs: N;
  /** What to do when it fails, unless the verdict knows better. */
  readonly fix: string;
}

export interface CheckDefinition<N extends Needs> {
  readonly meta: CheckMeta<N>;
  /** A pure function of the facts. */
  judge(facts: Facts<N>): Verdict;
}

/** A check among others: the types of its evidence are forgotten. */
export interface Check {
  readonly meta: CheckMeta<Needs>;
  judge(facts: Readonly<Record<string, unknown>>): Verdict;
}

export function defineCheck<N extends Needs>(definition: CheckDefinition<N>): CheckDefinition<N> & Check {
  return definition as CheckDefinition<N> & Check;
}

export function pass(message?: string): Verdict {
  return message === undefined ? { outcome: 'pass' } : { outcome: 'pass', message };
}

export function fail(message: string, detail: { fix?: string; at?: readonly string[] } = {}): Verdict {
  return { outcome: 'fail', message, ...detail };
}

/** The fact does not apply to this server. */
export function notApplicable(message: string): Verdict {
  return { outcome: 'na', message };
}

/** The fact cannot be judged from what was gathered, for this reason. */
export function skip(message: string): Verdict {
  return { outcome: 'skip', message };
}

/** Pass when there is no problem, else fail with it. */
export function judge(
  problem: string | undefined,
  detail: { fix?: string; at?: readonly string[] } = {},
): Verdict {
  return problem === undefined ? pass() : fail(problem, detail);
}

export function groupOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
