import type { AppRole, FirstPartyOffer, PermissionScope } from './objects.ts';

/** Microsoft's own services that exist in every tenant, as far as the laptop cloud has them. */

export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const ARM_APP_ID = '797f4846-ba00-4fd7-ba43-dac1f8f63013';
export const KEY_VAULT_APP_ID = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
export const STORAGE_APP_ID = 'e406a681-f3d4-42a8-90b6-c2b029497af1';
export const HEALTHCARE_APP_ID = '4f6778d8-5aef-43dc-a1ff-b073724b9495';

/** The scopes of OpenID Connect, which are permissions of Microsoft Graph. */
export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

const GRAPH_ROLES: Readonly<Record<string, string>> = {
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  'Application.ReadWrite.All': '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
  'Application.ReadWrite.OwnedBy': '18a4783c-866b-4cc7-a460-3d5e5662c884',
  'AppRoleAssignment.ReadWrite.All': '06b708a9-e830-4db3-a914-8e69da51d44f',
  'DelegatedPermissionGrant.ReadWrite.All': '8e8e4742-1d95-4f68-9d56-6ee75648c72a',
  'Directory.Read.All': '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
  'Directory.ReadWrite.All': '19dbc75e-c2e2-444c-a770-ec69d8559fc7',
  'Domain.Read.All': 'dbb9058a-0e50-45d7-ae91-66909b5d4664',
  'Organization.Read.All': '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  'Policy.Read.All': '246dd0d5-5bd0-4def-940b-0421030a5b68',
  'Policy.ReadWrite.ApplicationConfiguration': 'be74164b-cff1-491c-8741-e671cb536e13',
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
  'User.ReadWrite.All': '741f803b-c850-494e-b5df-cde7c675a1ca',
  'User-PasswordProfile.ReadWrite.All': 'cc117bb9-00cf-4eb8-b580-ea2a878fe8f7',
  'User.RevokeSessions.All': '77f3a031-c388-4f99-b373-dc68676a979e',
};

const GRAPH_SCOPES: Readonly<Record<string, readonly [id: string, text: string]>> = {
  openid: ['37f7f235-527c-4136-accd-4a02d197296e', 'Sign you in'],
  profile: ['14dad69e-099b-42c9-810b-d002981feec1', 'View your basic profile'],
  email: ['64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0', 'View your email address'],
  offline_access: [
    '7427e0e9-2fba-42fe-b0c0-848c9e6a8182',
    'Maintain access to data you have given it access to',
  ],
  'User.Read': ['e1fe6dd8-ba31-4d61-89e7-88639da4683d', 'Sign you in and read your profile'],
};

export interface FirstPartyService extends FirstPartyOffer {
  readonly appId: string;
  readonly displayName: string;
}

export const FIRST_PARTY_SERVICES: readonly FirstPartyService[] = [
  {
    appId: GRAPH_APP_ID,
    displayName: 'Microsoft Graph',
    names: ['https://graph.microsoft.com'],
    hostSuffixes: [],
    oauth2PermissionScopes: Object.entries(GRAPH_SCOPES).map(([value, [id, text]]) => scope(id, value, text)),
    appRoles: Object.entries(GRAPH_ROLES).map(([value, id]) => role(id, value)),
  },
  {
    appId: ARM_APP_ID,
    displayName: 'Windows Azure Service Management API',
    names: ['https://management.azure.com/', 'https://management.core.windows.net/'],
    hostSuffixes: [],
    oauth2PermissionScopes: [
      scope(
        '41094075-9dad-400e-a0bd-54e686782033',
        'user_impersonation',
        'Access Azure Resource Manager as you',
      ),
    ],
    appRoles: [],
  },
  {
    appId: KEY_VAULT_APP_ID,
    displayName: 'Azure Key Vault',
    names: ['https://vault.azure.net'],
    hostSuffixes: [],
    oauth2PermissionScopes: [
      scope(
        'f53da476-18e3-4152-8e01-aec403e6edc0',
        'user_impersonation',
        'Have full access to Azure Key Vault',
      ),
    ],
    appRoles: [],
  },
  {
    appId: STORAGE_APP_ID,
    displayName: 'Azure Storage',
    names: ['https://storage.azure.com/'],
    hostSuffixes: ['.blob.core.windows.net', '.table.core.windows.net'],
    oauth2PermissionScopes: [
      scope('03e0da56-190b-40ad-a80c-ea378c433f7f', 'user_impersonation', 'Access Azure Storage'),
    ],
    appRoles: [],
  },
  {
    appId: HEALTHCARE_APP_ID,
    displayName: 'Azure Healthcare APIs',
    names: ['https://azurehealthcareapis.com'],
    hostSuffixes: ['.azurehealthcareapis.com'],
    oauth2PermissionScopes: [
      scope('1d0a8a13-3a5e-4a2b-9f5c-6a6f2c1d9f10', 'user_impersonation', 'Access Azure Healthcare APIs'),
    ],
    appRoles: [],
  },
];

function scope(id: string, value: string, text: string): PermissionScope {
  return {
    id,
    value,
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: text,
    adminConsentDescription: text,
    userConsentDisplayName: text,
    userConsentDescription: text,
  };
}

function role(id: string, value: string): AppRole {
  return {
    id,
    value,
    displayName: value,
    description: value,
    allowedMemberTypes: ['Application'],
    isEnabled: true,
  };
}
