import type { Fabric } from '../../fabric.ts';
import { requireAccess } from '../access.ts';
import type { Caller } from '../caller.ts';
import { badRequest, FhirError, notFound } from '../fhir-error.ts';
import type { Reply } from '../interaction.ts';
import { instant, isId } from '../resource.ts';
import type { SearchScope } from '../search/parameter-clause.ts';
import type { FhirService } from '../service.ts';
import { isResourceType } from '../store/reference.ts';
import { type ExportJob, type ExportLevel, exportJobs } from './export-job.ts';
import { exportRequest } from './export-request.ts';
import type { ExportRunner } from './export-runner.ts';
import { authorizedTypes, mayAccessJob } from './export-scopes.ts';

export interface ExportContext {
  readonly fabric: Fabric;
  readonly service: FhirService;
  readonly caller: Caller;
  readonly runner: ExportRunner;
  readonly scope: SearchScope;
}

export interface ExportCall {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Headers;
  readonly url: string;
}

/** Is this one of `$export`'s routes? */
export function isExportPath(path: readonly string[]): boolean {
  return path.at(-1) === '$export' || (path[0] === '_operations' && path[1] === 'export');
}

/** @throws FhirError */
export function runExport(context: ExportContext, call: ExportCall): Reply {
  if (call.path[0] === '_operations') return status(context, call);
  if (call.method !== 'GET')
    throw new FhirError(405, 'not-supported', 'The requested operation is not supported.');
  const { level, groupId } = levelOf(call.path);
  const { fabric, service, caller } = context;
  const { query, headers, url } = call;
  const smart = caller.smart !== undefined;
  const at = { now: fabric.clock.now(), service: service.life };
  const kickOff = { level, groupId, query, headers, url, smart, ...at };
  const job = exportRequest(kickOff, context.scope);
  requireExport(caller);
  const types = caller.smart === undefined ? job.types : authorizedTypes(caller.smart, level, job.types);
  exportJobs(fabric).put(job.id, { ...job, types });
  context.runner.enqueue(job.id);
  return { status: 202, headers: { 'Content-Location': `${service.base}/_operations/export/${job.id}` } };
}

function levelOf(path: readonly string[]): { level: ExportLevel; groupId: string | undefined } {
  const [type, id] = path;
  if (path.length === 1) return { level: 'system', groupId: undefined };
  if (path.length === 2 && type === 'Patient') return { level: 'patient', groupId: undefined };
  if (path.length === 3 && type === 'Group' && id !== undefined && isId(id))
    return { level: 'group', groupId: id };
  if (type !== undefined && isResourceType(type) && path.length <= 3) {
    throw badRequest(`Requested operation does not support resource type: ${type}.`);
  }
  throw notFound('The requested route was not found.');
}

function requireExport(caller: Caller): void {
  requireAccess(caller, 'export/action', ['export'], undefined);
}

/** Poll and cancel. */
function status(context: ExportContext, call: ExportCall): Reply {
  const { fabric, service, caller } = context;
  const id = call.path[2];
  if (id === undefined || call.path.length !== 3) throw notFound('The requested route was not found.');
  requireExport(caller);
  const job = exportJobs(fabric).get(id);
  const known = job !== undefined && job.service === service.life && job.status !== 'cancelled';
  if (!known || (caller.smart !== undefined && !mayAccessJob(caller.smart, job))) {
    throw notFound(`The requested job "${id}" was not found.`);
  }
  if (call.method === 'GET') return poll(job);
  if (call.method === 'DELETE') return cancel(fabric, job);
  throw new FhirError(405, 'not-supported', 'The requested operation is not supported.');
}

function poll(job: ExportJob): Reply {
  if (job.status === 'queued' || job.status === 'running') return { status: 202 };
  if (job.status === 'failed') {
    const { status: code, reason } = job.failure ?? { status: 500, reason: 'Unknown Error.' };
    throw new FhirError(code, 'exception', `export operation failed for reason: ${reason}`);
  }
  const output = [...job.output].sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: {
      transactionTime: instant(job.queuedAt),
      request: job.request,
      requiresAccessToken: false,
      output: output.map(({ type, url, count }) => ({ type, url, count })),
      error: [],
      issues: [],
    },
  };
}

/** Queued, running and completed jobs are cancelled once; afterwards, and failed ones, are not found. */
function cancel(fabric: Fabric, job: ExportJob): Reply {
  if (job.status === 'failed') throw notFound(`The requested job "${job.id}" was not found.`);
  exportJobs(fabric).put(job.id, { ...job, status: 'cancelled' });
  return { status: 202 };
}
