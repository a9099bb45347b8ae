/**
 * The AADSTS codes this tenant answers with: the OAuth error and status each comes with (Entra ID: error code
 * reference).
 */
export const AADSTS = {
  16000: { error: 'interaction_required', status: 400 },
  28000: { error: 'invalid_request', status: 400 },
  50001: { error: 'invalid_resource', status: 400 },
  50011: { error: 'invalid_request', status: 400 },
  50027: { error: 'invalid_client', status: 401 },
  50034: { error: 'invalid_grant', status: 400 },
  50053: { error: 'invalid_grant', status: 400 },
  50055: { error: 'invalid_grant', status: 400 },
  50057: { error: 'invalid_grant', status: 400 },
  50058: { error: 'login_required', status: 400 },
  50105: { error: 'interaction_required', status: 400 },
  50126: { error: 'invalid_grant', status: 400 },
  50146: { error: 'invalid_request', status: 400 },
  50147: { error: 'invalid_request', status: 400 },
  50148: { error: 'invalid_grant', status: 400 },
  50173: { error: 'invalid_grant', status: 400 },
  50194: { error: 'invalid_request', status: 400 },
  53000: { error: 'invalid_request', status: 400 },
  54005: { error: 'invalid_grant', status: 400 },
  65001: { error: 'consent_required', status: 400 },
  65004: { error: 'access_denied', status: 400 },
  70000: { error: 'invalid_grant', status: 400 },
  70001: { error: 'unauthorized_client', status: 400 },
  70003: { error: 'unsupported_grant_type', status: 400 },
  70005: { error: 'unsupported_response_type', status: 400 },
  70007: { error: 'invalid_request', status: 400 },
  70008: { error: 'invalid_grant', status: 400 },
  70011: { error: 'invalid_scope', status: 400 },
  90002: { error: 'invalid_request', status: 400 },
  90008: { error: 'invalid_request', status: 400 },
  90009: { error: 'invalid_request', status: 400 },
  90013: { error: 'invalid_request', status: 400 },
  90014: { error: 'invalid_request', status: 400 },
  90015: { error: 'invalid_request', status: 400 },
  90023: { error: 'invalid_request', status: 400 },
  90094: { error: 'access_denied', status: 400 },
  165000: { error: 'invalid_request', status: 400 },
  500011: { error: 'invalid_resource', status: 400 },
  500014: { error: 'invalid_resource', status: 400 },
  500112: { error: 'invalid_client', status: 400 },
  500113: { error: 'invalid_request', status: 400 },
  501051: { error: 'unauthorized_client', status: 400 },
  501461: { error: 'invalid_request', status: 400 },
  501481: { error: 'invalid_grant', status: 400 },
  501491: { error: 'invalid_request', status: 400 },
  650053: { error: 'invalid_client', status: 400 },
  650056: { error: 'invalid_client', status: 400 },
  650057: { error: 'invalid_resource', status: 400 },
  700005: { error: 'invalid_grant', status: 400 },
  700016: { error: 'unauthorized_client', status: 400 },
  700022: { error: 'invalid_request', status: 400 },
  700023: { error: 'invalid_client', status: 401 },
  700024: { error: 'invalid_client', status: 401 },
  700025: { error: 'invalid_client', status: 401 },
  700027: { error: 'invalid_client', status: 401 },
  700054: { error: 'unsupported_response_type', status: 400 },
  700082: { error: 'invalid_grant', status: 400 },
  700084: { error: 'invalid_grant', status: 400 },
  900144: { error: 'invalid_request', status: 400 },
  900561: { error: 'invalid_request', status: 405 },
  900971: { error: 'invalid_request', status: 400 },
  901002: { error: 'invalid_request', status: 400 },
  1002012: { error: 'invalid_scope', status: 400 },
  7000112: { error: 'unauthorized_client', status: 400 },
  7000215: { error: 'invalid_client', status: 401 },
  7000216: { error: 'invalid_client', status: 401 },
  7000218: { error: 'invalid_client', status: 401 },
  7000222: { error: 'invalid_client', status: 401 },
  9002313: { error: 'invalid_request', status: 400 },
  9002325: { error: 'invalid_request', status: 400 },
  9002326: { error: 'invalid_request', status: 400 },
  9002327: { error: 'invalid_request', status: 400 },
} as const satisfies Readonly<Record<number, { error: string; status: number }>>;

export type AadstsCode = keyof typeof AADSTS;

/** A refusal by Entra. The text carries no secret: it goes to clients and, by code only, to the log. */
export class AadError extends Error {
  override readonly name = 'AadError';
  readonly code: AadstsCode;
  readonly error: string;
  readonly status: number;
  readonly suberror: string | undefined;

  constructor(code: AadstsCode, text: string, options: { error?: string; suberror?: string } = {}) {
    super(`AADSTS${code}: ${text}`);
    this.code = code;
    this.error = options.error ?? AADSTS[code].error;
    this.status = AADSTS[code].status;
    this.suberror = options.suberror;
  }
}
