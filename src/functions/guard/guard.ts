import type { JsonObject } from '../../smart/granular.ts';
import type { Gateway } from '../context.ts';
import { kickOff } from '../export/kick-off.ts';
import { exportStatus } from '../export/status.ts';
import { FhirError, fhirErrorResponse, invalidToken, noToken } from '../fhir-error.ts';
import { OAuthError } from '../oauth-error.ts';
import { readForm, readText } from '../parameters.ts';
import { fhirResponse } from './backend.ts';
import { answerBatch } from './batch.ts';
import { bearerToken } from './bearer.ts';
import { permissionsOf } from './data-request.ts';
import { classify, type Interaction } from './interaction.ts';
import { answerData } from './interactions.ts';
import { type LiveToken, liveToken } from './live-token.ts';
import { requireJson } from './representation.ts';

const BATCH_LIMIT_BYTES = 2 * 1024 * 1024;
const EXPORT_JOB = /^_operations\/export\/([A-Za-z0-9-]{1,64})$/;

/** Every request below the FHIR base but the three public documents. `path` has no leading slash. */
export async function guard(
  gateway: Gateway,
  request: Request,
  path: string,
  correlationId: string,
): Promise<Response> {
  try {
    return await guarded(gateway, request, path, correlationId);
  } catch (error) {
    if (error instanceof FhirError) return fhirErrorResponse(error, correlationId);
    if (error instanceof OAuthError) {
      return fhirErrorResponse(new FhirError(error.status, 'invalid', error.message), correlationId);
    }
    throw error;
  }
}

async function guarded(
  gateway: Gateway,
  request: Request,
  path: string,
  correlationId: string,
): Promise<Response> {
  const url = new URL(request.url);
  const live = await authenticate(gateway, request, url.searchParams);
  const job = EXPORT_JOB.exec(path)?.[1];
  if (job !== undefined) return exportStatus(gateway, live, request.method, job);
  const interaction = classify(request.method, path);
  if (interaction.kind === 'export') return kickOff(gateway, live, request, interaction);
  if (interaction.kind === 'batch') {
    return answerBatch(gateway, live, await readBundle(request), correlationId);
  }
  requireJson(request, url.searchParams);
  return data(gateway, live, request, interaction, url.searchParams);
}

/** RFC 6750: one token, in the header. */
export async function authenticate(
  gateway: Gateway,
  request: Request,
  query: URLSearchParams,
): Promise<LiveToken> {
  const token = bearerToken(request);
  if (token === undefined) {
    if ((request.headers.get('authorization') ?? '') === '') throw noToken();
    throw invalidToken('the Authorization header holds no bearer token');
  }
  if (query.has('access_token')) {
    throw new FhirError(
      400,
      'invalid',
      'a token belongs into the Authorization header only',
      'Bearer error="invalid_request"',
    );
  }
  const live = await liveToken(gateway, token);
  if (live === undefined) throw invalidToken('the access token is unknown, expired or revoked');
  return live;
}

async function data(
  gateway: Gateway,
  live: LiveToken,
  request: Request,
  interaction: Interaction,
  query: URLSearchParams,
): Promise<Response> {
  const method = request.method === 'POST' ? 'POST' : 'GET';
  const all = new URLSearchParams(query);
  if (method === 'POST') for (const [name, value] of await readForm(request)) all.append(name, value);
  if (all.has('access_token')) {
    throw new FhirError(
      400,
      'invalid',
      'a token belongs into the Authorization header only',
      'Bearer error="invalid_request"',
    );
  }
  const answer = await answerData(
    {
      gateway,
      live,
      permissions: permissionsOf(gateway, live),
      method,
      query: all,
      prefer: handling(request.headers.get('prefer')),
    },
    interaction,
  );
  const response = fhirResponse(gateway, answer);
  return request.method === 'HEAD' ? new Response(null, response) : response;
}

/** The only preference that a read knows. */
function handling(prefer: string | null): string | null {
  return /handling=(?:strict|lenient)/.exec(prefer ?? '')?.[0] ?? null;
}

async function readBundle(request: Request): Promise<JsonObject> {
  try {
    const value: unknown = JSON.parse(await readText(request, BATCH_LIMIT_BYTES));
    if (typeof value === 'object' && value !== null) return value as JsonObject;
  } catch (error) {
    if (error instanceof OAuthError) throw error;
  }
  throw new FhirError(400, 'invalid', 'the body is not JSON');
}
