import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import { deletedService, keepDeleted, purgeDeleted } from '../../apim/deleted-services.ts';
import { holderOfOrigin } from '../../apim/gateway.ts';
import { objectAt, textAt } from '../../apim/resource-fields.ts';
import { SERVICE_TYPE } from '../../apim/service-configuration.ts';
import { validationError } from '../../apim/validation-error.ts';
import type { StoredResource } from '../../resources.ts';
import schema from '../../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { holderOfName } from '../name-availability.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { identityMember, removeIdentity } from '../system-identity.ts';

const NAME = /^[a-zA-Z](?:[a-zA-Z0-9-]{0,48}[a-zA-Z0-9])?$/;

/** API Management services. Deleted ones keep their name for 48 hours, until restored or purged. */
export const apimService: ResourceType = {
  type: SERVICE_TYPE,
  apiVersions: APIM_VERSIONS,
  put: { header: 'Azure-AsyncOperation', runningState: 'Activating', updatingState: 'Updating', weight: 4 },
  remove: { header: 'Azure-AsyncOperation', runningState: 'Terminating', weight: 1 },
  etag: 'honoured',
  patch: true,
  systemData: true,
  write(request) {
    if (!NAME.test(request.name)) {
      throw validationError({
        target: 'name',
        message: 'The service name must have 1 to 50 letters, digits and hyphens, and begin with a letter.',
      });
    }
    const restored = restore(request);
    const body = checkBody(schema, SERVICE_TYPE, request.body);
    const properties = { ...objectAt(restored?.service.body, 'properties'), ...objectAt(body, 'properties') };
    for (const member of ['publisherEmail', 'publisherName']) {
      if ((textAt(properties, member) ?? '') === '')
        throw validationError({ target: member, message: `The field ${member} is required.` });
    }
    return {
      location: request.body['location'],
      tags: request.body['tags'],
      sku: checkedSku(request, objectAt(body, 'sku')),
      identity: identityMember(request),
      properties: shownProperties(request, properties),
    };
  },
  present: (stored) => ({ ...stored.body, etag: stored.etag }),
  beforeDelete({ fabric, resources, id, existing }) {
    // Children vanish before their service does: what restoring needs is kept now.
    if (existing !== undefined) pending(fabric).put(id.toLowerCase(), resources.below(id));
  },
  afterDelete(request) {
    const { fabric, id, existing } = request;
    const children = pending(fabric).get(id.toLowerCase()) ?? [];
    pending(fabric).delete(id.toLowerCase());
    if (existing !== undefined) keepDeleted(fabric, existing, children);
    removeIdentity(request);
  },
};

function pending(
  fabric: ResourceRequest['fabric'],
): ReturnType<typeof fabric.store.collection<StoredResource[]>> {
  return fabric.store.collection<StoredResource[]>('apim-deleting');
}

/** The deleted service to bring back; children come with it. Its name is taken otherwise. */
function restore(request: ResourceRequest): ReturnType<typeof deletedService> {
  const { fabric, name, id, resources, existing } = request;
  if (holderOfName(resources, SERVICE_TYPE, name, id) !== undefined) {
    throw new ArmError(409, 'ServiceAlreadyExists', `Api service already exists: ${name}`);
  }
  const deleted = existing === undefined ? deletedService(fabric, name) : undefined;
  const asked = objectAt(request.body, 'properties')['restore'] === true;
  if (deleted === undefined) {
    if (asked && existing === undefined)
      throw new ArmError(404, 'ServiceUndeleteNotFound', `There is no deleted service '${name}' to restore.`);
    return undefined;
  }
  if (!asked) {
    throw new ArmError(
      409,
      'ServiceAlreadyExistsInSoftDeletedState',
      `Api service ${name} was soft-deleted. In order to create the new service with the same name, you have to either undelete the service or purge it.`,
    );
  }
  if (deleted.service.id.toLowerCase() !== id.toLowerCase()) {
    throw new ArmError(
      400,
      'ServiceUndeleteNotPossible',
      'A deleted service can only be restored where it was.',
    );
  }
  purgeDeleted(fabric, name);
  for (const child of deleted.children) resources.put(child);
  return deleted;
}

function checkedSku(
  request: ResourceRequest,
  sku: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const name = textAt(sku, 'name');
  const capacity = sku['capacity'];
  if (name === undefined || typeof capacity !== 'number')
    throw validationError({ target: 'sku', message: 'The fields sku.name and sku.capacity are required.' });
  if ((name === 'Consumption') !== (capacity === 0)) {
    throw validationError({
      target: 'sku.capacity',
      message: `The capacity ${capacity} is not valid for the SKU ${name}.`,
    });
  }
  const before = textAt(objectAt(request.existing?.body, 'sku'), 'name');
  if (before !== undefined && before !== name && (before === 'Consumption' || name === 'Consumption')) {
    throw validationError({
      target: 'sku',
      message: 'The Consumption SKU cannot be converted to or from another SKU.',
    });
  }
  return { name, capacity };
}

function shownProperties(
  request: ResourceRequest,
  asked: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { fabric, id, name } = request;
  const host = `${name.toLowerCase()}.azure-api.net`;
  const holder = holderOfOrigin(fabric);
  // One gateway origin exists; whoever came first has it, others answer only at their Azure host.
  const holds = holder === undefined || holder.id.toLowerCase() === id.toLowerCase();
  const { restore: _, ...kept } = asked;
  return {
    virtualNetworkType: 'None',
    publicNetworkAccess: 'Enabled',
    disableGateway: false,
    developerPortalStatus: 'Disabled',
    apiVersionConstraint: {},
    customProperties: {},
    certificates: null,
    ...kept,
    notificationSenderEmail: 'apimgmt-noreply@mail.windowsazure.com',
    targetProvisioningState: '',
    createdAtUtc: request.existing?.createdAt ?? new Date(fabric.clock.now()).toISOString(),
    gatewayUrl: holds ? fabric.origins.gateway : `https://${host}`,
    hostnameConfigurations: [
      {
        type: 'Proxy',
        hostName: host,
        defaultSslBinding: true,
        negotiateClientCertificate: false,
        certificateSource: 'BuiltIn',
      },
    ],
    platformVersion: textAt(objectAt(request.body, 'sku'), 'name') === 'Consumption' ? 'mtv1' : 'stv2',
    provisioningState: 'Succeeded',
  };
}
