import { parseAddress, typeOf } from './address.ts';
import type { ProviderOperation, ResourceType } from './resource-type.ts';
import { resourceGroups } from './types/resource-groups.ts';

/** Every resource type of this cloud: one file each, one line here. */
export const RESOURCE_TYPES: readonly ResourceType[] = [resourceGroups];

/** Calls that belong to a provider, not to a resource. */
export const PROVIDER_OPERATIONS: readonly ProviderOperation[] = [];

/** The type of an ARM id, or undefined when this cloud does not have it. */
export function typeNamed(id: string): ResourceType | undefined {
  const { namespace, tail, groupName, segments } = parseAddress(id);
  if (namespace !== undefined) return typeCalled(typeOf(namespace, tail));
  return groupName !== undefined && segments.length === 4 ? resourceGroups : undefined;
}

/** A type by its name in any case. */
export function typeCalled(name: string): ResourceType | undefined {
  const wanted = name.toLowerCase();
  return RESOURCE_TYPES.find(({ type }) => type.toLowerCase() === wanted);
}
