/** The result document: one in, every report out. Keys are only ever added. */

export type Outcome = 'pass' | 'fail' | 'warn' | 'skip' | 'na' | 'waived' | 'error' | 'manual';
export type Severity = 'error' | 'warn' | 'info';

export interface RecordedExchange {
  /** 1-based number, referred to by results. */
  readonly n: number;
  /** ISO 8601 instant at which the request was sent. */
  readonly at: string;
  /** Milliseconds until the last byte of the answer. */
  readonly ms: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  } | null;
  /** Transport failure in words, null when an answer came. */
  readonly error: string | null;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly message: string | null;
  readonly fix: string | null;
  readonly specs: readonly string[];
  readonly requirements: readonly string[];
  readonly inferno: readonly string[];
  readonly exchanges: readonly number[];
}

export type Summary = { readonly total: number } & Readonly<Record<Outcome, number>>;

export interface LaunchReport {
  readonly asked: Readonly<Record<string, unknown>>;
  readonly granted: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly reads: readonly Readonly<Record<string, unknown>>[];
}

export interface ResultDocument {
  readonly schema: 'smartfhir/result/v1';
  readonly tool: { readonly name: 'smartfhir'; readonly version: string };
  readonly target: { readonly fhirUrl: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly incomplete: boolean;
  readonly summary: Summary;
  readonly results: readonly CheckResult[];
  readonly exchanges: readonly RecordedExchange[];
  readonly launch?: LaunchReport;
}

export function summarise(results: readonly Pick<CheckResult, 'outcome'>[]): Summary {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length;
  return {
    total: results.length,
    pass: count('pass'),
    fail: count('fail'),
    warn: count('warn'),
    skip: count('skip'),
    na: count('na'),
    waived: count('waived'),
    error: count('error'),
    manual: count('manual'),
  };
}
