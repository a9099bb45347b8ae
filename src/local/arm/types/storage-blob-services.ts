import schema from '../../schemas/microsoft.storage.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { STORAGE_VERSIONS } from './storage-accounts.ts';

const TYPE = 'Microsoft.Storage/storageAccounts/blobServices';
/** What the data plane of this cloud would have to do and does not. */
const NOT_IMITATED = ['cors', 'isVersioningEnabled', 'changeFeed', 'restorePolicy', 'staticWebsite'];

/** The blob service of an account: exists with it under the name `default`. */
export const storageBlobServices: ResourceType = {
  type: TYPE,
  apiVersions: STORAGE_VERSIONS,
  singletons: ['default'],
  putStatus: { created: 200, updated: 200 },
  initial: () => ({ sku: { name: 'Standard_LRS', tier: 'Standard' }, properties: defaults() }),
  write(request: ResourceRequest) {
    if (request.name.toLowerCase() !== 'default') {
      throw new ArmError(400, 'InvalidServiceName', 'The name of the blob service is default.');
    }
    const asked = (checkBody(schema, TYPE, request.body)['properties'] ?? {}) as Record<string, unknown>;
    refuse(request, asked);
    return { properties: { ...defaults(), ...asked } };
  },
  beforeDelete() {
    throw new ArmError(405, 'HttpMethodNotSupported', 'The blob service cannot be deleted.');
  },
};

function defaults(): Record<string, unknown> {
  return { cors: { corsRules: [] }, deleteRetentionPolicy: { allowPermanentDelete: false, enabled: false } };
}

function refuse(request: ResourceRequest, asked: Record<string, unknown>): void {
  const used = NOT_IMITATED.find((name) => isAsked(asked[name]));
  const retention = asked['deleteRetentionPolicy'] as { enabled?: boolean } | undefined;
  const containers = asked['containerDeleteRetentionPolicy'] as { enabled?: boolean } | undefined;
  const what = used ?? (retention?.enabled || containers?.enabled ? 'deleteRetentionPolicy' : undefined);
  if (what === undefined) return;
  request.fabric.log({
    standIn: 'arm',
    level: 'warn',
    text: `blob service property ${what} is not imitated`,
  });
  throw new ArmError(501, 'NotImplemented', `The blob service property '${what}' is not imitated.`);
}

function isAsked(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value !== 'object') return true;
  return Object.values(value).some((item) => (Array.isArray(item) ? item.length > 0 : item === true));
}
