import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import { quoted, refuseWhileUsed } from '../../apim/policy-resource.ts';
import { objectAt, textAt } from '../../apim/resource-fields.ts';
import { validationError } from '../../apim/validation-error.ts';
import schema from '../../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceType } from '../resource-type.ts';

const TYPE = 'Microsoft.ApiManagement/service/backends';
const NOT_IMITATED = ['pool', 'circuitBreaker', 'credentials', 'proxy', 'tls'];

/** Backends that policies name by id: a URL, nothing more. */
export const apimBackends: ResourceType = {
  type: TYPE,
  apiVersions: APIM_VERSIONS,
  etag: 'honoured',
  tracked: false,
  patch: true,
  write(request) {
    const properties = objectAt(checkBody(schema, TYPE, request.body), 'properties');
    const member = NOT_IMITATED.find((name) => properties[name] !== undefined);
    if (
      member !== undefined ||
      (textAt(properties, 'type') ?? 'Single') !== 'Single' ||
      properties['protocol'] === 'soap'
    ) {
      request.fabric.log({ standIn: 'arm', level: 'warn', text: 'this kind of backend is not imitated' });
      throw new ArmError(501, 'NotImplemented', `Backends with '${member ?? 'type'}' are not imitated.`);
    }
    const url = textAt(properties, 'url') ?? '';
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw validationError({ target: 'url', message: 'The URL must be absolute.' });
    return { properties: { ...properties, url, type: 'Single' } };
  },
  beforeDelete: (request) =>
    refuseWhileUsed(
      request,
      'backend',
      new RegExp(`backend-id\\s*=\\s*["']${quoted(request.name)}["']`, 'i'),
    ),
};
