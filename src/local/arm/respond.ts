import { randomUUID } from 'node:crypto';
import type { ArmError } from './resource-type.ts';

/** A JSON answer with the headers every answer of Azure Resource Manager carries. */
export function respond(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const id = randomUUID();
  const common = {
    'cache-control': 'no-cache',
    'x-ms-request-id': id,
    'x-ms-correlation-request-id': id,
    'x-content-type-options': 'nosniff',
    ...headers,
  };
  if (body === undefined) return new Response(null, { status, headers: common });
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...common },
  });
}

/** The error envelope of the resource provider contract. */
export function errorBody(error: ArmError): { error: Record<string, unknown> } {
  const details = error.details.length > 0 ? { details: error.details } : {};
  return { error: { code: error.code, message: error.message, ...details } };
}

export function respondError(error: ArmError): Response {
  return respond(error.status, errorBody(error), { 'x-ms-failure-cause': 'gateway' });
}
