import schema from '../../schemas/microsoft.storage.json' with { type: 'json' };
import { dropBlobs } from '../../storage/blob-store.ts';
import { CONTAINER_TYPE, containerBody, isContainerName } from '../../storage/containers.ts';
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { STORAGE_VERSIONS } from './storage-accounts.ts';

/** Blob containers, seen from Azure Resource Manager; the data plane sees the same ones. */
export const storageContainers: ResourceType = {
  type: CONTAINER_TYPE,
  apiVersions: STORAGE_VERSIONS,
  patch: true,
  write(request: ResourceRequest) {
    if (!isContainerName(request.name)) {
      throw new ArmError(
        400,
        'ContainerOperationFailure',
        'The specified resource name contains invalid characters.',
      );
    }
    const asked = (checkBody(schema, CONTAINER_TYPE, request.body)['properties'] ?? {}) as Record<
      string,
      unknown
    >;
    const access = asked['publicAccess'] ?? 'None';
    if (access !== 'None') {
      request.fabric.log({ standIn: 'arm', level: 'warn', text: 'public containers are not imitated' });
      throw new ArmError(501, 'NotImplemented', 'Containers with public access are not imitated.');
    }
    return containerBody(request.fabric, (asked['metadata'] ?? {}) as Record<string, string>);
  },
  afterDelete: ({ fabric, id }) => dropBlobs(fabric, id),
};
