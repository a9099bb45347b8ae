/** Directory objects as they are stored. Names are Microsoft Graph's; secrets are kept as hashes only. */

export interface PermissionScope {
  readonly id: string;
  readonly value: string;
  readonly type: 'User' | 'Admin';
  readonly isEnabled: boolean;
  readonly adminConsentDisplayName: string;
  readonly adminConsentDescription: string;
  readonly userConsentDisplayName: string | null;
  readonly userConsentDescription: string | null;
}

export interface AppRole {
  readonly id: string;
  readonly value: string | null;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: readonly ('User' | 'Application')[];
  readonly isEnabled: boolean;
}

export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** The first three characters, which Graph shows for ever. */
  readonly hint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** SHA-256 of the generated secret, base64url. */
  readonly secretHash: string;
}

export interface KeyCredential {
  readonly keyId: string;
  readonly type: 'AsymmetricX509Cert';
  readonly usage: 'Verify';
  /** The certificate in DER, base64. */
  readonly key: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

export interface OptionalClaim {
  readonly name: string;
  readonly source: string | null;
  readonly essential: boolean;
  readonly additionalProperties: readonly string[];
}

export interface OptionalClaims {
  readonly accessToken: readonly OptionalClaim[];
  readonly idToken: readonly OptionalClaim[];
  readonly saml2Token: readonly OptionalClaim[];
}

export interface RequiredResource {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: 'Scope' | 'Role' }[];
}

export interface Application {
  readonly id: string;
  readonly appId: string;
  readonly createdDateTime: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly uniqueName: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly identifierUris: readonly string[];
  readonly signInAudience: string;
  readonly isFallbackPublicClient: boolean | null;
  readonly appRoles: readonly AppRole[];
  readonly api: {
    readonly acceptMappedClaims: boolean | null;
    readonly knownClientApplications: readonly string[];
    readonly oauth2PermissionScopes: readonly PermissionScope[];
    readonly preAuthorizedApplications: readonly {
      readonly appId: string;
      readonly delegatedPermissionIds: readonly string[];
    }[];
    readonly requestedAccessTokenVersion: number | null;
  };
  readonly web: {
    readonly redirectUris: readonly string[];
    readonly homePageUrl: string | null;
    readonly logoutUrl: string | null;
    readonly implicitGrantSettings: {
      readonly enableIdTokenIssuance: boolean;
      readonly enableAccessTokenIssuance: boolean;
    };
  };
  readonly spa: { readonly redirectUris: readonly string[] };
  readonly publicClient: { readonly redirectUris: readonly string[] };
  readonly requiredResourceAccess: readonly RequiredResource[];
  readonly optionalClaims: OptionalClaims | null;
  readonly keyCredentials: readonly KeyCredential[];
  readonly passwordCredentials: readonly PasswordCredential[];
  /** Object id of the principal that created it: what `Application.ReadWrite.OwnedBy` looks at. */
  readonly ownerId: string | null;
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly createdDateTime: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly servicePrincipalType: 'Application' | 'ManagedIdentity';
  readonly accountEnabled: boolean;
  readonly appRoleAssignmentRequired: boolean;
  readonly preferredSingleSignOnMode: string | null;
  /** Ids of the assigned claims mapping policies; Entra allows one. */
  readonly claimsMappingPolicies: readonly string[];
  /** The ARM resource of a managed identity. */
  readonly resourceId: string | null;
  readonly ownerId: string | null;
  /** What Microsoft's own services offer; a tenant's own apps carry this on the application. */
  readonly firstParty: FirstPartyOffer | null;
}

export interface FirstPartyOffer {
  readonly names: readonly string[];
  /** Suffixes of host names that are names of this resource too: `https://{anything}{suffix}`. */
  readonly hostSuffixes: readonly string[];
  readonly oauth2PermissionScopes: readonly PermissionScope[];
  readonly appRoles: readonly AppRole[];
}

export interface User {
  readonly id: string;
  readonly createdDateTime: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly mailNickname: string;
  readonly givenName: string | null;
  readonly surname: string | null;
  readonly mail: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly accountEnabled: boolean;
  readonly userType: string;
  /** scrypt, as made by `hashPassword`. */
  readonly passwordHash: string;
  readonly forceChangePasswordNextSignIn: boolean;
  /** Refresh tokens and sessions from before this instant are dead (AADSTS50173). */
  readonly signInSessionsValidFromDateTime: string;
  /** Directory extension values by full name (`extension_{appId without dashes}_{name}`). */
  readonly extensions: Readonly<Record<string, string | number | boolean>>;
}

export interface PermissionGrant {
  readonly id: string;
  /** Object ids of service principals. */
  readonly clientId: string;
  readonly resourceId: string;
  readonly consentType: 'AllPrincipals' | 'Principal';
  readonly principalId: string | null;
  /** Space separated permission values. */
  readonly scope: string;
}

export interface AppRoleAssignment {
  readonly id: string;
  readonly createdDateTime: string;
  readonly appRoleId: string;
  readonly principalId: string;
  readonly principalType: 'ServicePrincipal' | 'User';
  readonly principalDisplayName: string;
  readonly resourceId: string;
  readonly resourceDisplayName: string;
}

export interface ExtensionProperty {
  readonly id: string;
  /** Object id of the application that owns it. */
  readonly applicationId: string;
  readonly appDisplayName: string;
  readonly name: string;
  readonly dataType: 'String' | 'Boolean' | 'Integer' | 'LargeInteger' | 'DateTime' | 'Binary';
  readonly targetObjects: readonly string[];
  readonly isMultiValued: boolean;
}

export interface ClaimsMappingPolicy {
  readonly id: string;
  readonly displayName: string;
  /** One JSON text, as Graph has it. */
  readonly definition: readonly string[];
  readonly isOrganizationDefault: boolean;
}

export type DeletedKind = 'application' | 'servicePrincipal' | 'user';

/** A soft-deleted object; kept 30 days. */
export interface DeletedItem {
  readonly id: string;
  readonly kind: DeletedKind;
  readonly deletedDateTime: string;
  readonly object: Application | ServicePrincipal | User;
}
