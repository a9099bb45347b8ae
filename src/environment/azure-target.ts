import type { Config } from '../config/config.ts';
import { SmartfhirError } from '../core/errors.ts';
import { AZURE_PUBLIC_ENDPOINTS, type CloudEndpoints, type FetchLike, type Target } from '../core/target.ts';

/** Azure US Government: other hosts, no Flex Consumption, no API Management Consumption. */
const US_GOVERNMENT: CloudEndpoints = {
  login: 'https://login.microsoftonline.us',
  graph: 'https://graph.microsoft.us',
  arm: 'https://management.usgovcloudapi.net',
  vaultSuffix: 'vault.usgovcloudapi.net',
  storageSuffix: 'core.usgovcloudapi.net',
  functionsSuffix: 'azurewebsites.us',
  fhirSuffix: 'fhir.azurehealthcareapis.us',
};

/** The network itself; redirects are answers, never followed. */
export const networkFetch: FetchLike = (request) => fetch(request, { redirect: 'manual' });

/**
 * Azure as a target, with the credential that the environment names: a service principal or a federated token in
 * `AZURE_*` variables, else the session of the Azure CLI. One is chosen, never a chain: a wrong secret must not end in
 * somebody else's session.
 */
export async function azureTarget(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Target> {
  const government = config.azure.cloud === 'usgovernment';
  const endpoints = government ? US_GOVERNMENT : AZURE_PUBLIC_ENDPOINTS;
  const { azureCredential } = await import('../azure/credential.ts');
  return {
    name: government ? 'Azure US Government' : 'Azure',
    cloud: config.azure.cloud,
    features: { flexConsumption: !government, apimConsumption: !government },
    endpoints,
    credential: await azureCredential({ env, authorityHost: endpoints.login, tenant: config.azure.tenant }),
    fetch: networkFetch,
    publicOrigin: (host) => {
      if (!/^[a-z0-9.-]+$/i.test(host))
        throw new SmartfhirError('RESPONSE_INVALID', `ARM named the host "${host}"`);
      return `https://${host}`;
    },
  };
}
