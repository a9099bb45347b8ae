import type { ErrorCode } from '../core/error-codes.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import { ERROR_HINTS } from './error-hints.ts';

const MESSAGE_LIMIT = 600;

/** What an Azure service answered when it refused; the `cause` of the SmartfhirError that people see. */
export class AzureFailure extends Error {
  override readonly name = 'AzureFailure';
  /** HTTP status; 0 when an operation failed after it had been accepted. */
  readonly status: number;
  /** Error codes, outermost first. */
  readonly codes: readonly string[];

  constructor(status: number, codes: readonly string[], message: string) {
    super(message);
    this.status = status;
    this.codes = codes;
  }
}

/** The refusal behind an error, if it was one. */
export function failureOf(error: unknown): AzureFailure | undefined {
  let current: unknown = error;
  while (current instanceof Error) {
    if (current instanceof AzureFailure) return current;
    current = current.cause;
  }
  return undefined;
}

/** Is the error a refusal with this status, and (if given) one of these codes? */
export function isFailure(error: unknown, status: number, ...codes: readonly string[]): boolean {
  const failure = failureOf(error);
  return (
    failure?.status === status && (codes.length === 0 || failure.codes.some((code) => codes.includes(code)))
  );
}

interface Layer {
  readonly code: string;
  readonly message: string;
}

/** A refusal as people see it: deepest code and message first, with the hint that fits. */
export function refusal(where: string, status: number, body: string): SmartfhirError {
  const layers = layersOf(body);
  const deepest = layers.at(-1) ?? {
    code: status === 0 ? 'Failed' : `HTTP ${status}`,
    message: body.slice(0, MESSAGE_LIMIT),
  };
  const codes = layers.map((layer) => layer.code);
  const failure = new AzureFailure(status, codes, deepest.message);
  const hint = codes
    .toReversed()
    .map((code) => ERROR_HINTS[code])
    .find((known) => known !== undefined);
  return new SmartfhirError(
    codeFor(status),
    `${where}: ${deepest.code}: ${deepest.message.slice(0, MESSAGE_LIMIT)}`,
    {
      cause: failure,
      ...(hint === undefined ? {} : { why: hint.cause, fix: hint.fix }),
    },
  );
}

/** An error of an SDK client as ours: RestError and GraphError carry status and body, failed operations only text. */
export function fromSdk(where: string, error: unknown): unknown {
  if (error instanceof SmartfhirError || !(error instanceof Error) || error.name === 'AbortError')
    return error;
  const { statusCode, code, details, body, response } = error as SdkError;
  if (typeof statusCode === 'number') {
    const text =
      response?.bodyAsText ?? (typeof body === 'string' ? body : JSON.stringify(details ?? body ?? null));
    const told =
      layersOf(text ?? '').length > 0
        ? text
        : JSON.stringify({ error: { code: code ?? 'Error', message: error.message } });
    return refusal(where, statusCode, told ?? '');
  }
  if (code === 'REQUEST_SEND_ERROR') {
    return new SmartfhirError('UNREACHABLE', `${where}: ${messageOf(error)}`, { cause: error });
  }
  const failed = /^The long-running operation has failed\.\s*(?:(\w+)\.\s*)?(.*)$/s.exec(error.message);
  if (failed === null) return error;
  return refusal(where, 0, JSON.stringify({ error: { code: failed[1] ?? 'Failed', message: failed[2] } }));
}

interface SdkError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
  readonly details?: unknown;
  readonly body?: unknown;
  readonly response?: { readonly bodyAsText?: string };
}

function codeFor(status: number): ErrorCode {
  if (status === 401) return 'AUTH_FAILED';
  return status === 403 ? 'FORBIDDEN' : 'AZURE_REFUSED';
}

/** Codes and messages from the outside in: `details`, `innererror`, and bodies quoted inside messages. */
function layersOf(body: string): readonly Layer[] {
  const layers: Layer[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 8) return;
    const error = value as Record<string, unknown>;
    const { code, message } = error;
    if (typeof code === 'string' || typeof message === 'string') {
      layers.push({
        code: typeof code === 'string' ? code : 'Error',
        message: typeof message === 'string' ? message : '',
      });
    }
    if (typeof message === 'string' && message.trimStart().startsWith('{'))
      visit(parse(message)?.['error'], depth + 1);
    const inner = error['innererror'] ?? error['innerError'];
    if (typeof inner === 'object' && inner !== null && typeof (inner as Layer).code === 'string') {
      layers.push({ code: (inner as Layer).code, message: typeof message === 'string' ? message : '' });
    }
    if (Array.isArray(error['details'])) visit(error['details'][0], depth + 1);
  };
  const parsed = parse(body);
  visit(parsed?.['error'] ?? parsed, 0);
  return layers.length > 0 ? layers : xmlLayer(body);
}

/** Storage answers in XML. */
function xmlLayer(body: string): readonly Layer[] {
  const code = /<Code>([^<]+)<\/Code>/.exec(body)?.[1];
  return code === undefined
    ? []
    : [{ code, message: /<Message>([^<]*)/.exec(body)?.[1]?.split('\n')[0] ?? '' }];
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
