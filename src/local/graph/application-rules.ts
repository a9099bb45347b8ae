import {
  GRAPH_APPLICATION_ITEM_LIMIT,
  GRAPH_DELETED_APPLICATIONS_KEEP_NAMES,
  GRAPH_TAKEN_VALUE_STATUS,
  GRAPH_VALUES_UNIQUE_ACROSS_ROLES_AND_SCOPES,
} from '../beliefs.ts';
import type { Directory } from '../directory/directory.ts';
import type { Application } from '../directory/objects.ts';
import { badRequest, GraphError, notImplemented } from './graph-error.ts';

/** Letters, digits and these may stand in a permission's value; it must not start with a dot. */
const PERMISSION_VALUE = /^(?!\.)[\w:!#$%&'()*+,\-./;<=>?@[\]^`{|}~]+$/;

/** Everything Graph refuses about an application as a whole, before it is stored. @throws GraphError */
export function demandValidApplication(
  directory: Directory,
  application: Application,
  before: Application | undefined,
): void {
  if (application.signInAudience !== 'AzureADMyOrg') {
    throw notImplemented(`applications with signInAudience '${application.signInAudience}'`);
  }
  demandDisabledFirst(application, before);
  demandUniqueEntitlements(application);
  demandUniqueName(directory, application);
  demandIdentifierUris(directory, application, before);
  demandLimits(application);
}

function demandDisabledFirst(application: Application, before: Application | undefined): void {
  if (before === undefined) return;
  const now = new Map(entitlements(application).map((item) => [item.id, item.value]));
  for (const old of entitlements(before)) {
    if (!old.isEnabled || (now.has(old.id) && now.get(old.id) === old.value)) continue;
    throw new GraphError(
      400,
      'CannotDeleteOrUpdateEnabledEntitlement',
      'Permission (scope or role) cannot be deleted or updated unless disabled first.',
    );
  }
}

function demandUniqueEntitlements(application: Application): void {
  for (const group of [application.appRoles, application.api.oauth2PermissionScopes]) {
    demandDistinct(group.map((item) => item.id));
    demandDistinct(group.flatMap((item) => item.value ?? []));
  }
  for (const { value } of entitlements(application)) {
    if (value !== null && !PERMISSION_VALUE.test(value)) {
      throw badRequest(`Invalid value specified for property 'value' of resource: '${value.slice(0, 120)}'.`);
    }
  }
  if (!GRAPH_VALUES_UNIQUE_ACROSS_ROLES_AND_SCOPES) return;
  for (const role of application.appRoles) {
    const twin = application.api.oauth2PermissionScopes.find((item) => item.value === role.value);
    if (twin !== undefined && twin.id !== role.id) throw duplicate();
  }
}

function demandUniqueName(directory: Directory, application: Application): void {
  if (application.uniqueName === null) return;
  const taken = others(directory, application).some((item) => item.uniqueName === application.uniqueName);
  if (taken) throw takenValue('uniqueName');
}

function demandIdentifierUris(
  directory: Directory,
  application: Application,
  before: Application | undefined,
): void {
  demandDistinct(application.identifierUris);
  for (const uri of application.identifierUris) {
    if (before?.identifierUris.includes(uri)) continue;
    demandAllowedUri(directory, application, uri);
    const taken = others(directory, application).some((item) =>
      item.identifierUris.some((known) => known.toLowerCase() === uri.toLowerCase()),
    );
    if (taken) throw takenValue('identifierUris');
  }
}

/** The tenant's default policy for new identifier URIs (Entra ID: restrictions on identifier URIs). */
function demandAllowedUri(directory: Directory, application: Application, uri: string): void {
  if (!URL.canParse(uri) || uri.includes('*') || uri.includes('#') || uri.endsWith('/')) {
    throw badRequest(
      `Invalid value specified for property 'identifierUris' of resource 'Application': '${uri}'.`,
    );
  }
  const { protocol, hostname } = new URL(uri);
  const isOwnDomain = directory.verifiedDomains.some(
    (name) => hostname === name || hostname.endsWith(`.${name}`),
  );
  if (protocol === 'https:' || protocol === 'http:') {
    if (isOwnDomain && protocol === 'https:') return;
    throw new GraphError(
      400,
      'HostNameNotOnVerifiedDomain',
      `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
    );
  }
  const names = [directory.tenantId, application.appId];
  const isTied = isOwnDomain || names.some((name) => uri.toLowerCase().includes(name));
  if (isTied || application.api.requestedAccessTokenVersion === 2) return;
  throw badRequest(
    `Failed to add identifier URI ${uri}. All newly added URIs must contain a tenant verified domain, tenant ID, or ` +
      'app ID, as per the default tenant policy of your organization. See https://aka.ms/identifier-uri-addition-error ' +
      'for more information on this error.',
  );
}

function demandLimits(application: Application): void {
  const { requiredResourceAccess: resources } = application;
  const permissions = resources.reduce((sum, item) => sum + item.resourceAccess.length, 0);
  if (resources.length > 50 || permissions > 400) {
    throw badRequest(
      'The number of required resource access permissions exceeds the limit of 50 resources or 400 permissions.',
    );
  }
  demandDistinct(resources.map((item) => item.resourceAppId));
  const items =
    entitlements(application).length +
    permissions +
    application.identifierUris.length +
    application.web.redirectUris.length +
    application.spa.redirectUris.length +
    application.publicClient.redirectUris.length;
  if (items <= GRAPH_APPLICATION_ITEM_LIMIT) return;
  throw new GraphError(
    403,
    'Directory_QuotaExceeded',
    'The size of the object has exceeded its limit. Please reduce the number of values and retry your request.',
  );
}

function entitlements(application: Application) {
  return [...application.appRoles, ...application.api.oauth2PermissionScopes];
}

function others(directory: Directory, application: Application): Application[] {
  const deleted = GRAPH_DELETED_APPLICATIONS_KEEP_NAMES
    ? directory.deletedItems
        .all()
        .filter((item) => item.kind === 'application')
        .map((item) => item.object as Application)
    : [];
  return [...directory.applications.all(), ...deleted].filter((item) => item.id !== application.id);
}

function demandDistinct(values: readonly string[]): void {
  if (new Set(values).size !== values.length) throw duplicate();
}

function duplicate(): GraphError {
  return new GraphError(400, 'DuplicateValue', 'Request contains a property with duplicate values.');
}

export function takenValue(property: string): GraphError {
  const message = `Another object with the same value for property ${property} already exists.`;
  return new GraphError(GRAPH_TAKEN_VALUE_STATUS, 'Request_MultipleObjectsWithSameKeyValue', message, [
    { code: 'ObjectConflict', message, target: property },
  ]);
}
