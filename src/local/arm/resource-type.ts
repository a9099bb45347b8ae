import type { Fabric } from '../fabric.ts';
import type { Resources, StoredResource } from '../resources.ts';

/** An ARM failure with its exact status and code: `{error: {code, message, target?, details?}}`. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly { code: string; message: string; target?: string }[];

  constructor(status: number, code: string, message: string, details: ArmError['details'] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** One request to one resource, after authentication, RBAC and api-version checks. */
export interface ResourceRequest {
  readonly fabric: Fabric;
  readonly resources: Resources;
  readonly id: string;
  readonly name: string;
  /** Id of the resource one level up; undefined for top-level resources. */
  readonly parentId: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly existing: StoredResource | undefined;
  /** `oid` of the caller. */
  readonly principalId: string;
}

/** How a write or delete of this type runs. Absent means at once (200/201, 200/204). */
export interface AsyncPattern {
  /** Which header leads to the operation. */
  readonly header: 'Azure-AsyncOperation' | 'Location';
  /** provisioningState shown while it runs. */
  readonly runningState: string;
  /** provisioningState shown while an update runs, where it differs from creation. */
  readonly updatingState?: string;
  /** Duration as a multiple of `timing.armOperationMs`. */
  readonly weight: number;
}

/** The behaviour of one ARM resource type: one file each below `local/arm/types/`, one registry line. */
export interface ResourceType {
  /** Spelled as Azure does: `Microsoft.HealthcareApis/workspaces/fhirservices`. */
  readonly type: string;
  readonly apiVersions: readonly string[];
  readonly put?: AsyncPattern | 'sync';
  /** An asynchronous PUT of what exists already ends at once with 200. */
  readonly updatesAtOnce?: true;
  readonly remove?: AsyncPattern | 'sync';
  /** Status of a successful synchronous PUT; both 200 when the type demands it (app settings). */
  readonly putStatus?: { readonly created: number; readonly updated: number };
  /** If-Match is demanded on PUT or DELETE, merely honoured, or looked at by the type itself. */
  readonly etag?: 'required-on-update' | 'honoured' | 'checked-by-type';
  /** Has `location` (required, immutable) and `tags`. Default: types one level below their provider. */
  readonly tracked?: boolean;
  /** Names (lower case) that exist as soon as their parent does: `default`, `appsettings`. */
  readonly singletons?: readonly string[];
  /** Body of a singleton nobody has written yet; default `{properties: {}}`. */
  initial?(request: ResourceRequest): Record<string, unknown>;
  /** Resource types below this one make DELETE fail instead of vanishing with it. */
  readonly childrenBlockDelete?: boolean;
  /** The body carries `systemData`. */
  readonly systemData?: true;
  /** Refuses a bad body with an ArmError and returns the body to store, read-only members filled in. */
  write(request: ResourceRequest): Promise<Record<string, unknown>> | Record<string, unknown>;
  /** PATCH: the merged body is given to `write`; absent means PATCH is 405. */
  readonly patch?: true;
  /** The end of an asynchronous PUT: may change the body; an ArmError makes the operation fail. */
  complete?(
    request: ResourceRequest,
  ): Promise<Record<string, unknown> | undefined> | Record<string, unknown> | undefined;
  /** The body a GET shows; secrets are left out here. A Response is passed on as it is. */
  present?(
    stored: StoredResource,
    request: { readonly query: URLSearchParams; readonly headers: Headers },
  ): unknown;
  /** Runs before a delete is accepted: refuses (ArmError). For singletons that can be reset, too. */
  beforeDelete?(request: ResourceRequest): Promise<void> | void;
  /** Runs when the resource is gone, also when its group or parent took it along: cleans up below. */
  afterDelete?(request: ResourceRequest): Promise<void> | void;
  /** POST {id}/{action}: `listkeys`, `listhostkeys`, `list`; keys in lower case. */
  readonly actions?: Readonly<Record<string, (request: ResourceRequest) => Promise<unknown> | unknown>>;
}

/** A call that belongs to a provider, not to a resource: name checks, soft-deleted things. */
export interface ProviderOperation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/subscriptions/{id}/providers/`: `Microsoft.KeyVault/locations/{location}/deletedVaults/{name}`. */
  readonly path: string;
  readonly apiVersions: readonly string[];
  /** RBAC action, checked at the subscription. */
  readonly action: string;
  /** Answers the body of a 200, or a Response. */
  handle(request: ProviderRequest): Promise<unknown> | unknown;
}

export interface ProviderRequest {
  readonly fabric: Fabric;
  readonly resources: Resources;
  /** Values of the `{…}` of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly principalId: string;
  readonly apiVersion: string;
}
