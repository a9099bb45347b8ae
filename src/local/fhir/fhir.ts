import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import type { Fabric, StandIn } from '../fabric.ts';
import { searchScope } from './access.ts';
import { Authentication } from './authentication.ts';
import { runBundle } from './bundle.ts';
import { capabilityStatement } from './capability-statement.ts';
import { corsHeaders, preflight } from './cross-origin.ts';
import { dispatch } from './dispatch.ts';
import { isExportPath, runExport } from './export/export.ts';
import { ExportRunner } from './export/export-runner.ts';
import { badRequest, FhirError, type Issue, NotImitated, notFound, operationOutcome } from './fhir-error.ts';
import type { Reply } from './interaction.ts';
import { checkAccept, requestBody } from './request-body.ts';
import { instant } from './resource.ts';
import { UnknownParameter } from './search/parameter-clause.ts';
import { FHIR_HOST_SUFFIX, type FhirService, findService } from './service.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { FhirStore } from './store/fhir-store.ts';

/** Imitates the FHIR service of Azure Health Data Services; one for every service that ARM made. */
export function fhirService(fabric: Fabric): StandIn {
  const authentication = new Authentication(fabric);
  const stores = new Map<string, FhirStore>();
  const storeOf = (service: FhirService): FhirStore => {
    const known = stores.get(service.life);
    if (known !== undefined) return known;
    const made = new FhirStore(fabric.store.db, service.life, service.base);
    stores.set(service.life, made);
    return made;
  };
  const runner = new ExportRunner(fabric, (job) => {
    const host = new URL(job.request).hostname;
    const service = findService(fabric, host);
    if (service === undefined || service.life !== job.service) return undefined;
    return { service, scope: { store: storeOf(service), now: fabric.clock.now(), chainTypes: undefined } };
  });
  runner.resume();
  return {
    name: 'fhir',
    serves: (host) => host.endsWith(FHIR_HOST_SUFFIX) && findService(fabric, host) !== undefined,
    close: () => runner.close(),
    fetch: (request) => answer({ fabric, authentication, runner, storeOf }, request),
  };
}

interface Parts {
  readonly fabric: Fabric;
  readonly authentication: Authentication;
  readonly runner: ExportRunner;
  readonly storeOf: (service: FhirService) => FhirStore;
}

async function answer(parts: Parts, request: Request): Promise<Response> {
  const requestId = randomUUID();
  const url = new URL(request.url);
  const service = findService(parts.fabric, url.hostname);
  const cors = service === undefined ? {} : corsHeaders(request.headers.get('origin'), service.cors);
  const correlation = request.headers.get('x-request-id');
  const headers = {
    'Content-Type': 'application/fhir+json; charset=utf-8',
    'X-Request-Id': requestId,
    ...(correlation === null || correlation === '' ? {} : { 'X-Correlation-Id': correlation }),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'SAMEORIGIN',
    'Content-Security-Policy': "frame-src 'self';",
    ...cors,
  };
  try {
    const preflighted = service === undefined ? undefined : preflight(request, service.cors);
    if (preflighted !== undefined) return preflighted;
    return response(await route(parts, service, request, url), headers);
  } catch (error) {
    return response(refusal(parts.fabric, requestId, error), headers);
  }
}

async function route(
  parts: Parts,
  service: FhirService | undefined,
  request: Request,
  url: URL,
): Promise<Reply> {
  if (service === undefined) throw notFound('The requested route was not found.');
  if (!service.succeeded) throw new FhirError(503, 'exception', 'The service is currently unavailable.');
  if (!service.publicAccess) throw new FhirError(403, 'forbidden', 'Authorization failed.');
  const path = pathOf(url);
  if (/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.test(url.href)) throw badRequest('A token cannot be part of the URL.');
  const anonymous = await anonymousReply(parts, service, request.method, path);
  if (anonymous !== undefined) return anonymous;
  const caller = await parts.authentication.caller(service, request.headers);
  const { body, form } = await requestBody(request, path);
  const query = [...[...url.searchParams], ...form];
  const interaction = {
    fabric: parts.fabric,
    store: parts.storeOf(service),
    caller,
    method: request.method,
    path,
    query,
    headers: request.headers,
    body,
    url: request.url,
    inBundle: false,
    versionPolicy: service.versionPolicy,
  };
  if (isExportPath(path)) {
    const { fabric, runner } = parts;
    return runExport({ fabric, service, caller, runner, scope: searchScope(interaction) }, interaction);
  }
  checkAccept(request.headers, query);
  if (request.method === 'POST' && path.length === 0) return runBundle(interaction);
  return dispatch(interaction);
}

async function anonymousReply(
  parts: Parts,
  service: FhirService,
  method: string,
  path: readonly string[],
): Promise<Reply | undefined> {
  if (method !== 'GET') return undefined;
  const { discovery } = parts.authentication;
  switch (path.join('/')) {
    case 'metadata':
      return {
        status: 200,
        body: await capabilityStatement(service, parts.storeOf(service), discovery, parts.fabric.clock.now()),
      };
    case '.well-known/smart-configuration':
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: await smartConfiguration(service, discovery),
      };
    case 'health/check':
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: { overallStatus: 'Healthy' },
      };
    default:
      return undefined;
  }
}

function pathOf(url: URL): string[] {
  try {
    return url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part));
  } catch {
    throw notFound('The requested route was not found.');
  }
}

function refusal(fabric: Fabric, requestId: string, error: unknown): Reply {
  const at = instant(fabric.clock.now());
  if (error instanceof FhirError) {
    if (error instanceof NotImitated) fabric.log({ standIn: 'fhir', level: 'warn', text: error.message });
    return {
      status: error.status,
      headers: error.headers,
      body: operationOutcome(requestId, error.issues, at),
    };
  }
  if (error instanceof UnknownParameter) {
    const issue: Issue = {
      severity: 'error',
      code: 'invalid',
      diagnostics: `The search parameter '${error.message}' is not supported.`,
    };
    return { status: 400, body: operationOutcome(requestId, [issue], at) };
  }
  fabric.log({ standIn: 'fhir', level: 'error', text: messageOf(error) });
  const issue: Issue = {
    severity: 'fatal',
    code: 'exception',
    diagnostics: 'There was an error processing your request.',
  };
  return { status: 500, body: operationOutcome(requestId, [issue]) };
}

function response(reply: Reply, headers: Record<string, string>): Response {
  const all = new Headers(headers);
  for (const [name, value] of Object.entries(reply.headers ?? {})) all.set(name, value);
  if (reply.body === undefined) {
    all.delete('content-type');
    return new Response(null, { status: reply.status, headers: all });
  }
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  return new Response(text, { status: reply.status, headers: all });
}
