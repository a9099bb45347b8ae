import { WEB_VERSIONS } from '../../functions-host/arm-versions.ts';
import { member, newHostKey } from '../../functions-host/site-records.ts';
import { ArmError, type ResourceType } from '../resource-type.ts';
import { changeFunctionKey, requireHost } from './web-host.ts';

/** `sites/{app}/host/default/functionKeys/{name}`: a key that may call every function of the app. */
export const webFunctionKeys: ResourceType = {
  type: 'Microsoft.Web/sites/host/functionKeys',
  apiVersions: WEB_VERSIONS,
  put: 'sync',
  remove: 'sync',
  putStatus: { created: 201, updated: 200 },
  write: async (request) => {
    if (!/^[A-Za-z0-9_-]{1,127}$/.test(request.name)) {
      throw new ArmError(400, 'BadRequest', 'The name of the key is not valid.');
    }
    const given = member(request.body, 'properties', 'value');
    if (given !== undefined && given !== null && (typeof given !== 'string' || given === '')) {
      throw new ArmError(400, 'BadRequest', 'The value of the key must be a string.');
    }
    await requireHost(request);
    const value = typeof given === 'string' ? given : newHostKey();
    changeFunctionKey(request, request.name, value);
    return { properties: { name: request.name } };
  },
  // Values are shown by `POST …/host/default/listKeys` only.
  present: (stored) => ({ properties: { name: stored.name } }),
  beforeDelete: async (request) => {
    await requireHost(request);
    changeFunctionKey(request, request.name, undefined);
  },
};
