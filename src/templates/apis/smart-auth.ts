import type { ApiTemplate, OperationTemplate } from '../template-types.ts';

const ENDPOINTS = [
  ['GET', 'authorize'],
  ['POST', 'authorize'],
  ['GET', 'signed-in'],
  ['POST', 'choose'],
  ['GET', 'callback'],
  ['POST', 'token'],
  ['POST', 'introspect'],
  ['POST', 'revoke'],
  ['POST', 'launch'],
] as const;

const endpoints = ENDPOINTS.map(([method, name]): OperationTemplate => {
  return {
    id: `${name}-${method.toLowerCase()}`,
    displayName: `${name} (${method})`,
    method,
    urlTemplate: `/${name}`,
  };
});

const clientKeys: OperationTemplate = {
  id: 'public-client-jwks',
  displayName: 'Public keys of a client',
  method: 'GET',
  urlTemplate: '/clients/{name}/jwks.json',
  templateParameters: [{ name: 'name', type: 'string', required: true }],
  policy: 'public-document.xml',
};

/** The OAuth base: the pages and endpoints of the authorization server. */
export const smartAuthApi: ApiTemplate = {
  id: 'smart-auth',
  displayName: 'SMART authorization',
  path: 'auth',
  protocols: ['https'],
  subscriptionRequired: false,
  policy: 'auth-api.xml',
  operations: [...endpoints, clientKeys],
};
