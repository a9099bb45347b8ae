import { randomUUID } from 'node:crypto';
import type { Application, ServicePrincipal } from './objects.ts';

/** An application with every property at Graph's default. */
export function newApplication(
  now: number,
  fields: Partial<Application> & Pick<Application, 'displayName'>,
): Application {
  return {
    id: randomUUID(),
    appId: randomUUID(),
    createdDateTime: new Date(now).toISOString(),
    description: null,
    uniqueName: null,
    notes: null,
    tags: [],
    identifierUris: [],
    signInAudience: 'AzureADMyOrg',
    isFallbackPublicClient: null,
    appRoles: [],
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
      requestedAccessTokenVersion: null,
    },
    web: {
      redirectUris: [],
      homePageUrl: null,
      logoutUrl: null,
      implicitGrantSettings: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false },
    },
    spa: { redirectUris: [] },
    publicClient: { redirectUris: [] },
    requiredResourceAccess: [],
    optionalClaims: null,
    keyCredentials: [],
    passwordCredentials: [],
    ownerId: null,
    ...fields,
  };
}

/** A service principal with every property at Graph's default. */
export function newServicePrincipal(
  now: number,
  fields: Partial<ServicePrincipal> & Pick<ServicePrincipal, 'appId' | 'displayName'>,
): ServicePrincipal {
  return {
    id: randomUUID(),
    createdDateTime: new Date(now).toISOString(),
    description: null,
    notes: null,
    tags: [],
    servicePrincipalType: 'Application',
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    preferredSingleSignOnMode: null,
    claimsMappingPolicies: [],
    resourceId: null,
    ownerId: null,
    firstParty: null,
    ...fields,
  };
}
