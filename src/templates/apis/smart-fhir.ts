import type { ApiTemplate, OperationTemplate } from '../template-types.ts';

/** Anonymous documents. Their id's prefix is what the API's policy tells them by. */
const PUBLIC_DOCUMENTS = [
  ['smart-configuration', '/.well-known/smart-configuration'],
  ['metadata', '/metadata'],
  ['smart-style', '/smart-style.json'],
] as const;

/** Everything else is FHIR: which method and path make sense is the gateway's to say. */
const GUARDED_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;

const publicOperations = PUBLIC_DOCUMENTS.flatMap(([name, urlTemplate]): OperationTemplate[] => [
  { id: `public-${name}`, displayName: name, method: 'GET', urlTemplate, policy: 'public-document.xml' },
  {
    id: `public-${name}-head`,
    displayName: `${name} (HEAD)`,
    method: 'HEAD',
    urlTemplate,
    policy: 'public-document.xml',
  },
]);

const guardedOperations = GUARDED_METHODS.map((method): OperationTemplate => {
  return { id: `fhir-${method.toLowerCase()}`, displayName: `FHIR ${method}`, method, urlTemplate: '/*' };
});

/** The base itself: batches and searches over all types. A wildcard needs at least one segment. */
const baseOperations = (['GET', 'POST', 'HEAD'] as const).map((method): OperationTemplate => {
  return {
    id: `fhir-base-${method.toLowerCase()}`,
    displayName: `FHIR base ${method}`,
    method,
    urlTemplate: '/',
  };
});

/** The FHIR base that clients know. */
export const smartFhirApi: ApiTemplate = {
  id: 'smart-fhir',
  displayName: 'SMART on FHIR',
  path: 'fhir',
  protocols: ['https'],
  subscriptionRequired: false,
  policy: 'fhir-api.xml',
  operations: [...publicOperations, ...baseOperations, ...guardedOperations],
};
