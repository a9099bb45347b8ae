export type Expectation = 'SHALL' | 'SHOULD' | 'MAY' | (string & {});

/** What US Core's capability statement expects of one resource type; each record maps a name to its expectation. */
export interface UsCoreSearch {
  readonly profiles: readonly string[];
  readonly interactions: Readonly<Record<string, Expectation>>;
  readonly params: Readonly<Record<string, Expectation>>;
  /** Combinations joined by `+`: `patient+category+date`. */
  readonly combos: Readonly<Record<string, Expectation>>;
  /** `MedicationRequest:medication`. */
  readonly includes: Readonly<Record<string, Expectation>>;
  readonly revincludes: Readonly<Record<string, Expectation>>;
  /** `date:ge`. */
  readonly comparators: Readonly<Record<string, Expectation>>;
  readonly multipleOr: Readonly<Record<string, Expectation>>;
}

/** Elements of one profile; `path=value` where the profile fixes the value, `path:slice` for slices. */
export interface UsCoreElements {
  readonly resource: string;
  readonly mandatory: readonly string[];
  readonly mustSupport: readonly string[];
  readonly extensions: readonly string[];
  readonly slices: readonly string[];
  readonly choices: readonly string[];
  /** Must support only because USCDI asks for it. */
  readonly uscdi: readonly string[];
}
