/** RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, RFC 7009. */
export type OAuthErrorCode =
  | 'access_denied'
  | 'interaction_required'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

/** A refusal in OAuth's words. The description is safe to send: it quotes nothing secret. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;
  /** Only for the log. */
  readonly detail: string | undefined;

  constructor(code: OAuthErrorCode, description: string, options: { status?: number; detail?: string } = {}) {
    super(description);
    this.code = code;
    this.status = options.status ?? DEFAULT_STATUS[code] ?? 400;
    this.detail = options.detail;
  }
}

const DEFAULT_STATUS: Partial<Record<OAuthErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  server_error: 500,
  temporarily_unavailable: 503,
};

export const NO_STORE: Readonly<Record<string, string>> = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** The JSON answer of token, introspection, revocation and launch endpoints. */
export function oauthErrorResponse(error: OAuthError, correlationId: string): Response {
  return Response.json(
    { error: error.code, error_description: error.message, correlation_id: correlationId },
    {
      status: error.status,
      headers: {
        ...NO_STORE,
        ...(error.status === 401
          ? {
              'www-authenticate':
                error.code === 'invalid_client' ? 'Basic realm="smartfhir"' : 'Bearer error="invalid_token"',
            }
          : {}),
      },
    },
  );
}
