import type { Clock } from '../../core/clock.ts';
import type { Wire } from '../../smart/recorder.ts';
import type { ServerProfile } from '../../smart/server-profile.ts';

/** What one evidence found: facts are judged (JSON, redacted); `live` serves other evidence and is never judged. */
export interface Gathered<F, L = undefined> {
  readonly facts: F;
  readonly live: L;
}

/** What a gatherer may use. */
export interface Probe {
  readonly profile: ServerProfile;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What another evidence found; this evidence becomes unavailable when that one is. */
  use<F, L>(evidence: Evidence<F, L>): Promise<L>;
}

/** Something to know about a server: exchanges made once per run and what follows from them. */
export interface Evidence<F, L = undefined> {
  /** One word in camel case; the name under which exchanges and facts are kept. */
  readonly id: string;
  gather(probe: Probe): Promise<Gathered<F, L>>;
}

export function defineEvidence<F, L = undefined>(evidence: Evidence<F, L>): Evidence<F, L> {
  return evidence;
}

/** Why an evidence could not be had although nothing broke: checks that need it get this outcome and reason. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly outcome: 'skip' | 'na';

  constructor(outcome: 'skip' | 'na', reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

/** @throws Unavailable always */
export function unavailable(reason: string): never {
  throw new Unavailable('skip', reason);
}

/** The value, or unavailable with the reason. */
export function required<T>(value: T | undefined, reason: string): T {
  return value === undefined ? unavailable(reason) : value;
}
