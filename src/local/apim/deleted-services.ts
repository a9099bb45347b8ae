import { DAY } from '../../core/clock.ts';
import type { Fabric } from '../fabric.ts';
import type { StoredResource } from '../resources.ts';
import type { Collection } from '../store.ts';
import { textAt } from './resource-fields.ts';

/** A deleted service keeps its name for two days (API Management: soft-delete). */
const RETENTION_MS = 2 * DAY;

/** A service between delete and purge, with all that lay below it. */
export interface DeletedService {
  readonly service: StoredResource;
  readonly children: readonly StoredResource[];
  readonly deletedAt: number;
}

function collection(fabric: Fabric): Collection<DeletedService> {
  return fabric.store.collection<DeletedService>('apim-deleted');
}

export function deletedServices(fabric: Fabric): DeletedService[] {
  const now = fabric.clock.now();
  const all = collection(fabric).values();
  const gone = all.filter((item) => item.deletedAt + RETENTION_MS <= now);
  for (const item of gone) purgeDeleted(fabric, item.service.name);
  return all.filter((item) => !gone.includes(item));
}

export function deletedService(fabric: Fabric, name: string): DeletedService | undefined {
  return deletedServices(fabric).find((item) => item.service.name.toLowerCase() === name.toLowerCase());
}

export function keepDeleted(
  fabric: Fabric,
  service: StoredResource,
  children: readonly StoredResource[],
): void {
  collection(fabric).put(service.name.toLowerCase(), { service, children, deletedAt: fabric.clock.now() });
}

export function purgeDeleted(fabric: Fabric, name: string): void {
  collection(fabric).delete(name.toLowerCase());
}

/** The document of a deleted service as ARM shows it. */
export function deletedDocument(fabric: Fabric, item: DeletedService): Record<string, unknown> {
  const location = textAt(item.service.body, 'location') ?? '';
  return {
    id: `/subscriptions/${fabric.subscriptionId}/providers/Microsoft.ApiManagement/locations/${location}/deletedservices/${item.service.name}`,
    name: item.service.name,
    type: 'Microsoft.ApiManagement/deletedservices',
    location,
    properties: {
      serviceId: item.service.id,
      deletionDate: new Date(item.deletedAt).toISOString(),
      scheduledPurgeDate: new Date(item.deletedAt + RETENTION_MS).toISOString(),
    },
  };
}
