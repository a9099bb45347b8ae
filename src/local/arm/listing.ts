import type { StoredResource } from '../resources.ts';
import { requireManagerVersion } from './api-version.ts';
import type { ArmCall } from './arm-call.ts';
import { ArmError, type ResourceType } from './resource-type.ts';
import { respond } from './respond.ts';
import { typeCalled } from './types.ts';

/** Resources of a type in a parent, a group or the subscription. */
export function listResources(call: ArmCall, type: ResourceType): Response {
  const { address, query, headers } = call;
  const { lifecycle } = call.arm;
  refuseOptions(call, ['$filter', '$top', '$skip', '$skiptoken', '$orderby']);
  const parentId = address.tail.length > 1 ? address.path.slice(0, address.path.lastIndexOf('/')) : undefined;
  const within = parentId ?? address.scope;
  if (parentId !== undefined) requireParent(call, parentId);
  const found = lifecycle.resources
    .below(within)
    .filter((item) => item.type.toLowerCase() === type.type.toLowerCase());
  const items = [...found, ...unwritten(call, type, parentId, found)];
  return respond(200, { value: items.map((item) => lifecycle.present(type, item, query, headers)) });
}

/** `GET …/resources`, over all tracked resources of the group or subscription. */
export function listEverything(call: ArmCall, within: string): Response {
  requireManagerVersion(call.apiVersion);
  refuseOptions(call, ['$expand', '$skiptoken']);
  const keep = filterOf(call.query.get('$filter'));
  const items = call.arm.lifecycle.resources
    .below(within)
    .filter(({ type }) => type.split('/').length >= 2 && typeCalled(type) !== undefined)
    .filter((item) => 'location' in item.body && item.type !== 'Microsoft.Resources/resourceGroups')
    .filter(keep)
    .map(({ id, name, type, body }) => {
      const { location, tags, kind, sku, identity } = body;
      return { id, name, type, location, tags, kind, sku, identity };
    });
  const top = Number(call.query.get('$top') ?? items.length);
  if (!Number.isInteger(top) || top < 0) throw new ArmError(400, 'InvalidTop', 'The $top value is invalid.');
  return respond(200, { value: items.slice(0, top) });
}

const COMPARISON = /^(resourceType|name|resourceGroup|tagName|tagValue|location) eq '((?:[^']|'')*)'$/i;

/** @throws ArmError 400 for what this cloud cannot filter by */
export function filterOf(filter: string | null): (item: StoredResource) => boolean {
  if (filter === null || filter.trim() === '') return () => true;
  const terms = filter.split(/ and /i).map((term) => {
    const match = COMPARISON.exec(term.trim());
    if (match === null) throw new ArmError(400, 'InvalidFilterInQueryString', `Invalid $filter '${filter}'.`);
    return [(match[1] ?? '').toLowerCase(), (match[2] ?? '').replaceAll("''", "'").toLowerCase()] as const;
  });
  const tagName = terms.find(([key]) => key === 'tagname')?.[1];
  return (item) =>
    terms.every(([key, value]) => {
      if (key === 'resourcetype') return item.type.toLowerCase() === value;
      if (key === 'name') return item.name.toLowerCase() === value;
      if (key === 'location') return item.body['location'] === value;
      if (key === 'resourcegroup') return item.id.toLowerCase().includes(`/resourcegroups/${value}/`);
      const tags = Object.entries((item.body['tags'] ?? {}) as Record<string, string>);
      if (key === 'tagname') return tags.some(([name]) => name.toLowerCase() === value);
      return tags.some(([name, text]) => name.toLowerCase() === tagName && text.toLowerCase() === value);
    });
}

export function refuseOptions(call: ArmCall, names: readonly string[]): void {
  const used = names.find((name) => call.query.has(name));
  if (used === undefined) return;
  call.arm.fabric.log({ standIn: 'arm', level: 'warn', text: `list option ${used} is not imitated` });
  throw new ArmError(501, 'NotImplemented', `The query option '${used}' is not imitated for this list.`);
}

function requireParent(call: ArmCall, parentId: string): void {
  const { tail, namespace } = call.address;
  const parent = typeCalled(
    `${namespace}/${tail
      .slice(0, -1)
      .filter((_, at) => at % 2 === 0)
      .join('/')}`,
  );
  if (parent === undefined) return;
  call.arm.lifecycle.require(on(call, parent, parentId));
}

/** Singletons nobody has written: listed under one parent, as Azure does. */
function unwritten(
  call: ArmCall,
  type: ResourceType,
  parentId: string | undefined,
  found: readonly StoredResource[],
): StoredResource[] {
  if (parentId === undefined) return [];
  const last = call.address.tail.at(-1) ?? '';
  return (type.singletons ?? [])
    .filter((name) => !found.some((item) => item.name.toLowerCase() === name))
    .map((name) => call.arm.lifecycle.find(on(call, type, `${parentId}/${last}/${name}`)))
    .filter((item) => item !== undefined);
}

function on(
  call: ArmCall,
  type: ResourceType,
  id: string,
): Parameters<ArmCall['arm']['lifecycle']['find']>[0] {
  const { query, headers, caller } = call;
  return { type, id, name: id.slice(id.lastIndexOf('/') + 1), query, headers, body: {}, caller };
}
