import type { JsonObject } from '../../smart/granular.ts';
import { isObject } from '../../smart/json.ts';
import type { Gateway } from '../context.ts';
import { FhirError, insufficientScope, operationOutcome } from '../fhir-error.ts';
import type { BackendAnswer } from './backend.ts';
import { permissionsOf } from './data-request.ts';
import { classify } from './interaction.ts';
import { answerData } from './interactions.ts';
import type { LiveToken } from './live-token.ts';

/** Azure's own limit is 500; each entry is its own guarded request here. */
const ENTRY_LIMIT = 100;
const PARALLEL = 8;

/** `POST {fhirBase}`: a batch of reads, each entry guarded on its own; a transaction stands or falls as a whole. */
export async function answerBatch(
  gateway: Gateway,
  live: LiveToken,
  bundle: JsonObject,
  correlationId: string,
): Promise<Response> {
  const type = bundle['type'];
  const entries = bundle['entry'];
  if (bundle['resourceType'] !== 'Bundle' || (type !== 'batch' && type !== 'transaction')) {
    throw new FhirError(400, 'invalid', 'the body must be a Bundle of type batch or transaction');
  }
  if (!Array.isArray(entries)) throw new FhirError(400, 'invalid', 'the Bundle has no entries');
  if (entries.length > ENTRY_LIMIT) throw new FhirError(413, 'too-long', `at most ${ENTRY_LIMIT} entries`);
  const results: JsonObject[] = new Array(entries.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < entries.length; at = next++) {
      results[at] = await answerEntry(gateway, live, entries[at], type === 'transaction', correlationId);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return new Response(JSON.stringify({ resourceType: 'Bundle', type: `${type}-response`, entry: results }), {
    headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

async function answerEntry(
  gateway: Gateway,
  live: LiveToken,
  entry: unknown,
  whole: boolean,
  correlationId: string,
): Promise<JsonObject> {
  try {
    const answer = await answerRequest(gateway, live, isObject(entry) ? entry['request'] : undefined);
    if (whole && answer.status >= 400)
      throw new FhirError(answer.status, 'invalid', 'an entry of the transaction failed');
    const ok = answer.status < 400;
    return {
      ...(ok && answer.json !== null ? { resource: answer.json } : {}),
      response: {
        status: String(answer.status),
        ...(ok || answer.json === null ? {} : { outcome: answer.json }),
      },
    };
  } catch (error) {
    if (whole || !(error instanceof FhirError)) throw error;
    return { response: { status: String(error.status), outcome: operationOutcome(error, correlationId) } };
  }
}

async function answerRequest(gateway: Gateway, live: LiveToken, request: unknown): Promise<BackendAnswer> {
  const { method, url } = isObject(request) ? request : ({} as JsonObject);
  if (typeof method !== 'string' || typeof url !== 'string') {
    throw new FhirError(400, 'invalid', 'an entry has no request');
  }
  if (method !== 'GET') throw insufficientScope('no token of this server allows writing');
  if (/^[a-z]+:|^\/\//i.test(url))
    throw new FhirError(400, 'invalid', 'entry URLs must be relative to the FHIR base');
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const interaction = classify('GET', path);
  if (interaction.kind === 'export')
    throw new FhirError(400, 'not-supported', 'an export cannot be part of a batch');
  const permissions = permissionsOf(gateway, live);
  return answerData({ gateway, live, permissions, method: 'GET', query, prefer: null }, interaction);
}
