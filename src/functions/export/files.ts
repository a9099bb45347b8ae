import type { Gateway } from '../context.ts';
import { FhirError, fhirErrorResponse, insufficientScope, notFound } from '../fhir-error.ts';
import { authenticate } from '../guard/guard.ts';
import { exportableTypes } from './kick-off.ts';
import { ownJob } from './status.ts';
import { uniqueLines } from './unique-lines.ts';

/** Messages about an export, not data of a type. */
const MESSAGES = 'OperationOutcome';

/** `GET {filesUrl}/{job}/{n}`: streamed from storage after the same checks as any FHIR request, and ownership. */
export async function exportFile(
  gateway: Gateway,
  request: Request,
  job: string,
  index: string,
  correlationId: string,
): Promise<Response> {
  const cors = corsHeaders(gateway, request.headers.get('origin'));
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: cors });
  try {
    const response = await file(gateway, request, job, index);
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const response = fhirErrorResponse(error, correlationId);
    for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
    return response;
  }
}

async function file(gateway: Gateway, request: Request, id: string, index: string): Promise<Response> {
  if (request.method !== 'GET') throw new FhirError(405, 'not-supported', 'files are read with GET');
  const live = await authenticate(gateway, request, new URL(request.url).searchParams);
  const { value: job } = await ownJob(gateway, live, id);
  const found = /^\d{1,6}$/.test(index) ? job.files?.[Number(index)] : undefined;
  if (found === undefined) throw notFound();
  const types = exportableTypes(live.record.scope);
  if (found.type !== MESSAGES && !types.includes('*') && !types.includes(found.type)) {
    throw insufficientScope(`files of ${found.type} are not in the scope of this token`);
  }
  const blob = await gateway.blobs.get(job.container, found.path, request.signal);
  if (blob.status !== 200) {
    await blob.body?.cancel();
    throw notFound();
  }
  const whole = !job.repeats || found.type === MESSAGES;
  const length = whole ? blob.headers.get('content-length') : null;
  return new Response(whole ? blob.body : (blob.body?.pipeThrough(uniqueLines()) ?? null), {
    headers: {
      'content-type': 'application/fhir+ndjson',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(length === null ? {} : { 'content-length': length }),
    },
  });
}

/** Files do not pass API Management, so the registered origins are told here. */
function corsHeaders(gateway: Gateway, origin: string | null): Record<string, string> {
  if (origin === null || !gateway.settings.clients.some((client) => client.origins.includes(origin)))
    return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'authorization, accept',
    'access-control-max-age': '600',
  };
}
