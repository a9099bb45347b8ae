import { readFile } from 'node:fs/promises';
import { assetPath } from '../core/assets.ts';
import { smartAuthApi } from './apis/smart-auth.ts';
import { smartFhirApi } from './apis/smart-fhir.ts';
import type { ApiTemplate, FragmentTemplate, NamedValueTemplate, PolicyFile } from './template-types.ts';

/** Value of `allowed-origins` when no client has a page of its own: no browser sends it. */
export const NO_ORIGINS = 'https://none.invalid';

/**
 * The parameters of the policies. They must exist before fragments and policies are saved: API Management refuses a
 * policy that names an unknown one.
 */
export const NAMED_VALUES: readonly NamedValueTemplate[] = [
  {
    name: 'function-base-url',
    description:
      'Where the Function app answers, without a slash at the end: https://{app}.azurewebsites.net/api',
    keyVault: false,
  },
  { name: 'functions-key', description: 'Host key of the Function app', keyVault: true },
  { name: 'issuer', description: 'The `iss` of access tokens, as discovery says it', keyVault: false },
  {
    name: 'openid-config-url',
    description: 'Where the keys are found: {authority}/.well-known/openid-configuration',
    keyVault: false,
  },
  {
    name: 'fhir-audience',
    description: 'The `aud` of access tokens: id of the FHIR resource app',
    keyVault: false,
  },
  {
    name: 'allowed-origins',
    description: 'Origins of registered clients, joined with commas, no spaces; none: NO_ORIGINS',
    keyVault: false,
  },
];

/** Pieces of policy that both APIs include. */
export const POLICY_FRAGMENTS: readonly FragmentTemplate[] = [
  {
    id: 'forward-to-function',
    description:
      'Drops what only a trusted front may say, then sends the request to the Function with its key',
    policy: 'forward-to-function.xml',
  },
];

/** The two APIs. The service's global policy stays as it is. */
export const APIS: readonly ApiTemplate[] = [smartFhirApi, smartAuthApi];

/** The XML of a policy, for `format: rawxml`. */
export function readPolicy(file: PolicyFile): Promise<string> {
  return readFile(assetPath(`templates/policies/${file}`), 'utf8');
}
