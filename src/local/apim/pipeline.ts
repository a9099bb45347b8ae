import { STATUS_CODES } from 'node:http';
import { HeaderList } from './header-list.ts';
import { MessageBody } from './message-body.ts';
import type { CompiledPolicy, Section } from './policy/element.ts';
import { PolicyFault, ResponseReturned } from './policy/fault.ts';
import { runSection } from './policy/run-section.ts';
import { emptyResponse, type GatewayResponse, type Run } from './run.ts';

const FORWARD_ORDER = ['inbound', 'backend', 'outbound'] as const;

/**
 * Runs the policies of a request: inbound, backend, outbound, each from the innermost scope; the first error goes to
 * the innermost scope's `on-error` (API Management: policies, error handling). Afterwards `run.response` is
 * what the client gets.
 *
 * @param begin what comes before the first policy (routing, subscription key); may throw a PolicyFault
 */
export async function runPipeline(
  run: Run,
  scopes: readonly CompiledPolicy[],
  begin?: () => void,
): Promise<void> {
  let section: Section = 'inbound';
  try {
    begin?.();
    for (section of FORWARD_ORDER) await runSection(run, { section, scopes, level: 0 });
    run.response ??= emptyResponse();
  } catch (error) {
    if (!(error instanceof ResponseReturned)) await handleError(run, scopes, section, faultOf(run, error));
  }
}

async function handleError(
  run: Run,
  scopes: readonly CompiledPolicy[],
  section: Section,
  fault: PolicyFault,
): Promise<void> {
  run.lastError = {
    source: fault.source,
    reason: fault.reason,
    message: fault.message,
    scope: scopes[0]?.scope ?? 'global',
    section,
    path: fault.source,
    policyId: '',
  };
  run.response = errorResponse(fault);
  try {
    await runSection(run, { section: 'on-error', scopes, level: 0 });
  } catch (error) {
    if (error instanceof ResponseReturned) return;
    faultOf(run, error);
    run.response = errorResponse(internalError());
  }
}

/** What is not a fault of a policy is an error of this stand-in: told in the log, a plain 500 for the client. */
function faultOf(run: Run, error: unknown): PolicyFault {
  if (error instanceof PolicyFault) return error;
  if (run.signal.aborted) {
    return new PolicyFault({
      source: 'request-forwarder',
      reason: 'Timeout',
      message: 'The request took too long.',
      status: 500,
      clientMessage: 'Internal server error',
    });
  }
  const kind = error instanceof Error ? error.name : typeof error;
  run.fabric.log({ standIn: 'apim', level: 'error', text: `a policy failed with ${kind}` });
  return internalError();
}

function internalError(): PolicyFault {
  return new PolicyFault({
    source: 'gateway',
    reason: 'InternalError',
    message: 'Internal server error',
    status: 500,
  });
}

/** The generic answer: `{statusCode, message}`. */
export function errorResponse(fault: PolicyFault): GatewayResponse {
  const headers = new HeaderList();
  headers.set('Content-Type', ['application/json']);
  for (const [name, value] of Object.entries(fault.headers)) headers.set(name, [value]);
  const body = JSON.stringify({ statusCode: fault.status, message: fault.clientMessage });
  return {
    statusCode: fault.status,
    statusReason: STATUS_CODES[fault.status] ?? '',
    headers,
    body: new MessageBody(body),
  };
}
