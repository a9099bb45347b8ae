import { flag, instant, list, nullable, oneOf, record, type Shape, text, uuid } from './shape.ts';

const permissionScope = record(
  {
    id: uuid,
    value: nullable(text({ max: 120 })),
    type: oneOf('User', 'Admin'),
    isEnabled: flag,
    adminConsentDisplayName: nullable(text({ max: 100 })),
    adminConsentDescription: nullable(text({ max: 1000 })),
    userConsentDisplayName: nullable(text({ max: 100 })),
    userConsentDescription: nullable(text({ max: 1000 })),
    origin: nullable(text()),
  },
  {
    required: ['id', 'value', 'adminConsentDisplayName', 'adminConsentDescription'],
    defaults: { type: 'User', isEnabled: true, userConsentDisplayName: null, userConsentDescription: null },
  },
);

const appRole = record(
  {
    id: uuid,
    value: nullable(text({ max: 120 })),
    displayName: text({ min: 1, max: 100 }),
    description: text({ min: 1, max: 1000 }),
    allowedMemberTypes: list(oneOf('User', 'Application'), 2),
    isEnabled: flag,
    origin: nullable(text()),
  },
  {
    required: ['id', 'displayName', 'description', 'allowedMemberTypes'],
    defaults: { value: null, isEnabled: true },
  },
);

const optionalClaim = record(
  {
    name: text({ min: 1 }),
    source: nullable(text()),
    essential: flag,
    additionalProperties: list(text()),
  },
  { required: ['name'], defaults: { source: null, essential: false, additionalProperties: [] } },
);

const requiredResource = record(
  {
    resourceAppId: uuid,
    resourceAccess: list(record({ id: uuid, type: oneOf('Scope', 'Role') }, { required: ['id', 'type'] })),
  },
  { required: ['resourceAppId', 'resourceAccess'] },
);

const keyCredential = record(
  {
    keyId: nullable(uuid),
    type: oneOf('AsymmetricX509Cert'),
    usage: oneOf('Verify'),
    key: nullable(text({ max: 20_000 })),
    displayName: nullable(text({ max: 90 })),
    startDateTime: nullable(instant),
    endDateTime: nullable(instant),
    customKeyIdentifier: nullable(text()),
  },
  { required: ['type', 'usage'] },
);

const redirectUris = list(text({ min: 1, max: 256 }), 256);

/** An application as a body gives it: partly. Nested records are partial too. */
export const applicationShape: Shape = record(
  {
    displayName: text({ min: 1, max: 256 }),
    uniqueName: nullable(text({ min: 1, max: 128 })),
    description: nullable(text({ max: 1024 })),
    notes: nullable(text({ max: 1024 })),
    tags: list(text({ min: 1, max: 256 })),
    identifierUris: list(text({ min: 1, max: 255 }), 50),
    signInAudience: oneOf(
      'AzureADMyOrg',
      'AzureADMultipleOrgs',
      'AzureADandPersonalMicrosoftAccount',
      'PersonalMicrosoftAccount',
    ),
    isFallbackPublicClient: nullable(flag),
    appRoles: list(appRole),
    api: record({
      acceptMappedClaims: nullable(flag),
      knownClientApplications: list(uuid),
      oauth2PermissionScopes: list(permissionScope),
      preAuthorizedApplications: list(
        record(
          { appId: uuid, delegatedPermissionIds: list(uuid) },
          { required: ['appId', 'delegatedPermissionIds'] },
        ),
      ),
      requestedAccessTokenVersion: nullable(oneOf(1, 2)),
    }),
    web: record(
      {
        redirectUris,
        homePageUrl: nullable(text({ max: 2048 })),
        logoutUrl: nullable(text({ max: 2048 })),
        implicitGrantSettings: record(
          { enableIdTokenIssuance: flag, enableAccessTokenIssuance: flag },
          { defaults: { enableIdTokenIssuance: false, enableAccessTokenIssuance: false } },
        ),
      },
      { notModelled: ['redirectUriSettings'] },
    ),
    spa: record({ redirectUris }),
    publicClient: record({ redirectUris }),
    requiredResourceAccess: list(requiredResource),
    optionalClaims: nullable(
      record(
        { accessToken: list(optionalClaim), idToken: list(optionalClaim), saml2Token: list(optionalClaim) },
        { defaults: { accessToken: [], idToken: [], saml2Token: [] } },
      ),
    ),
    keyCredentials: list(keyCredential, 20),
  },
  {
    readOnly: [
      'id',
      'appId',
      'createdDateTime',
      'publisherDomain',
      'deletedDateTime',
      'disabledByMicrosoftStatus',
    ],
    notModelled: [
      ...[
        'addIns',
        'authenticationBehaviors',
        'certification',
        'defaultRedirectUri',
        'groupMembershipClaims',
      ],
      ...[
        'info',
        'isDeviceOnlyAuthSupported',
        'logo',
        'nativeAuthenticationApisEnabled',
        'oauth2RequirePostResponse',
      ],
      ...[
        'parentalControlSettings',
        'passwordCredentials',
        'requestSignatureVerification',
        'samlMetadataUrl',
      ],
      ...['serviceManagementReference', 'servicePrincipalLockConfiguration', 'tokenEncryptionKeyId'],
      ...['verifiedPublisher', 'owners'],
    ],
  },
);
