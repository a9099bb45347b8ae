import { ENTRA_OIDC_SCOPES_NEED_CONSENT, ENTRA_RESPONSE_REPEATS_DEFAULT_SCOPE } from '../beliefs.ts';
import { type Directory, permissionScopesOf, type Resource } from '../directory/directory.ts';
import { GRAPH_APP_ID, OIDC_SCOPES } from '../directory/first-party.ts';
import { consentedScopes } from '../directory/grants.ts';
import type { PermissionScope } from '../directory/objects.ts';
import { AadError } from './aadsts.ts';

/** What is asked of one resource. */
export interface ResourceScopes {
  readonly resource: Resource;
  /** As the request spelled it, without the last slash. */
  readonly name: string;
  readonly values: readonly string[];
  /** `{resource}/.default`: everything registered statically. */
  readonly isDefault: boolean;
}

export interface RequestedScopes {
  /** `openid`, `profile`, `email`, `offline_access`, as asked. */
  readonly oidc: readonly string[];
  /** One entry per resource, in the order asked; Microsoft Graph only when more than OIDC scopes is asked of it. */
  readonly resources: readonly ResourceScopes[];
}

/**
 * Reads a `scope` parameter as Entra does: a bare word is a permission of Microsoft Graph, anything else is split at
 * its last slash into resource and permission (Entra ID: scopes and permissions).
 *
 * @throws AadError 70011, 500011, 650053
 */
export function parseScopes(directory: Directory, client: Resource, text: string): RequestedScopes {
  const oidc: string[] = [];
  const resources = new Map<string, { resource: Resource; name: string; values: string[] }>();
  for (const item of text.split(' ').filter((part) => part !== '')) {
    if (OIDC_SCOPES.includes(item)) {
      oidc.push(item);
      continue;
    }
    const slash = item.lastIndexOf('/');
    const name = slash === -1 ? GRAPH_APP_ID : item.slice(0, slash);
    const resource = resourceNamed(directory, name);
    const entry = resources.get(resource.principal.id) ?? { resource, name, values: [] };
    entry.values.push(item.slice(slash + 1));
    resources.set(resource.principal.id, entry);
  }
  return { oidc, resources: [...resources.values()].map((entry) => checked(client, entry)) };
}

/** @throws AadError 500011 */
export function resourceNamed(directory: Directory, name: string): Resource {
  const resource = directory.resourceNamed(name);
  if (resource !== undefined) return resource;
  throw new AadError(
    500011,
    `The resource principal named ${name} was not found in the tenant named ${directory.tenantId}. This can happen ` +
      'if the application has not been installed by the administrator of the tenant or consented to by any user in ' +
      'the tenant. You might have sent your authentication request to the wrong tenant.',
  );
}

/** The resource an access token is for: the only one asked, or Microsoft Graph for OIDC scopes alone. */
export function tokenResource(directory: Directory, requested: RequestedScopes): ResourceScopes {
  const [first] = requested.resources;
  if (first !== undefined) return first;
  return {
    resource: resourceNamed(directory, GRAPH_APP_ID),
    name: GRAPH_APP_ID,
    values: [],
    isDefault: false,
  };
}

/** What the user has still to agree to. */
export interface MissingConsent {
  readonly resource: Resource;
  readonly scopes: readonly PermissionScope[];
}

/** @param everything list also what was consented before (`prompt=consent`) */
export function missingConsent(
  directory: Directory,
  client: Resource,
  userId: string,
  requested: RequestedScopes,
  everything = false,
): MissingConsent[] {
  const missing: MissingConsent[] = [];
  for (const entry of withOidc(directory, requested)) {
    const granted = consentedScopes(directory, client.principal, entry.resource, userId);
    const wanted = entry.isDefault ? staticScopes(client, entry, granted, everything) : entry.values;
    const scopes = permissionScopesOf(entry.resource).filter(
      (item) => wanted.includes(item.value) && (everything || !granted.includes(item.value)),
    );
    if (scopes.length > 0) missing.push({ resource: entry.resource, scopes });
  }
  return missing;
}

/** `scope` of a token response: full names of all that the token holds. */
export function responseScope(entry: ResourceScopes, granted: readonly string[]): string {
  const prefix = entry.resource.principal.appId === GRAPH_APP_ID ? 'https://graph.microsoft.com' : entry.name;
  const names = granted.map((value) => (OIDC_SCOPES.includes(value) ? value : `${prefix}/${value}`));
  if (entry.isDefault && ENTRA_RESPONSE_REPEATS_DEFAULT_SCOPE) names.push(`${prefix}/.default`);
  return names.join(' ');
}

function checked(
  client: Resource,
  entry: { resource: Resource; name: string; values: string[] },
): ResourceScopes {
  const isDefault = entry.values.includes('.default');
  if (isDefault && entry.values.length > 1) {
    throw new AadError(
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter ` +
        `'scope' is not valid. .default scope can't be combined with resource-specific scopes.`,
    );
  }
  const known = permissionScopesOf(entry.resource).filter((item) => item.isEnabled);
  for (const value of isDefault ? [] : entry.values) {
    if (known.some((item) => item.value === value)) continue;
    const { principal } = entry.resource;
    throw new AadError(
      650053,
      `The application '${client.principal.displayName}' asked for scope '${value}' that doesn't exist on the ` +
        `resource '${principal.appId}'. Contact the app vendor.`,
    );
  }
  return { ...entry, isDefault };
}

function withOidc(directory: Directory, requested: RequestedScopes): readonly ResourceScopes[] {
  if (requested.oidc.length === 0 || !ENTRA_OIDC_SCOPES_NEED_CONSENT) return requested.resources;
  const resource = resourceNamed(directory, GRAPH_APP_ID);
  const entry = { resource, name: GRAPH_APP_ID, values: requested.oidc, isDefault: false };
  return [...requested.resources, entry];
}

function staticScopes(
  client: Resource,
  entry: ResourceScopes,
  granted: readonly string[],
  everything: boolean,
): readonly string[] {
  const registered = client.application?.requiredResourceAccess.find(
    (item) => item.resourceAppId === entry.resource.principal.appId,
  );
  const ids = (registered?.resourceAccess ?? [])
    .filter((item) => item.type === 'Scope')
    .map((item) => item.id);
  const values = permissionScopesOf(entry.resource)
    .filter((item) => item.isEnabled && ids.includes(item.id))
    .map((item) => item.value);
  if (values.length === 0 && granted.length === 0) {
    const { appId, displayName } = client.principal;
    throw new AadError(
      650057,
      `Invalid resource. The client has requested access to a resource which is not listed in the requested ` +
        `permissions in the client's application registration. Client app ID: ${appId}(${displayName}). Resource ` +
        `value from request: ${entry.name}. Resource app ID: ${entry.resource.principal.appId}.`,
    );
  }
  return granted.length > 0 && !everything ? [] : values;
}
