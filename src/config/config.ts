import type { ClientAuth, ClientLaunch, ClientPermission } from '../smart/registration.ts';
import type { ForeignServer } from './schema.ts';

/** A client of the stack after defaults and layers. */
export interface ClientConfig {
  readonly name: string;
  readonly auth: ClientAuth;
  readonly launch: ClientLaunch;
  readonly redirectUris: readonly string[];
  readonly launchUris: readonly string[];
  readonly origins: readonly string[];
  readonly scopes: readonly string[];
  readonly permissions: readonly ClientPermission[];
  /** `https://…` or `file:PATH` of a public JWKS; undefined: smartfhir makes the key. */
  readonly jwks: string | undefined;
  readonly consent: 'admin' | 'user';
}

/** A test user of the stack. */
export interface UserConfig {
  readonly name: string;
  /** Local part of the user principal name; undefined: derived. */
  readonly username: string | undefined;
  /** Relative: `Patient/patient-a`. */
  readonly fhirUser: string;
}

export interface AzureConfig {
  readonly tenant: string | undefined;
  readonly subscription: string | undefined;
  readonly location: string;
  readonly resourceGroup: string;
  readonly cloud: 'public' | 'usgovernment';
}

/** One environment of smartfhir.yaml, complete: base, overlay and defaults merged, disabled things left out. */
export interface Config {
  readonly name: string;
  readonly env: string;
  readonly profile: 'g10-us6';
  /** `azure` and `embedded` are provisioned; `server` is somebody else's. */
  readonly target: 'azure' | 'embedded' | 'server';
  readonly azure: AzureConfig;
  readonly fhir: {
    readonly adopt: string | undefined;
    readonly workspace: string | undefined;
    readonly service: string | undefined;
  };
  readonly gateway: { readonly sku: string; readonly publisherName: string; readonly publisherEmail: string };
  readonly tokens: 'entra';
  readonly clients: readonly ClientConfig[];
  readonly users: readonly UserConfig[];
  readonly inferno: { readonly url: string };
  readonly data: { readonly classification: 'synthetic' | 'phi'; readonly seed: 'demo' | 'none' };
  readonly doctor: { readonly failOn: 'error' | 'warn' | 'never' };
  readonly server: ForeignServer | undefined;
}

/** A configuration and where it came from. */
export interface LoadedConfig {
  /** Absolute path of smartfhir.yaml; undefined when the defaults of `init --local` stand in for it. */
  readonly file: string | undefined;
  /** Folder of smartfhir.yaml, else the working directory: `.smartfhir/` lies here. */
  readonly folder: string;
  /** Names of all environments, in the order of the file. */
  readonly environments: readonly string[];
  readonly config: Config;
}
