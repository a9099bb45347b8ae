export type IssueCode =
  | 'business-rule'
  | 'conflict'
  | 'exception'
  | 'forbidden'
  | 'invalid'
  | 'login'
  | 'not-found'
  | 'not-supported'
  | 'throttled'
  | 'too-long'
  | 'transient';

/** A refusal in FHIR's words, with the OAuth challenge of RFC 6750 where one belongs. */
export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly status: number;
  readonly issue: IssueCode;
  readonly challenge: string | undefined;

  constructor(status: number, issue: IssueCode, diagnostics: string, challenge?: string) {
    super(diagnostics);
    this.status = status;
    this.issue = issue;
    this.challenge = challenge;
  }
}

/** RFC 6750 section 3.1: no credentials, no error code. */
export function noToken(): FhirError {
  return new FhirError(401, 'login', 'an access token is required', 'Bearer realm="smartfhir"');
}

export function invalidToken(why: string): FhirError {
  return new FhirError(
    401,
    'login',
    why,
    `Bearer realm="smartfhir", error="invalid_token", error_description="${why}"`,
  );
}

export function insufficientScope(why: string): FhirError {
  const text = why.replaceAll('"', "'");
  return new FhirError(
    403,
    'forbidden',
    why,
    `Bearer realm="smartfhir", error="insufficient_scope", error_description="${text}"`,
  );
}

/** Hidden and absent look the same. */
export function notFound(): FhirError {
  return new FhirError(404, 'not-found', 'there is no such resource, or it is not visible to this token');
}

export function operationOutcome(error: FhirError, correlationId: string): object {
  return {
    resourceType: 'OperationOutcome',
    id: correlationId,
    issue: [{ severity: 'error', code: error.issue, diagnostics: error.message }],
  };
}

export function fhirErrorResponse(error: FhirError, correlationId: string): Response {
  return new Response(JSON.stringify(operationOutcome(error, correlationId)), {
    status: error.status,
    headers: {
      'content-type': 'application/fhir+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': correlationId,
      ...(error.challenge === undefined ? {} : { 'www-authenticate': error.challenge }),
    },
  });
}
