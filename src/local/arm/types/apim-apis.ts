import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import { configurationOf } from '../../apim/policy-resource.ts';
import { objectAt, textAt } from '../../apim/resource-fields.ts';
import { validationError } from '../../apim/validation-error.ts';
import schema from '../../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

const TYPE = 'Microsoft.ApiManagement/service/apis';
const NAME = /^[^*#&+:<>?]{1,256}$/;
/** Limits of the Consumption SKU (API Management service limits). */
const CONSUMPTION_APIS = 50;

/** Members that ask for what is not imitated: imports, revisions, versions, other protocols. */
const NOT_IMITATED = [
  'format',
  'value',
  'wsdlSelector',
  'sourceApiId',
  'apiVersion',
  'apiVersionSet',
  'apiVersionSetId',
  'apiRevisionDescription',
];

export const apimApis: ResourceType = {
  type: TYPE,
  apiVersions: APIM_VERSIONS,
  put: { header: 'Location', runningState: 'InProgress', weight: 0.2 },
  updatesAtOnce: true,
  etag: 'honoured',
  tracked: false,
  patch: true,
  write(request) {
    refuseUnsupported(request);
    const properties = objectAt(checkBody(schema, TYPE, request.body), 'properties');
    const path = (textAt(properties, 'path') ?? '').replace(/^\/+|\/+$/g, '');
    const displayName = textAt(properties, 'displayName');
    if (displayName === undefined)
      throw validationError({ target: 'displayName', message: "'Display Name' must not be empty." });
    checkConflicts(request, path);
    return {
      properties: {
        displayName,
        apiRevision: '1',
        description: null,
        subscriptionRequired: properties['subscriptionRequired'] ?? true,
        serviceUrl: properties['serviceUrl'] ?? null,
        protocols: properties['protocols'] ?? ['https'],
        authenticationSettings: properties['authenticationSettings'] ?? { oAuth2: null, openid: null },
        subscriptionKeyParameterNames: properties['subscriptionKeyParameterNames'] ?? {
          header: 'Ocp-Apim-Subscription-Key',
          query: 'subscription-key',
        },
        isCurrent: true,
        ...withoutUndefined(properties, [
          'description',
          'apiType',
          'type',
          'termsOfServiceUrl',
          'contact',
          'license',
        ]),
        path,
        provisioningState: 'Succeeded',
      },
    };
  },
};

function refuseUnsupported(request: ResourceRequest): void {
  if (/;rev=/i.test(request.name)) throw notImitated(request, 'API revisions');
  if (!NAME.test(request.name))
    throw validationError({ target: 'apiId', message: 'The API id has characters that are not allowed.' });
  const asked = objectAt(request.body, 'properties');
  const member = NOT_IMITATED.find(
    (name) => asked[name] !== undefined && asked[name] !== null && asked[name] !== '',
  );
  if (member !== undefined) throw notImitated(request, `the API property '${member}'`);
  for (const name of ['type', 'apiType']) {
    const kind = textAt(asked, name);
    if (kind !== undefined && kind !== 'http') throw notImitated(request, `APIs of type '${kind}'`);
  }
}

function notImitated(request: ResourceRequest, what: string): ArmError {
  request.fabric.log({ standIn: 'arm', level: 'warn', text: `${what}: not imitated` });
  return new ArmError(501, 'NotImplemented', `This cloud does not imitate ${what}.`);
}

function checkConflicts(request: ResourceRequest, path: string): void {
  const configuration = configurationOf(request.fabric, request.id);
  const others = configuration
    .children('apis')
    .filter((item) => item.id.toLowerCase() !== request.id.toLowerCase());
  if (
    others.some(
      (item) => textAt(objectAt(item.body, 'properties'), 'path')?.toLowerCase() === path.toLowerCase(),
    )
  ) {
    throw validationError({
      target: 'path',
      message: `Cannot create API '${request.name}' with the same Path '${path}' as another API.`,
    });
  }
  if (
    configuration.sku === 'Consumption' &&
    request.existing === undefined &&
    others.length >= CONSUMPTION_APIS
  ) {
    throw validationError({
      target: 'apis',
      message: `The Consumption SKU allows ${CONSUMPTION_APIS} APIs.`,
    });
  }
}

function withoutUndefined(
  source: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])),
  );
}
