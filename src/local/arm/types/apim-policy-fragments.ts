import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import { checkFragment } from '../../apim/policy/document.ts';
import {
  configurationOf,
  documentIn,
  quoted,
  refuseWhileUsed,
  shownDocument,
  shownFormat,
} from '../../apim/policy-resource.ts';
import { objectAt } from '../../apim/resource-fields.ts';
import { checkingPolicy, validationError } from '../../apim/validation-error.ts';
import type { ResourceType } from '../resource-type.ts';

const TYPE = 'Microsoft.ApiManagement/service/policyFragments';

export const apimPolicyFragments: ResourceType = {
  type: TYPE,
  apiVersions: APIM_VERSIONS,
  put: { header: 'Location', runningState: 'InProgress', weight: 0.2 },
  etag: 'honoured',
  tracked: false,
  write(request) {
    if (!/^\w(?:[\w-]{0,78}\w)?$/.test(request.name))
      throw validationError({ target: 'id', message: 'The fragment id is not valid.' });
    const { value, format } = documentIn(request, TYPE);
    const environment = configurationOf(request.fabric, request.id).environment();
    checkingPolicy(() => checkFragment(value, format, request.name.toLowerCase(), environment));
    const { description } = objectAt(request.body, 'properties');
    return {
      properties: {
        format,
        value,
        ...(description === undefined ? {} : { description }),
        provisioningState: 'Succeeded',
      },
    };
  },
  present: (stored, { query }) => ({
    properties: {
      ...objectAt(stored.body, 'properties'),
      format: shownFormat(query),
      value: shownDocument(stored, query),
    },
  }),
  beforeDelete: (request) =>
    refuseWhileUsed(
      request,
      'fragment',
      new RegExp(`fragment-id\\s*=\\s*["']${quoted(request.name)}["']`, 'i'),
    ),
};
