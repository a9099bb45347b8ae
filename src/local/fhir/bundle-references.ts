import { type BundleEntry, entryInteraction } from './bundle-entry.ts';
import { dispatch } from './dispatch.ts';
import { badRequest } from './fhir-error.ts';
import type { Interaction } from './interaction.ts';
import { isObject, type JsonObject } from './resource.ts';
import { isResourceType } from './store/reference.ts';

/** Where each entry's `fullUrl` will be: what `urn:uuid:` references turn into. */
export function newPlaces(interaction: Interaction, entries: readonly BundleEntry[]): Map<string, string> {
  const places = new Map<string, string>();
  for (const { method, url, fullUrl, resource, newId, headers } of entries) {
    if (fullUrl === undefined || !isObject(resource)) continue;
    const type = String(resource['resourceType']);
    if (method === 'PUT') places.set(fullUrl, url.includes('?') ? fullUrl : (url.split('?')[0] ?? url));
    if (method !== 'POST') continue;
    const criteria = headers.get('if-none-exist');
    const existing = criteria === null ? undefined : firstMatch(interaction, `${type}?${criteria}`);
    places.set(fullUrl, existing ?? `${type}/${newId}`);
  }
  return places;
}

/** A copy with references to other entries, and conditional references (`Patient?identifier=x`), resolved. */
export function resolved(
  interaction: Interaction,
  value: unknown,
  places: ReadonlyMap<string, string>,
): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(interaction, item, places));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (typeof item !== 'string') return [name, resolved(interaction, item, places)];
      if (name === 'reference') return [name, referenceTo(interaction, item, places)];
      return [name, item.startsWith('urn:uuid:') ? (places.get(item) ?? item) : item];
    }),
  );
}

function referenceTo(interaction: Interaction, literal: string, places: ReadonlyMap<string, string>): string {
  const place = places.get(literal);
  if (place !== undefined) return place;
  const type = /^(\w+)\?/.exec(literal)?.[1];
  if (type === undefined) return literal;
  if (!isResourceType(type))
    throw badRequest(`Resource type '${type}' in the reference '${literal}' is not supported.`);
  const found = firstMatch(interaction, literal);
  if (found === undefined)
    throw badRequest(`Given conditional reference '${literal}' does not resolve to a resource.`);
  return found;
}

function firstMatch(interaction: Interaction, url: string): string | undefined {
  const reply = dispatch(
    entryInteraction(interaction, {
      method: 'GET',
      url,
      headers: new Headers({ prefer: 'handling=strict' }),
    }),
  );
  const found = entriesOf(reply.body).filter(
    (entry) => (entry['search'] as JsonObject | undefined)?.['mode'] === 'match',
  );
  if (found.length > 1)
    throw badRequest(`Given conditional reference '${url}' resolved to multiple resources.`);
  const resource = found[0]?.['resource'];
  return isObject(resource) ? `${String(resource['resourceType'])}/${String(resource['id'])}` : undefined;
}

function entriesOf(body: unknown): JsonObject[] {
  const entries = isObject(body) ? body['entry'] : undefined;
  return Array.isArray(entries) ? entries.filter(isObject) : [];
}
