import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import type { AadError } from './aadsts.ts';

export interface ErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly error_uri: string;
  readonly suberror?: string;
}

/** The body that MSAL reads: the description repeats code, trace, correlation and time. */
export function errorBody(fabric: Fabric, error: AadError, correlationId?: string): ErrorBody {
  const traceId = randomUUID();
  const correlation = isUuid(correlationId) ? correlationId : randomUUID();
  const timestamp = `${new Date(fabric.clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: error.error,
    error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
    ...(error.suberror === undefined ? {} : { suberror: error.suberror }),
  };
}

function isUuid(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
