import type { Clock } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { Redactor } from '../../core/redact.ts';
import {
  type CheckResult,
  type LaunchReport,
  type Outcome,
  type ResultDocument,
  summarise,
} from '../../core/result.ts';
import type { FetchLike } from '../../core/target.ts';
import { oneLine } from '../../core/terminal-text.ts';
import { Recorder, type Wire } from '../recorder.ts';
import { profileSecrets, type ServerProfile } from '../server-profile.ts';

export interface SequenceOptions {
  readonly profile: ServerProfile;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** What a step says of itself. */
export interface StepOutcome<T> {
  readonly value: T;
  readonly message?: string;
  /** A finding that does not end the launch. */
  readonly warn?: boolean;
  /** What to do about the finding. */
  readonly fix?: string;
}

interface Step {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly message: string | null;
  readonly fix: string | null;
}

/** Milliseconds for one exchange of a launch. */
const EXCHANGE_BUDGET_MS = 30_000;

/** The steps of one launch in order, each with its own exchanges. After a failure the others are skipped. */
export class Sequence {
  readonly #options: SequenceOptions;
  readonly #recorder: Recorder;
  readonly #redactor = new Redactor();
  readonly #steps: Step[] = [];
  readonly #started: number;
  #broken: string | undefined;

  constructor(options: SequenceOptions) {
    this.#options = options;
    this.#started = options.clock.now();
    for (const secret of profileSecrets(options.profile)) this.#redactor.addSecret(secret);
    this.#recorder = new Recorder({
      fetch: options.fetch,
      redactor: this.#redactor,
      clock: options.clock,
      concurrency: 1,
      limits: { budgetMs: EXCHANGE_BUDGET_MS, signal: options.signal },
    });
  }

  get ended(): boolean {
    return this.#broken !== undefined;
  }

  /** Runs one step; undefined when it failed or an earlier one did. */
  async step<T>(
    id: string,
    title: string,
    work: (wire: Wire) => Promise<StepOutcome<T>>,
  ): Promise<T | undefined> {
    if (this.#broken !== undefined) {
      this.#push(id, title, 'skip', `after ${this.#broken}`, null);
      return undefined;
    }
    try {
      const { value, message, warn, fix } = await work(this.#recorder.wire(id));
      this.#push(id, title, warn === true ? 'warn' : 'pass', message ?? null, fix ?? null);
      return value;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (!(error instanceof SmartfhirError)) throw error;
      const outcome = error.code === 'UNREACHABLE' || error.code === 'TIMEOUT' ? 'error' : 'fail';
      this.#push(id, title, outcome, `${error.message} (${error.why})`, error.fix);
      this.#broken = id;
      return undefined;
    }
  }

  document(launch: LaunchReport): ResultDocument & { readonly launch: LaunchReport } {
    const { list, numbers } = this.#recorder.exchanges(this.#steps.map((step) => step.id));
    const results = this.#steps.map(
      (step): CheckResult => ({
        ...step,
        group: 'launch',
        severity: 'error',
        specs: [],
        requirements: [],
        inferno: [],
        exchanges: [...numbers]
          .filter(([reference]) => reference.startsWith(`${step.id}#`))
          .map(([, n]) => n),
      }),
    );
    const document = {
      schema: 'smartfhir/result/v1' as const,
      tool: { name: 'smartfhir' as const, version: this.#options.version },
      target: { fhirUrl: this.#options.profile.fhirUrl },
      startedAt: new Date(this.#started).toISOString(),
      durationMs: this.#options.clock.now() - this.#started,
      incomplete: results.some((result) => result.outcome === 'error'),
      summary: summarise(results),
      results,
      exchanges: list,
      launch: this.#redactor.json(launch) as LaunchReport,
    };
    return this.#redactor.strings(document);
  }

  #push(id: string, title: string, outcome: Outcome, message: string | null, fix: string | null): void {
    const text = message === null ? null : oneLine(this.#redactor.text(this.#redactor.url(message)));
    this.#steps.push({ id, title, outcome, message: text, fix: outcome === 'pass' ? null : fix });
  }
}
