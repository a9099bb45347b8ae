/** One result object of Inferno's `results.json`; groups have no `test_id`. */
export interface InfernoResult {
  readonly short_id: string;
  readonly result: string;
  readonly result_message?: string | null;
  readonly required?: boolean;
  readonly test_id?: string | null;
  readonly title?: string;
}

export interface Expectation {
  readonly result: string;
  /** For people: why it is not a pass. */
  readonly why?: string;
}

/** Short id of a test → what is expected of it. */
export type Expected = Readonly<Record<string, Expectation>>;

export interface Comparison {
  /** One line for each test that is not as expected, in either direction. */
  readonly surprises: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Required tests that failed or ended in an error, expected or not. */
  readonly failed: readonly string[];
}

export function testsOf(results: readonly InfernoResult[]): readonly InfernoResult[] {
  return results.filter((result) => typeof result.test_id === 'string');
}

/**
 * Compares one run with what is expected of the groups that ran. A test that is missing, new, better or worse than
 * expected, that ran twice, and an expectation other than a pass without a reason are all surprises.
 */
export function compare(
  results: readonly InfernoResult[],
  expected: Expected,
  groups: readonly string[],
): Comparison {
  const tests = testsOf(results);
  const actual = new Map(tests.map((test) => [test.short_id, test]));
  const wanted = Object.keys(expected).filter((id) => isWithin(id, groups));
  const surprises = [...new Set([...actual.keys(), ...wanted])].flatMap((id) => {
    const got = actual.get(id);
    const want = expected[id];
    if (got?.result !== want?.result) {
      const message = got?.result_message ?? '';
      return [`${id} expected ${want?.result ?? 'nothing'}, got ${got?.result ?? 'nothing'}  ${message}`];
    }
    const explained = want?.result === 'pass' || (want?.why ?? '').trim() !== '';
    return explained ? [] : [`${id} expected ${want?.result} without saying why`];
  });
  const counts: Record<string, number> = {};
  for (const { result } of tests) counts[result] = (counts[result] ?? 0) + 1;
  if (tests.length !== actual.size) surprises.push(`${tests.length - actual.size} tests have two results`);
  const failed = tests.filter(
    (test) => test.required !== false && /^(fail|error|cancel|wait)$/.test(test.result),
  );
  return { surprises, counts, failed: failed.map((test) => test.short_id) };
}

/** The expectations with what these groups gave; reasons that people wrote stay where the result did. */
export function updated(
  expected: Expected,
  results: readonly InfernoResult[],
  groups: readonly string[],
): Expected {
  const kept = Object.entries(expected).filter(([id]) => !isWithin(id, groups));
  const made = testsOf(results).map(({ short_id: id, result }): [string, Expectation] => {
    if (result === 'pass') return [id, { result }];
    const before = expected[id];
    return [id, { result, why: before?.result === result ? (before.why ?? '') : '' }];
  });
  return Object.fromEntries(
    [...kept, ...made].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })),
  );
}

function isWithin(id: string, groups: readonly string[]): boolean {
  return groups.some((group) => id === group || id.startsWith(`${group}.`));
}
