import type { Resources, StoredResource } from '../resources.ts';

/** The resource that holds a name which is unique in all of Azure, unless it is the one asking. */
export function holderOfName(
  resources: Resources,
  type: string,
  name: string,
  askingId: string,
): StoredResource | undefined {
  const wanted = name.toLowerCase();
  return resources
    .ofType(type)
    .find((item) => item.name.toLowerCase() === wanted && item.id.toLowerCase() !== askingId.toLowerCase());
}
