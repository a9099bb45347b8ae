import type { Redactor } from '../core/redact.ts';
import { isObject, type JsonObject, objectsOf, parseJson } from './json.ts';

const EXCERPT_CHARACTERS = 2000;
const ENTRIES = 20;
/** Resources about the server, not about people: recorded whole. */
const IMPERSONAL = new Set(['CapabilityStatement', 'OperationOutcome', 'Parameters', 'OperationDefinition']);

/** A body as it may be written down: secrets become pseudonyms, health data becomes its shape, pages a note. */
export function recordableBody(redactor: Redactor, contentType: string, text: string): string {
  if (/ndjson/i.test(contentType)) return `‹ndjson, ${text.length} characters›`;
  if (/html/i.test(contentType)) return `‹html page, ${text.length} characters›`;
  const json = parseJson(text);
  if (json === undefined) return redactor.loose(text.slice(0, EXCERPT_CHARACTERS));
  // In FHIR, keys such as `code` hold no secrets; values are looked at all the same.
  if (isObject(json) && typeof json['resourceType'] === 'string')
    return redactor.text(JSON.stringify(shape(json)));
  return JSON.stringify(redactor.json(json));
}

/** FHIR resources reduced to type, id and the count of their members; anything else unchanged. */
export function shape(value: unknown): unknown {
  if (!isObject(value) || typeof value['resourceType'] !== 'string' || IMPERSONAL.has(value['resourceType']))
    return value;
  return value['resourceType'] === 'Bundle' ? bundleShape(value) : resourceShape(value);
}

function resourceShape(resource: JsonObject): JsonObject {
  const members = Object.keys(resource).filter((key) => key !== 'resourceType' && key !== 'id');
  return { resourceType: resource['resourceType'], id: resource['id'], '…': `${members.length} members` };
}

function bundleShape(bundle: JsonObject): JsonObject {
  const entries = objectsOf(bundle['entry']);
  return {
    resourceType: 'Bundle',
    type: bundle['type'],
    total: bundle['total'],
    link: bundle['link'],
    entry: entries.slice(0, ENTRIES).map((entry) => ({
      fullUrl: entry['fullUrl'],
      search: entry['search'],
      response: entry['response'],
      resource: shape(entry['resource']),
    })),
    ...(entries.length > ENTRIES ? { '…': `${entries.length} entries` } : {}),
  };
}
