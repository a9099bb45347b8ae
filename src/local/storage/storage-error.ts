import { randomUUID } from 'node:crypto';
import { escapeXml } from './xml.ts';

/** A storage failure. Blobs answer it as XML, tables as JSON, both with `x-ms-error-code`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Headers every answer of a storage service carries. */
export function commonHeaders(version: string, requestId: string): Record<string, string> {
  return {
    server: 'Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0',
    'x-ms-request-id': requestId,
    ...(version === '' ? {} : { 'x-ms-version': version }),
  };
}

export interface ErrorContext {
  readonly version: string;
  /** ISO instant of now. */
  readonly time: string;
  /** HEAD answers, 304 and the like have no body. */
  readonly bodiless: boolean;
}

export function blobErrorResponse(error: StorageError, context: ErrorContext): Response {
  const id = randomUUID();
  const headers = { ...commonHeaders(context.version, id), 'x-ms-error-code': error.code, ...error.headers };
  if (context.bodiless || error.status === 304) return new Response(null, { status: error.status, headers });
  const message = `${error.message}\nRequestId:${id}\nTime:${context.time}`;
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${error.code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  return new Response(xml, {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...headers },
  });
}

export function tableErrorResponse(error: StorageError, context: ErrorContext): Response {
  const id = randomUUID();
  const headers = { ...commonHeaders(context.version, id), 'x-ms-error-code': error.code, ...error.headers };
  const value = `${error.message}\nRequestId:${id}\nTime:${context.time}`;
  const body = JSON.stringify({ 'odata.error': { code: error.code, message: { lang: 'en-US', value } } });
  const type = 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8';
  return new Response(body, { status: error.status, headers: { 'content-type': type, ...headers } });
}

export function notImitated(what: string): StorageError {
  return new StorageError(501, 'NotImplemented', `${what} is not imitated.`);
}
