import { APIM_VERSIONS } from '../../apim/arm-versions.ts';
import { configurationOf } from '../../apim/policy-resource.ts';
import { objectAt, textAt } from '../../apim/resource-fields.ts';
import { validationError } from '../../apim/validation-error.ts';
import schema from '../../schemas/microsoft.apimanagement.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

const TYPE = 'Microsoft.ApiManagement/service/apis/operations';
/** Per service in the Consumption SKU (API Management service limits). */
const CONSUMPTION_OPERATIONS = 1000;

export const apimApiOperations: ResourceType = {
  type: TYPE,
  apiVersions: APIM_VERSIONS,
  etag: 'honoured',
  tracked: false,
  patch: true,
  write(request) {
    if (!/^[^*#&+:<>?]{1,80}$/.test(request.name)) {
      throw validationError({
        target: 'operationId',
        message: 'The operation id must have 1 to 80 allowed characters.',
      });
    }
    const properties = objectAt(checkBody(schema, TYPE, request.body), 'properties');
    const method = textAt(properties, 'method') ?? '';
    const template = textAt(properties, 'urlTemplate') ?? '';
    const urlTemplate = template.startsWith('/') ? template : `/${template}`;
    if (!/^[A-Za-z]{1,20}$/.test(method))
      throw validationError({ target: 'method', message: `'${method}' is not a method.` });
    checkTemplate(request, urlTemplate, properties['templateParameters']);
    checkOthers(request, method, urlTemplate);
    return {
      properties: {
        templateParameters: [],
        description: null,
        responses: [],
        policies: null,
        ...properties,
        method: method.toUpperCase(),
        urlTemplate,
      },
    };
  },
};

/** Every `{parameter}` of the template is declared, and every declared one is used. */
function checkTemplate(request: ResourceRequest, template: string, declared: unknown): void {
  if (template.includes('?')) {
    request.fabric.log({
      standIn: 'arm',
      level: 'warn',
      text: 'query parameters in URL templates are not imitated',
    });
    throw new ArmError(501, 'NotImplemented', 'Query parameters in URL templates are not imitated.');
  }
  const bad = template.split('/').find((part) => /[*{}]/.test(part) && !/^(?:\*|\{\*?[\w-]+\})$/.test(part));
  if (bad !== undefined)
    throw validationError({
      target: 'urlTemplate',
      message: `'${bad}' is not a valid segment of a URL template.`,
    });
  const used = [...template.matchAll(/\{\*?([\w-]+)\}/g)].map((match) => match[1] ?? '');
  const names = (Array.isArray(declared) ? declared : []).map((item) => textAt(item, 'name') ?? '');
  const odd = [
    ...used.filter((name) => !names.includes(name)),
    ...names.filter((name) => !used.includes(name)),
  ];
  if (odd.length > 0) {
    throw validationError({
      target: 'templateParameters',
      message: `All template parameters used in the UriTemplate must be defined in the Operation, and the other way round: ${odd.join(', ')}`,
    });
  }
}

function checkOthers(request: ResourceRequest, method: string, template: string): void {
  const configuration = configurationOf(request.fabric, request.id);
  const all = configuration
    .children('apis/operations')
    .filter((item) => item.id.toLowerCase() !== request.id.toLowerCase());
  const same = all
    .filter((item) => item.id.toLowerCase().startsWith(`${request.parentId?.toLowerCase()}/operations/`))
    .map((item) => objectAt(item.body, 'properties'))
    .some(
      (item) => textAt(item, 'method') === method.toUpperCase() && textAt(item, 'urlTemplate') === template,
    );
  if (same) {
    throw validationError({
      target: 'urlTemplate',
      message: `Operation with the same method and URL template already exists: ${method.toUpperCase()}, ${template}`,
    });
  }
  if (
    configuration.sku === 'Consumption' &&
    request.existing === undefined &&
    all.length >= CONSUMPTION_OPERATIONS
  ) {
    throw validationError({
      target: 'operations',
      message: `The Consumption SKU allows ${CONSUMPTION_OPERATIONS} operations.`,
    });
  }
}
