/** An issue of an OperationOutcome as the service writes it. */
export interface Issue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  readonly code: string;
  readonly diagnostics: string;
  readonly expression?: readonly string[];
}

/** A refusal with the service's own status, issue code and text. */
export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    diagnostics: string,
    options: { readonly headers?: Record<string, string>; readonly expression?: readonly string[] } = {},
  ) {
    super(diagnostics);
    this.status = status;
    const expression = options.expression === undefined ? {} : { expression: options.expression };
    this.issues = [{ severity: 'error', code, diagnostics, ...expression }];
    this.headers = options.headers ?? {};
  }
}

export function badRequest(diagnostics: string): FhirError {
  return new FhirError(400, 'invalid', diagnostics);
}

/** The text says nothing about the cause, as on the service. */
export function forbidden(): FhirError {
  return new FhirError(403, 'forbidden', 'Authorization failed.');
}

/** A search the service understands but refuses; it answers these with 403. */
export function searchRefused(diagnostics: string): FhirError {
  return new FhirError(403, 'forbidden', diagnostics);
}

export function notFound(diagnostics: string): FhirError {
  return new FhirError(404, 'not-found', diagnostics);
}

/** What the real service can do and this one cannot: refused aloud, never guessed. */
export class NotImitated extends FhirError {
  constructor(what: string) {
    super(501, 'not-supported', `${what} is not imitated by this stand-in.`);
  }
}

/** @param at ISO instant; absent on answers of the outermost handlers */
export function operationOutcome(id: string, issues: readonly Issue[], at?: string): Record<string, unknown> {
  return {
    resourceType: 'OperationOutcome',
    id,
    ...(at === undefined ? {} : { meta: { lastUpdated: at } }),
    issue: issues,
  };
}
