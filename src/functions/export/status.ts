import type { JsonObject } from '../../smart/granular.ts';
import type { Gateway } from '../context.ts';
import { FhirError, insufficientScope, notFound } from '../fhir-error.ts';
import { askBackend, type BackendAnswer, fhirResponse } from '../guard/backend.ts';
import type { LiveToken } from '../guard/live-token.ts';
import type { Kept } from '../state/collection.ts';
import { EXPORT_LIFETIME_MS, type ExportFile, type ExportRecord } from '../state/state.ts';
import { exportableTypes } from './kick-off.ts';

/** When the service does not say how long to wait. */
const RETRY_AFTER_SECONDS = 2;
const LISTS = ['output', 'error', 'deleted'] as const;

/** `{fhirBase}/_operations/export/{id}`: only for the client that started the job; for others there is none. */
export async function exportStatus(
  gateway: Gateway,
  live: LiveToken,
  method: string,
  id: string,
): Promise<Response> {
  if (method !== 'GET' && method !== 'DELETE')
    throw new FhirError(405, 'not-supported', 'only GET and DELETE are offered');
  const job = await ownJob(gateway, live, id);
  const answer = await askBackend(gateway, {
    method,
    path: `_operations/export/${id}`,
    query: new URLSearchParams(),
    token: live.token,
  });
  return method === 'DELETE' ? cancelled(gateway, id, job, answer) : status(gateway, id, job, answer);
}

/** The job, when this client started it and did not cancel it; to everyone else it does not exist. */
export async function ownJob(gateway: Gateway, live: LiveToken, id: string): Promise<Kept<ExportRecord>> {
  if (exportableTypes(live.record.scope).length === 0) throw insufficientScope('exports need system scopes');
  const job = await gateway.state.exports.get(id);
  if (job === undefined || job.value.clientId !== live.record.clientId || job.value.cancelled)
    throw notFound();
  return job;
}

async function cancelled(
  gateway: Gateway,
  id: string,
  job: Kept<ExportRecord>,
  answer: BackendAnswer,
): Promise<Response> {
  if (answer.status === 202) {
    const until = gateway.clock.now() + EXPORT_LIFETIME_MS;
    await gateway.state.exports.upsert(id, { ...job.value, cancelled: true }, until);
  }
  return fhirResponse(gateway, answer);
}

async function status(
  gateway: Gateway,
  id: string,
  job: Kept<ExportRecord>,
  answer: BackendAnswer,
): Promise<Response> {
  if (answer.status === 202) {
    const response = fhirResponse(gateway, answer);
    if (!response.headers.has('retry-after'))
      response.headers.set('retry-after', String(RETRY_AFTER_SECONDS));
    return response;
  }
  if (answer.status !== 200 || answer.json === null) return fhirResponse(gateway, answer);
  const { manifest, files } = rewrite(gateway, id, job.value, answer.json);
  const until = gateway.clock.now() + EXPORT_LIFETIME_MS;
  await gateway.state.exports.upsert(id, { ...job.value, files }, until);
  return Response.json(manifest, {
    headers: { 'cache-control': 'no-store', expires: new Date(until).toUTCString() },
  });
}

/**
 * Bulk Data 2.0.0 "Response - Complete Status": files are ours to hand out, under the same tokens. The service's counts
 * count repeats, which we do not hand out; a count may be left out.
 */
function rewrite(
  gateway: Gateway,
  id: string,
  job: ExportRecord,
  manifest: JsonObject,
): { manifest: JsonObject; files: readonly ExportFile[] } {
  const files: ExportFile[] = [];
  const lists = Object.fromEntries(
    LISTS.flatMap((name) => {
      const items = manifest[name];
      if (!Array.isArray(items)) return name === 'deleted' ? [] : [[name, []]];
      const rewritten = (items as readonly JsonObject[]).map((item) => {
        files.push({ type: String(item['type']), path: pathInContainer(gateway, job, String(item['url'])) });
        const { count, ...rest } = item;
        const url = `${gateway.settings.filesUrl}/${id}/${files.length - 1}`;
        return job.repeats || count === undefined ? { ...rest, url } : { ...rest, url, count };
      });
      return [[name, rewritten]];
    }),
  );
  const { issues: _, ...rest } = manifest;
  return { manifest: { ...rest, request: job.request, requiresAccessToken: true, ...lists }, files };
}

function pathInContainer(gateway: Gateway, job: ExportRecord, url: string): string {
  const prefix = `${gateway.settings.blobUrl}/${job.container}/`;
  const path = url.startsWith(prefix) ? decoded(url.slice(prefix.length).replace(/\?.*$/, '')) : undefined;
  if (path === undefined || path.includes('..')) {
    throw new FhirError(502, 'exception', 'the FHIR service wrote the files elsewhere than it was told');
  }
  return path;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
