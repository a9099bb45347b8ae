import schema from '../../schemas/microsoft.storage.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { STORAGE_VERSIONS } from './storage-accounts.ts';

const TYPE = 'Microsoft.Storage/storageAccounts/tableServices';

/** The table service of an account: exists with it under the name `default`. */
export const storageTableServices: ResourceType = {
  type: TYPE,
  apiVersions: STORAGE_VERSIONS,
  singletons: ['default'],
  putStatus: { created: 200, updated: 200 },
  initial: () => ({ properties: { cors: { corsRules: [] } } }),
  write(request: ResourceRequest) {
    if (request.name.toLowerCase() !== 'default') {
      throw new ArmError(400, 'InvalidServiceName', 'The name of the table service is default.');
    }
    const asked = checkBody(schema, TYPE, request.body)['properties'] as
      | { cors?: { corsRules?: unknown[] } }
      | undefined;
    if ((asked?.cors?.corsRules?.length ?? 0) > 0) {
      request.fabric.log({
        standIn: 'arm',
        level: 'warn',
        text: 'CORS of the table service is not imitated',
      });
      throw new ArmError(501, 'NotImplemented', 'CORS rules of the table service are not imitated.');
    }
    return { properties: { cors: { corsRules: [] } } };
  },
  beforeDelete() {
    throw new ArmError(405, 'HttpMethodNotSupported', 'The table service cannot be deleted.');
  },
};
