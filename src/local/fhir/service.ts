import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import { isObject, type JsonObject } from './resource.ts';

export const FHIR_HOST_SUFFIX = '.fhir.azurehealthcareapis.com';
const SERVICE_TYPE = 'Microsoft.HealthcareApis/workspaces/fhirservices';

export interface IdentityProvider {
  readonly authority: string;
  readonly applications: readonly {
    readonly clientId: string;
    readonly audience: string;
    readonly reads: boolean;
  }[];
}

export interface CorsConfiguration {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly maxAge: number | undefined;
  readonly allowCredentials: boolean;
}

/** A FHIR service as ARM configured it. */
export interface FhirService {
  /** ARM id. */
  readonly id: string;
  /** ARM id and creation instant: a service made anew is another one. */
  readonly life: string;
  readonly base: string;
  readonly succeeded: boolean;
  readonly publicAccess: boolean;
  readonly authority: string;
  readonly audience: string;
  readonly identityProviders: readonly IdentityProvider[];
  /** Name of the storage account of `$export`; undefined when not configured. */
  readonly exportAccount: string | undefined;
  readonly cors: CorsConfiguration;
  readonly versionPolicy: (type: string) => string;
}

/** The service whose host name this is, in whatever provisioning state. */
export function findService(fabric: Fabric, host: string): FhirService | undefined {
  if (!host.endsWith(FHIR_HOST_SUFFIX)) return undefined;
  const found = new Resources(fabric.store).ofType(SERVICE_TYPE).find((item) => hostOf(item.id) === host);
  return found === undefined ? undefined : describe(found, host);
}

/** `…/workspaces/{ws}/fhirservices/{fhir}` → `{ws}-{fhir}.fhir.azurehealthcareapis.com`. */
function hostOf(id: string): string {
  const match = /\/workspaces\/([^/]+)\/fhirservices\/([^/]+)$/i.exec(id);
  return match === null ? '' : `${match[1]}-${match[2]}${FHIR_HOST_SUFFIX}`.toLowerCase();
}

function describe(stored: StoredResource, host: string): FhirService {
  const properties = member(stored.body, 'properties');
  const authentication = member(properties, 'authenticationConfiguration');
  const versions = member(properties, 'resourceVersionPolicyConfiguration');
  const overrides = member(versions, 'resourceTypeOverrides');
  const account = text(member(properties, 'exportConfiguration')['storageAccountName']);
  return {
    id: stored.id,
    life: `${stored.id.toLowerCase()}|${stored.createdAt}`,
    base: `https://${host}`,
    succeeded:
      properties['provisioningState'] === 'Succeeded' || properties['provisioningState'] === 'Updating',
    publicAccess: properties['publicNetworkAccess'] !== 'Disabled',
    authority: text(authentication['authority']).replace(/\/$/, ''),
    audience: text(authentication['audience']),
    identityProviders: list(authentication['smartIdentityProviders']).map((provider) => ({
      authority: text(provider['authority']).replace(/\/$/, ''),
      applications: list(provider['applications']).map((application) => ({
        clientId: text(application['clientId']),
        audience: text(application['audience']),
        reads:
          Array.isArray(application['allowedDataActions']) &&
          application['allowedDataActions'].includes('Read'),
      })),
    })),
    exportAccount: account === '' ? undefined : account,
    cors: corsOf(member(properties, 'corsConfiguration')),
    versionPolicy: (type) => text(overrides[type]) || text(versions['default']) || 'versioned',
  };
}

function corsOf(cors: JsonObject): CorsConfiguration {
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  return {
    origins: texts(cors['origins']),
    methods: texts(cors['methods']),
    headers: texts(cors['headers']),
    maxAge: typeof cors['maxAge'] === 'number' ? cors['maxAge'] : undefined,
    allowCredentials: cors['allowCredentials'] === true,
  };
}

function member(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isObject(found) ? found : {};
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
