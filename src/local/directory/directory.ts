import type { Fabric } from '../fabric.ts';
import type {
  Application,
  AppRole,
  AppRoleAssignment,
  ClaimsMappingPolicy,
  DeletedItem,
  ExtensionProperty,
  PermissionGrant,
  PermissionScope,
  ServicePrincipal,
  User,
} from './objects.ts';
import { Replicated } from './replicated.ts';

/** What tokens can be issued for: a service principal, with its application when the tenant owns it. */
export interface Resource {
  readonly principal: ServicePrincipal;
  readonly application: Application | undefined;
}

/** The tenant's directory: one per Fabric, shared by sign-in and Graph. */
export class Directory {
  readonly applications: Replicated<Application>;
  readonly servicePrincipals: Replicated<ServicePrincipal>;
  readonly users: Replicated<User>;
  readonly grants: Replicated<PermissionGrant>;
  readonly appRoleAssignments: Replicated<AppRoleAssignment>;
  readonly extensionProperties: Replicated<ExtensionProperty>;
  readonly claimsMappingPolicies: Replicated<ClaimsMappingPolicy>;
  readonly deletedItems: Replicated<DeletedItem>;
  readonly tenantId: string;

  constructor(fabric: Fabric) {
    this.tenantId = fabric.tenantId;
    this.applications = new Replicated(fabric, 'applications');
    this.servicePrincipals = new Replicated(fabric, 'service-principals');
    this.users = new Replicated(fabric, 'users');
    this.grants = new Replicated(fabric, 'permission-grants');
    this.appRoleAssignments = new Replicated(fabric, 'app-role-assignments');
    this.extensionProperties = new Replicated(fabric, 'extension-properties');
    this.claimsMappingPolicies = new Replicated(fabric, 'claims-mapping-policies');
    this.deletedItems = new Replicated(fabric, 'deleted-items');
  }

  applicationByAppId(appId: string): Application | undefined {
    const wanted = appId.toLowerCase();
    return this.applications.list().find((item) => item.appId === wanted);
  }

  servicePrincipalByAppId(appId: string): ServicePrincipal | undefined {
    const wanted = appId.toLowerCase();
    return this.servicePrincipals.list().find((item) => item.appId === wanted);
  }

  userByPrincipalName(name: string): User | undefined {
    const wanted = name.toLowerCase();
    return this.users.list().find((item) => item.userPrincipalName.toLowerCase() === wanted);
  }

  /** The resource that a scope's prefix or an audience names: app id, identifier URI or service principal name. */
  resourceNamed(name: string): Resource | undefined {
    for (const principal of this.servicePrincipals.list()) {
      const resource = this.resourceOf(principal);
      if (namesOf(resource).some((known) => sameName(known, name))) return resource;
      const suffixes = principal.firstParty?.hostSuffixes ?? [];
      if (suffixes.some((suffix) => isHostBelow(name, suffix))) return resource;
    }
    return undefined;
  }

  resourceOf(principal: ServicePrincipal): Resource {
    return { principal, application: this.applicationByAppId(principal.appId) };
  }

  /** The domains on which this tenant may name things. */
  get verifiedDomains(): readonly string[] {
    return [initialDomain(this.tenantId)];
  }
}

const directories = new WeakMap<Fabric, Directory>();

export function directoryOf(fabric: Fabric): Directory {
  const known = directories.get(fabric);
  if (known !== undefined) return known;
  const made = new Directory(fabric);
  directories.set(fabric, made);
  return made;
}

/** The domain every tenant is born with; here derived from its id. */
function initialDomain(tenantId: string): string {
  return `smartfhir${tenantId.replaceAll('-', '').slice(0, 8)}.onmicrosoft.com`;
}

export function namesOf({ principal, application }: Resource): readonly string[] {
  const more = application?.identifierUris ?? principal.firstParty?.names ?? [];
  return [principal.appId, ...more];
}

export function permissionScopesOf({ principal, application }: Resource): readonly PermissionScope[] {
  return application?.api.oauth2PermissionScopes ?? principal.firstParty?.oauth2PermissionScopes ?? [];
}

export function appRolesOf({ principal, application }: Resource): readonly AppRole[] {
  return application?.appRoles ?? principal.firstParty?.appRoles ?? [];
}

/** A trailing slash does not make another resource; case does not either. */
function sameName(known: string, name: string): boolean {
  return known.replace(/\/$/, '').toLowerCase() === name.replace(/\/$/, '').toLowerCase();
}

function isHostBelow(name: string, suffix: string): boolean {
  const host = /^https:\/\/([a-z0-9.-]+)\/?$/i.exec(name)?.[1]?.toLowerCase();
  return host?.endsWith(suffix) === true && host.length > suffix.length;
}
