/**
 * A refusal by Microsoft Graph: `{error: {code, message, details?, innerError}}` (Graph: error responses).
 */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly { code: string; message: string; target?: string }[];

  constructor(status: number, code: string, message: string, details: GraphError['details'] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function badRequest(message: string, details: GraphError['details'] = []): GraphError {
  return new GraphError(400, 'Request_BadRequest', message, details);
}

export function notFound(id: string, status = 404): GraphError {
  return new GraphError(
    status,
    status === 404 ? 'Request_ResourceNotFound' : 'Request_BadRequest',
    `Resource '${id.slice(0, 256)}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** What Graph has and the laptop cloud has not. */
export function notImplemented(what: string): GraphError {
  return new GraphError(501, 'notImplemented', `The laptop cloud's Microsoft Graph does not have ${what}.`);
}
