import type { Clock } from '../core/clock.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import type { Recorder } from '../smart/recorder.ts';
import type { ServerProfile } from '../smart/server-profile.ts';
import { type Evidence, type Gathered, type Probe, Unavailable } from './evidence/evidence.ts';

/** One evidence as it is kept in the result document: judged live and from file alike. */
export type KeptEvidence =
  | { readonly state: 'gathered'; readonly facts: unknown }
  | { readonly state: 'unavailable'; readonly outcome: 'skip' | 'na' | 'error'; readonly reason: string };

export interface GathererOptions {
  readonly profile: ServerProfile;
  readonly recorder: Recorder;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What an earlier gatherer found and need not be found again. */
  readonly known?: ReadonlyMap<string, Promise<Settled>>;
}

export type Settled =
  | { readonly kind: 'gathered'; readonly value: Gathered<unknown, unknown> }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Gathers each evidence at most once per run, whoever asks first. */
export class Gatherer {
  readonly #options: GathererOptions;
  readonly #settled: Map<string, Promise<Settled>>;
  readonly #uses = new Map<string, Set<string>>();

  constructor(options: GathererOptions) {
    this.#options = options;
    this.#settled = new Map(options.known);
  }

  get settled(): ReadonlyMap<string, Promise<Settled>> {
    return this.#settled;
  }

  /** Which evidence asked for which, directly. */
  get uses(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#uses;
  }

  /** Redacted facts of one evidence, or why there are none. Never throws. */
  async keep(evidence: Evidence<unknown, unknown>): Promise<KeptEvidence> {
    const settled = await this.#settle(evidence);
    if (settled.kind === 'failed') return this.#unavailable(settled.error);
    const { redactor } = this.#options;
    return {
      state: 'gathered',
      facts: redactor.json(JSON.parse(JSON.stringify(settled.value.facts ?? null))),
    };
  }

  #unavailable(error: unknown): KeptEvidence {
    if (this.#options.signal.aborted) {
      return {
        state: 'unavailable',
        outcome: 'error',
        reason: 'the run was stopped before this could be gathered',
      };
    }
    const reason = this.#options.redactor.text(this.#options.redactor.url(describeFailure(error)));
    if (error instanceof Unavailable) return { state: 'unavailable', outcome: error.outcome, reason };
    return { state: 'unavailable', outcome: 'error', reason };
  }

  #settle(evidence: Evidence<unknown, unknown>): Promise<Settled> {
    const known = this.#settled.get(evidence.id);
    if (known !== undefined) return known;
    const made = evidence.gather(this.#probe(evidence.id)).then(
      (value): Settled => ({ kind: 'gathered', value }),
      (error: unknown): Settled => ({ kind: 'failed', error }),
    );
    this.#settled.set(evidence.id, made);
    return made;
  }

  #probe(id: string): Probe {
    const { profile, recorder, clock, signal } = this.#options;
    const uses = new Set<string>();
    this.#uses.set(id, uses);
    return {
      profile,
      clock,
      signal,
      wire: recorder.wire(id),
      use: async <F, L>(evidence: Evidence<F, L>): Promise<L> => {
        uses.add(evidence.id);
        const settled = await this.#settle(evidence as Evidence<unknown, unknown>);
        if (settled.kind === 'gathered') return settled.value.live as L;
        if (settled.error instanceof Unavailable) throw settled.error;
        // What broke is reported once, by the evidence it broke in; everything built on it only lost its basis.
        throw new Unavailable('skip', `what it builds on could not be gathered: ${messageOf(settled.error)}`);
      },
    };
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof SmartfhirError) return `${error.code}: ${error.message} (${error.why})`;
  return messageOf(error);
}
