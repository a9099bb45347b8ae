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
  /** Duration as a multiple of `timing.armOperationMs`. */
  readonly weight: number;
}

/** The behaviour of one ARM resource type: one file each below `local/arm/types/`, one registry line. */
export interface ResourceType {
  /** Spelled as Azure does: `Microsoft.HealthcareApis/workspaces/fhirservices`. */
  readonly type: string;
  readonly apiVersions: readonly string[];
  readonly put?: AsyncPattern | 'sync';
  readonly remove?: AsyncPattern | 'sync';
  /** Status of a successful synchronous PUT; both 200 when the type demands it (app settings). */
  readonly putStatus?: { readonly created: number; readonly updated: number };
  /** If-Match is demanded on PUT or DELETE, or merely honoured. */
  readonly etag?: 'required-on-update' | 'honoured';
  /** Refuses a bad body with an ArmError and returns the body to store, read-only members filled in. */
  write(request: ResourceRequest): Promise<Record<string, unknown>> | Record<string, unknown>;
  /** PATCH: the merged body is given to `write`; absent means PATCH is 405. */
  readonly patch?: true;
  /** The body a GET shows; secrets are left out here. */
  present?(stored: StoredResource, request: { readonly query: URLSearchParams; readonly headers: Headers }): unknown;
  /** Runs before a delete: refuses (ArmError) or cleans up below. */
  beforeDelete?(request: ResourceRequest): Promise<void> | void;
  /** POST {id}/{action}: `listKeys`, `listHostKeys`, `list`; names in lower case. */
  readonly actions?: Readonly<Record<string, (request: ResourceRequest) => Promise<unknown> | unknown>>;
}
