import { R4_STRUCTURES } from '../../../standards/generated/structures.ts';
import { requireAccess, searchScope } from '../access.ts';
import { badRequest, type Issue, notFound, operationOutcome } from '../fhir-error.ts';
import { type Interaction, preferences, type Reply } from '../interaction.ts';
import { instant, isId, isObject, type Resource } from '../resource.ts';
import { compartmentClause } from '../smart/visibility.ts';
import { isResourceType } from '../store/reference.ts';
import type { Clause } from './clause.ts';
import type { FoundRow } from './includes.ts';
import { parseSearch, type SearchRequest } from './search-request.ts';
import { runSearch, type SearchResult } from './search-run.ts';

/** `GET {base}/Type?…`, `GET {base}?…` (no type), and both by POST with the form added. */
export function search(interaction: Interaction, type: string | undefined): Reply {
  return searchWithin(interaction, type, undefined);
}

/** `GET {base}/Patient/1/Observation` and `GET {base}/Patient/1/*`. */
export function compartmentSearch(
  interaction: Interaction,
  ownerType: string,
  ownerId: string,
  type: string,
): Reply {
  if (ownerType !== 'Patient' && ownerType !== 'Practitioner') {
    throw notFound('The requested route was not found.');
  }
  if (!isId(ownerId)) throw badRequest('Compartment id is null or empty.');
  if (type !== '*' && !isResourceType(type)) throw notFound(`Resource type '${type}' is not supported.`);
  const within = (member: string): Clause => compartmentClause(interaction.store, ownerType, ownerId, member);
  return searchWithin(interaction, type === '*' ? undefined : type, within);
}

function searchWithin(
  interaction: Interaction,
  type: string | undefined,
  within: ((type: string) => Clause) | undefined,
): Reply {
  const { caller, headers } = interaction;
  requireAccess(caller, 'read', ['read', 'search'], type);
  const request = parseSearch(interaction.query);
  const result = runSearch({
    scope: searchScope(interaction),
    access: caller.smart,
    type,
    request,
    strict: handling(headers) === 'strict',
    ...(within === undefined ? {} : { within }),
  });
  return { status: 200, body: searchBundle(interaction, request, result) };
}

/** @throws FhirError 400 */
function handling(headers: Headers): string {
  const value = preferences(headers).get('handling');
  if (value === undefined || value === 'strict' || value === 'lenient') return value ?? 'lenient';
  throw badRequest(
    `The 'handling' value '${value}' is invalid. The supported values are: 'Strict', 'Lenient'.`,
  );
}

function searchBundle(interaction: Interaction, request: SearchRequest, result: SearchResult): unknown {
  const { store, fabric } = interaction;
  const now = instant(fabric.clock.now());
  const entry = (row: FoundRow, mode: 'match' | 'include'): unknown => ({
    fullUrl: `${store.base}/${row.type}/${row.id}`,
    resource: reduced(JSON.parse(row.json) as Resource, request),
    search: { mode },
  });
  const entries = [
    ...result.matches.map((row) => entry(row, 'match')),
    ...result.included.map((row) => entry(row, 'include')),
    ...(result.issues.length === 0 ? [] : [outcomeEntry(result.issues)]),
  ];
  return {
    resourceType: 'Bundle',
    id: crypto.randomUUID(),
    meta: { lastUpdated: now },
    type: 'searchset',
    ...(result.total === undefined ? {} : { total: result.total }),
    link: links(interaction, request, result),
    ...(entries.length === 0 ? {} : { entry: entries }),
  };
}

function outcomeEntry(issues: readonly Issue[]): unknown {
  return { resource: operationOutcome(crypto.randomUUID(), issues), search: { mode: 'outcome' } };
}

/** The self link leaves out what was ignored. */
function links(interaction: Interaction, request: SearchRequest, result: SearchResult): unknown[] {
  const ignored = new Set(result.unsupported.map(([name, value]) => JSON.stringify([name, value])));
  const kept = interaction.query.filter(
    ([name, value]) =>
      name !== 'ct' &&
      !ignored.has(JSON.stringify([name, value])) &&
      !(name === '_sort' && request.errors.length > 0),
  );
  const place = `${interaction.store.base}/${interaction.path.filter((part) => part !== '_search').join('/')}`;
  const link = (query: readonly (readonly [string, string])[]): string => {
    const text = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
    return text === '' ? place : `${place}?${text}`;
  };
  const ct = interaction.query.find(([name]) => name === 'ct')?.[1];
  const self = ct === undefined ? kept : [...kept, ['ct', ct] as const];
  const next =
    result.next === undefined ? [] : [{ relation: 'next', url: link([...kept, ['ct', result.next]]) }];
  return [...next, { relation: 'self', url: link(self) }];
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2C|24|7C|2F)/g, (code) =>
    code === '%7C' ? code : decodeURIComponent(code),
  );
}

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** `_elements` and `_summary` keep mandatory elements and say that they left something out. */
function reduced(resource: Resource, request: SearchRequest): unknown {
  const keep = elementsToKeep(resource, request);
  if (keep === undefined) return resource;
  const kept = Object.fromEntries(Object.entries(resource).filter(([name]) => keep(name.replace(/^_/, ''))));
  const tags =
    isObject(resource.meta) && Array.isArray(resource.meta['tag']) ? (resource.meta['tag'] as unknown[]) : [];
  return { ...kept, meta: { ...resource.meta, tag: [...tags, SUBSETTED] } };
}

function elementsToKeep(resource: Resource, request: SearchRequest): ((name: string) => boolean) | undefined {
  const always = new Set(['resourceType', 'id', 'meta']);
  const mandatory = mandatoryElements(resource.resourceType);
  if (request.elements.length > 0) {
    const asked = new Set(request.elements.map((item) => item.replace(`${resource.resourceType}.`, '')));
    return (name) => always.has(name) || mandatory(name) || asked.has(name);
  }
  if (request.summary === 'text') return (name) => always.has(name) || mandatory(name) || name === 'text';
  if (request.summary === 'data') return (name) => name !== 'text';
  if (request.summary === 'true') return inSummary(resource.resourceType, always);
  return undefined;
}

function mandatoryElements(type: string): (name: string) => boolean {
  return named(Object.entries(R4_STRUCTURES[type] ?? {}).filter(([, spec]) => spec.startsWith('1')));
}

function inSummary(type: string, always: ReadonlySet<string>): (name: string) => boolean {
  const listed = named(Object.entries(R4_STRUCTURES[type] ?? {}).filter(([, spec]) => spec.endsWith('+')));
  return (name) => always.has(name) || listed(name);
}

function named(rows: readonly (readonly [name: string, spec: string])[]): (name: string) => boolean {
  const plain = new Set(rows.map(([name]) => name));
  const choices = rows.filter(([name]) => name.endsWith('[x]')).map(([name]) => name.slice(0, -3));
  return (name) => plain.has(name) || choices.some((stem) => name.startsWith(stem));
}
