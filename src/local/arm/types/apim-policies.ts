import { policyType } from '../../apim/policy-resource.ts';
import type { ResourceType } from '../resource-type.ts';

/** Policy documents of the service, of an API, of an operation. */
export const apimPolicies: readonly ResourceType[] = [
  policyType('Microsoft.ApiManagement/service/policies', 'global'),
  policyType('Microsoft.ApiManagement/service/apis/policies', 'api'),
  policyType('Microsoft.ApiManagement/service/apis/operations/policies', 'operation'),
];
