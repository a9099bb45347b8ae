/** What lies behind a frequent Azure error code, and what to do. Matched from the deepest code upwards. */
export interface ErrorHint {
  readonly cause: string;
  readonly fix: string;
}

/** Data, not code: ARM, Graph, Key Vault and storage codes that people meet. */
export const ERROR_HINTS: Readonly<Record<string, ErrorHint>> = {
  AuthorizationFailed: {
    cause: 'the signed-in principal lacks the role for this action at this scope',
    fix: 'give it Owner, or Contributor with Role Based Access Control Administrator, on the resource group; it can take 10 minutes to count',
  },
  Authorization_RequestDenied: {
    cause: 'the signed-in principal lacks a Microsoft Graph permission',
    fix: 'give a person the directory roles Application Administrator and User Administrator; give an app Application.ReadWrite.All, AppRoleAssignment.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All, Policy.ReadWrite.ApplicationConfiguration, User.ReadWrite.All, User-PasswordProfile.ReadWrite.All and Domain.Read.All',
  },
  CredentialInvalidLifetimeAsPerAppPolicy: {
    cause: 'a tenant policy limits how long client secrets may live',
    fix: 'ask the tenant administrator for the allowed lifetime or an exemption',
  },
  Directory_QuotaExceeded: {
    cause: 'the directory, or this principal, owns too many objects',
    fix: 'remove unused app registrations, deleted ones included',
  },
  FlagMustBeSetForRestore: {
    cause: 'a soft-deleted resource holds the name',
    fix: 'run apply again, which restores it, or purge the deleted resource',
  },
  Forbidden: {
    cause: 'a data-plane role is missing or has not taken effect',
    fix: 'wait up to 10 minutes and run apply again; check firewall rules if it stays',
  },
  ForbiddenByFirewall: {
    cause: 'the key vault’s firewall does not admit this machine',
    fix: 'allow this machine’s address in the vault’s network settings',
  },
  ForbiddenByRbac: {
    cause: 'the principal has no Key Vault role, or it has not taken effect',
    fix: 'wait up to 10 minutes and run apply again',
  },
  HostNameNotOnVerifiedDomain: {
    cause: 'an App ID URI names a domain that the tenant has not verified',
    fix: 'use api://{appId}, which smartfhir does by itself',
  },
  InsufficientQuota: {
    cause: 'the subscription’s quota in this region is used up',
    fix: 'choose another azure.location or ask for more quota',
  },
  InvalidResourceGroupLocation: {
    cause: 'the resource group exists in another region',
    fix: 'set azure.location to that region, or choose another azure.resourceGroup',
  },
  InvalidResourceLocation: {
    cause: 'a resource with this name exists in another region',
    fix: 'set azure.location to that region, or rename the stack',
  },
  LocationNotAvailableForResourceType: {
    cause: 'this kind of resource is not offered in the region',
    fix: 'choose another azure.location; the message lists those that offer it',
  },
  MissingSubscriptionRegistration: {
    cause: 'the resource provider is not registered in the subscription',
    fix: 'let apply register it, or run `az provider register` as an owner of the subscription',
  },
  PrincipalNotFound: {
    cause: 'a new identity is not known everywhere yet',
    fix: 'run apply again in a few minutes',
  },
  RequestDisallowedByPolicy: {
    cause: 'an Azure Policy of the organisation forbids it',
    fix: 'read which policy the message names, and ask for an exemption or another setting',
  },
  RoleAssignmentUpdateNotPermitted: {
    cause: 'a role assignment of this name belongs to another principal, probably a deleted one',
    fix: 'delete that assignment in the portal (“identity not found”) and run apply again',
  },
  StorageAccountAlreadyTaken: {
    cause: 'somebody else in the world has a storage account of this name',
    fix: 'rename the stack in smartfhir.yaml',
  },
  SubscriptionIsOverQuotaForSku: {
    cause: 'the subscription’s quota for this SKU is used up',
    fix: 'choose another azure.location or ask for more quota',
  },
  SubscriptionNotFound: {
    cause: 'the credential does not see this subscription',
    fix: 'sign in to the right tenant, or correct azure.subscription',
  },
  VaultAlreadyExists: {
    cause: 'a vault of this name exists, perhaps deleted but kept for its retention time',
    fix: 'run apply again, which recovers a vault of its own; else rename the stack',
  },
};

/** The hint for a code in whatever case; undefined for codes that need none, or that nobody has met. */
export function azureHint(given: string): (ErrorHint & { readonly code: string }) | undefined {
  const code = Object.keys(ERROR_HINTS).find((known) => known.toLowerCase() === given.toLowerCase());
  const hint = code === undefined ? undefined : ERROR_HINTS[code];
  return code === undefined || hint === undefined ? undefined : { code, ...hint };
}
