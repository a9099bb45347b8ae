import { randomUUID } from 'node:crypto';
import { type BundleEntry, entryInteraction } from './bundle-entry.ts';
import { newPlaces, resolved } from './bundle-references.ts';
import { conditionalCreate } from './conditional.ts';
import { create } from './crud.ts';
import { dispatch } from './dispatch.ts';
import { badRequest, FhirError, type Issue, operationOutcome } from './fhir-error.ts';
import type { Interaction, Reply } from './interaction.ts';
import { checkDepth } from './request-body.ts';
import { isObject } from './resource.ts';
import { isResourceType } from './store/reference.ts';

const MOST_ENTRIES = 500;

/** The order in which a transaction takes its entries (FHIR R4 section 3.1.0.11.2). */
const ORDER = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD'];

/**
 * `POST {base}` with a batch or transaction.
 *
 * @throws FhirError
 */
export function runBundle(interaction: Interaction): Reply {
  const { body } = interaction;
  if (!isObject(body) || body['resourceType'] !== 'Bundle') {
    throw badRequest('Only a bundle can be submitted for batch or transaction processing.');
  }
  const type = body['type'];
  if (type === undefined)
    throw badRequest('Bundle type is not present. Possible values are: transaction or batch');
  if (type !== 'batch' && type !== 'transaction') {
    throw badRequest(
      'The provided Bundle type is not supported. Supported values are: batch and transaction.',
    );
  }
  const rows = body['entry'] ?? [];
  if (!Array.isArray(rows)) throw badRequest("Error occurred when parsing model: 'entry must be an array'.");
  if (rows.length > MOST_ENTRIES) {
    throw badRequest(`The number of entries in the bundle exceeded the configured limit of ${MOST_ENTRIES}.`);
  }
  const entries = (rows as unknown[]).map(readEntry);
  const replies = type === 'batch' ? runBatch(interaction, entries) : runTransaction(interaction, entries);
  const entry = replies.map(responseEntry);
  return {
    status: 200,
    body: {
      resourceType: 'Bundle',
      id: randomUUID(),
      type: `${type}-response`,
      ...(entry.length === 0 ? {} : { entry }),
    },
  };
}

function readEntry(row: unknown, index: number): BundleEntry {
  const request = isObject(row) ? row['request'] : undefined;
  if (!isObject(row) || !isObject(request)) throw badRequest('Bundle.entry.request.url is required.');
  const { method, url } = request;
  if (typeof url !== 'string' || url === '') throw badRequest('Bundle.entry.request.url is required.');
  if (typeof method !== 'string' || !ORDER.includes(method)) {
    throw badRequest(`Requested operation '${url}' is invalid using the request method ${String(method)}.`);
  }
  const headers = new Headers();
  const carry = (name: string, header: string): void => {
    const value = request[name];
    if (typeof value === 'string') headers.set(header, value);
  };
  carry('ifMatch', 'if-match');
  carry('ifNoneExist', 'if-none-exist');
  const fullUrl = typeof row['fullUrl'] === 'string' ? row['fullUrl'] : undefined;
  return { index, method, url, fullUrl, headers, resource: row['resource'], newId: randomUUID() };
}

function runBatch(interaction: Interaction, entries: readonly BundleEntry[]): Reply[] {
  return entries.map((entry) => {
    try {
      return interaction.store.atomically(() => runEntry(interaction, entry, entry.resource));
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      return {
        status: error.status,
        headers: error.headers,
        body: operationOutcome(randomUUID(), error.issues),
      };
    }
  });
}

function runTransaction(interaction: Interaction, entries: readonly BundleEntry[]): Reply[] {
  checkTransaction(entries);
  const replies: Reply[] = [];
  const ordered = [...entries].sort(
    (a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method) || a.index - b.index,
  );
  return interaction.store.atomically(() => {
    const places = newPlaces(interaction, ordered);
    for (const entry of ordered) {
      try {
        const resource = resolved(interaction, entry.resource, places);
        replies[entry.index] = runEntry(interaction, entry, resource);
      } catch (error) {
        if (!(error instanceof FhirError)) throw error;
        throw transactionFailed(entry, error);
      }
    }
    return replies;
  });
}

/** @throws FhirError 400 */
function checkTransaction(entries: readonly BundleEntry[]): void {
  const seen = new Set<string>();
  for (const { method, url, fullUrl } of entries) {
    if (method === 'DELETE' && url.includes('?') && !/^\w+\/[^/?]+\?/.test(url)) {
      throw badRequest(`Requested operation '${url}' is not supported using ${method}.`);
    }
    const place = method === 'POST' ? fullUrl : method === 'GET' ? undefined : url.split('?')[0];
    const target = method === 'PUT' && url.includes('?') ? url : place;
    if (target === undefined) continue;
    if (seen.has(target))
      throw badRequest(`Bundle contains multiple entries that refers to the same resource '${target}'.`);
    seen.add(target);
  }
}

function runEntry(interaction: Interaction, entry: BundleEntry, resource: unknown): Reply {
  const { method, url, headers, newId } = entry;
  const part = entryInteraction(
    interaction,
    { method: method === 'HEAD' ? 'GET' : method, url, headers },
    patchOf(entry, resource),
  );
  const [type, id] = part.path;
  if (method === 'POST' && type === undefined)
    throw badRequest(`Requested operation '${url}' is not supported using ${method}.`);
  if (method === 'POST' && type !== undefined && id === undefined && isResourceType(type)) {
    const criteria = headers.get('if-none-exist');
    return criteria === null ? create(part, type, newId) : conditionalCreate(part, type, criteria, newId);
  }
  return dispatch(part);
}

/** A JSON Patch travels in a Binary. */
function patchOf(entry: BundleEntry, resource: unknown): unknown {
  if (entry.method !== 'PATCH') return resource;
  const data = isObject(resource) && resource['resourceType'] === 'Binary' ? resource['data'] : undefined;
  if (typeof data !== 'string') throw badRequest('The resource to patch must be in JSON format.');
  try {
    return checkDepth(JSON.parse(Buffer.from(data, 'base64').toString('utf8')));
  } catch {
    throw badRequest('The resource to patch must be in JSON format.');
  }
}

function responseEntry(reply: Reply): unknown {
  const headers = reply.headers ?? {};
  const body: unknown = typeof reply.body === 'string' ? JSON.parse(reply.body) : reply.body;
  const isOutcome = isObject(body) && body['resourceType'] === 'OperationOutcome';
  return {
    ...(body === undefined || isOutcome ? {} : { resource: body }),
    response: {
      status: String(reply.status),
      ...(headers['Location'] === undefined ? {} : { location: headers['Location'] }),
      ...(headers['ETag'] === undefined ? {} : { etag: headers['ETag'] }),
      ...(headers['Last-Modified'] === undefined
        ? {}
        : { lastModified: new Date(headers['Last-Modified']).toISOString().replace('Z', '+00:00') }),
      ...(isOutcome ? { outcome: body } : {}),
    },
  };
}

class TransactionFailed extends FhirError {
  override readonly issues: readonly Issue[];

  constructor(status: number, issues: readonly Issue[]) {
    super(status, 'processing', issues[0]?.diagnostics ?? '');
    this.issues = issues;
  }
}

function transactionFailed(entry: BundleEntry, error: FhirError): FhirError {
  const path = entry.url.startsWith('/') ? entry.url : `/${entry.url}`;
  const diagnostics = `Transaction failed on '${entry.method}' for the requested url '${path}'.`;
  return new TransactionFailed(error.status, [
    { severity: 'error', code: 'processing', diagnostics },
    ...error.issues,
  ]);
}
