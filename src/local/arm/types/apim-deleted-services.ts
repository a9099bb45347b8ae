import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import {
  deletedDocument,
  deletedService,
  deletedServices,
  purgeDeleted,
} from '../../apim/deleted-services.ts';
import { textAt } from '../../apim/resource-fields.ts';
import { SERVICE_TYPE } from '../../apim/service-configuration.ts';
import { normalizeLocation } from '../locations.ts';
import { holderOfName } from '../name-availability.ts';
import { ArmError, type ProviderOperation, type ProviderRequest } from '../resource-type.ts';

const ONE = 'Microsoft.ApiManagement/locations/{location}/deletedservices/{name}';

/** Soft-deleted services: list, read, purge; and the question whether a name is free. */
export const apimOperations: readonly ProviderOperation[] = [
  {
    method: 'GET',
    path: 'Microsoft.ApiManagement/deletedservices',
    apiVersions: APIM_VERSIONS,
    action: 'Microsoft.ApiManagement/deletedservices/read',
    handle: ({ fabric }) => ({ value: deletedServices(fabric).map((item) => deletedDocument(fabric, item)) }),
  },
  {
    method: 'GET',
    path: ONE,
    apiVersions: APIM_VERSIONS,
    action: 'Microsoft.ApiManagement/locations/deletedservices/read',
    handle: (request) => deletedDocument(request.fabric, find(request)),
  },
  {
    method: 'DELETE',
    path: ONE,
    apiVersions: APIM_VERSIONS,
    action: 'Microsoft.ApiManagement/locations/deletedservices/delete',
    // Purging takes no time worth imitating: 200 at once.
    handle: (request) => {
      purgeDeleted(request.fabric, find(request).service.name);
      return undefined;
    },
  },
  {
    method: 'POST',
    path: 'Microsoft.ApiManagement/checkNameAvailability',
    apiVersions: APIM_VERSIONS,
    action: 'Microsoft.ApiManagement/checkNameAvailability/read',
    handle: checkName,
  },
];

function find({ fabric, params }: ProviderRequest): ReturnType<typeof deletedServices>[number] {
  const found = deletedService(fabric, params['name'] ?? '');
  const location = normalizeLocation(params['location'] ?? '');
  if (found !== undefined && textAt(found.service.body, 'location') === location) return found;
  throw new ArmError(
    404,
    'ServiceNotFound',
    `The service '${params['name']}' is not found in deleted state.`,
  );
}

function checkName({ fabric, resources, body }: ProviderRequest): Record<string, unknown> {
  const name = textAt(body, 'name') ?? '';
  if (!/^[a-zA-Z](?:[a-zA-Z0-9-]{0,48}[a-zA-Z0-9])?$/.test(name)) {
    return { nameAvailable: false, reason: 'Invalid', message: `The name '${name}' is invalid.` };
  }
  const taken =
    holderOfName(resources, SERVICE_TYPE, name, '') !== undefined ||
    deletedService(fabric, name) !== undefined;
  if (taken)
    return {
      nameAvailable: false,
      reason: 'AlreadyExists',
      message: `${name} is already in use. Please select a different name.`,
    };
  return { nameAvailable: true, reason: 'Valid', message: '' };
}
