import { messageOf } from '../../../core/errors.ts';
import { HOST_KEYS_UNREADABLE } from '../../beliefs.ts';
import { WEB_VERSIONS } from '../../functions-host/arm-versions.ts';
import { openHostStorage } from '../../functions-host/host-storage.ts';
import { changeSiteRecord, siteRecord } from '../../functions-host/site-records.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

/** `sites/{app}/host/default`: the Functions host behind a site. Made with the site; only its actions are public. */
export const webHost: ResourceType = {
  type: 'Microsoft.Web/sites/host',
  apiVersions: WEB_VERSIONS,
  singletons: ['default'],
  write: () => {
    throw new ArmError(405, 'MethodNotAllowed', 'The host exists with its site and is not written.');
  },
  actions: {
    listkeys: async (request) => {
      await requireHost(request);
      const { masterKey, functionKeys, systemKeys } = siteRecord(request.fabric, siteIdOf(request));
      return { masterKey, functionKeys, systemKeys };
    },
    sync: () => new Response(null, { status: 204 }),
  },
};

/** Id of the site above `…/host/default…`. */
function siteIdOf(request: Pick<ResourceRequest, 'id'>): string {
  return request.id.replace(/\/host\/.*$/i, '');
}

/** Keys lie in the host's storage: a host that cannot open it neither tells nor takes any. */
export async function requireHost(request: ResourceRequest): Promise<void> {
  const siteId = siteIdOf(request);
  try {
    await openHostStorage(request.fabric, siteId);
  } catch (error) {
    const text = `keys of ${siteId.split('/').at(-1)}: ${messageOf(error)}`;
    request.fabric.log({ standIn: 'arm', level: 'warn', text });
    throw new ArmError(400, 'BadRequest', HOST_KEYS_UNREADABLE);
  }
}

/** Sets or removes one host key that may call every function. */
export function changeFunctionKey(request: ResourceRequest, name: string, value: string | undefined): void {
  const siteId = siteIdOf(request);
  const { [name]: _previous, ...others } = siteRecord(request.fabric, siteId).functionKeys;
  changeSiteRecord(request.fabric, siteId, {
    functionKeys: value === undefined ? others : { ...others, [name]: value },
  });
}
