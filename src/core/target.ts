/**
 * A `fetch` reduced to what everything here needs. Azure's is the network; the laptop's is the stack's router,
 * in-process or through its loopback proxy. Implementations never follow redirects by themselves.
 */
export type FetchLike = (request: Request) => Promise<Response>;

/** The part of `@azure/core-auth`'s TokenCredential that is used. */
export interface Credential {
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/** What a cloud offers. Asked by `provision`; a missing feature is refused with its name. */
export interface CloudFeatures {
  readonly flexConsumption: boolean;
  readonly apimConsumption: boolean;
}

/** Host names of one cloud. `login`, `graph` and `arm` are origins; the others are DNS suffixes. */
export interface CloudEndpoints {
  readonly login: string;
  readonly graph: string;
  readonly arm: string;
  readonly vaultSuffix: string;
  readonly storageSuffix: string;
  readonly functionsSuffix: string;
  readonly fhirSuffix: string;
}

/** A cloud to provision into: the only difference between Azure and the laptop. */
export interface Target {
  /** Shown to the user, never compared. */
  readonly name: string;
  readonly cloud: string;
  readonly features: CloudFeatures;
  readonly endpoints: CloudEndpoints;
  readonly credential: Credential;
  readonly fetch: FetchLike;
  /** The origin under which browsers and other people's clients reach a host that ARM named. */
  publicOrigin(host: string): string;
}

export const AZURE_PUBLIC_ENDPOINTS: CloudEndpoints = {
  login: 'https://login.microsoftonline.com',
  graph: 'https://graph.microsoft.com',
  arm: 'https://management.azure.com',
  vaultSuffix: 'vault.azure.net',
  storageSuffix: 'core.windows.net',
  functionsSuffix: 'azurewebsites.net',
  fhirSuffix: 'fhir.azurehealthcareapis.com',
};
