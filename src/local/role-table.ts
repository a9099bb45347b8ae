/** A built-in role: its GUID is the same in every tenant. Patterns are matched without regard to case. */
export interface BuiltInRole {
  readonly name: string;
  readonly guid: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
  readonly notDataActions?: readonly string[];
}

const FHIR = 'Microsoft.HealthcareApis/workspaces/fhirservices/resources';
const FHIR_CLASSIC = 'Microsoft.HealthcareApis/services/fhir/resources';
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices';
const QUEUES = 'Microsoft.Storage/storageAccounts/queueServices/queues';
const TABLES = 'Microsoft.Storage/storageAccounts/tableServices/tables';
const VAULTS = 'Microsoft.KeyVault/vaults';
const APIM = 'Microsoft.ApiManagement/service';
const DELEGATION_KEY = `${BLOBS}/generateUserDelegationKey/action`;

/** What nearly every service-specific role may look at besides its own service. */
const COMMON_READS = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
];

const VAULT_READS = [
  ...COMMON_READS,
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  `${VAULTS}/*/read`,
  'Microsoft.KeyVault/operations/read',
];

function fhir(...suffixes: readonly string[]): string[] {
  return suffixes.flatMap((suffix) => [`${FHIR_CLASSIC}/${suffix}`, `${FHIR}/${suffix}`]);
}

const GENERAL: readonly BuiltInRole[] = [
  {
    name: 'Owner',
    guid: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    description:
      'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    actions: ['*'],
  },
  {
    name: 'Contributor',
    guid: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    description:
      'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  },
  {
    name: 'Reader',
    guid: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    description: 'View all resources, but does not allow you to make any changes.',
    actions: ['*/read'],
  },
  {
    name: 'User Access Administrator',
    guid: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    description: 'Lets you manage user access to Azure resources.',
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
  },
  {
    name: 'Role Based Access Control Administrator',
    guid: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
    description: 'Manage access to Azure resources by assigning roles using Azure RBAC.',
    actions: [
      'Microsoft.Authorization/roleAssignments/write',
      'Microsoft.Authorization/roleAssignments/delete',
      '*/read',
      'Microsoft.Support/*',
    ],
  },
];

const FHIR_ROLES: readonly BuiltInRole[] = [
  {
    name: 'FHIR Data Contributor',
    guid: '5a1fc7df-4bf1-4951-a576-89034ee01acd',
    description: 'Role allows user or principal full access to FHIR Data.',
    actions: [],
    dataActions: fhir('*'),
    notDataActions: fhir('smart/action'),
  },
  {
    name: 'FHIR Data Reader',
    guid: '4c8d0bbc-75d3-4935-991f-5f3c56d81508',
    description: 'Role allows user or principal to read FHIR Data.',
    actions: [],
    dataActions: fhir('read'),
  },
  {
    name: 'FHIR Data Writer',
    guid: '3f88fce4-5892-4214-ae73-ba5294559913',
    description: 'Role allows user or principal to read and write FHIR Data.',
    actions: [],
    dataActions: fhir(
      'read',
      'write',
      'delete',
      'export/action',
      'resourceValidate/action',
      'reindex/action',
      'convertData/action',
      'editProfileDefinitions/action',
      'import/action',
    ),
  },
  {
    name: 'FHIR Data Exporter',
    guid: '3db33094-8700-4567-8da5-1501d4e7e843',
    description: 'Role allows user or principal to read and export FHIR Data.',
    actions: [],
    dataActions: fhir('read', 'export/action'),
  },
  {
    name: 'FHIR Data Importer',
    guid: '4465e953-8ced-4406-a58e-0f6e3f3b530b',
    description: 'Role allows user or principal to read and import FHIR Data.',
    actions: [],
    dataActions: [`${FHIR}/read`, `${FHIR}/import/action`],
  },
  {
    name: 'FHIR Data Converter',
    guid: 'a1705bd2-3a8f-45a5-8683-466fcfd5cc24',
    description: 'Role allows user or principal to convert data from legacy format to FHIR.',
    actions: [],
    dataActions: fhir('convertData/action'),
  },
  {
    name: 'FHIR SMART User',
    guid: '4ba50f17-9666-485c-a643-ff00808643f0',
    description: 'Role allows user to access FHIR Service according to SMART on FHIR specification.',
    actions: [],
    dataActions: fhir('read', 'readById/action', 'search/action', 'smart/action'),
  },
];

const STORAGE_ROLES: readonly BuiltInRole[] = [
  {
    name: 'Storage Blob Data Contributor',
    guid: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    description: 'Allows for read, write and delete access to Azure Storage blob containers and data.',
    actions: [
      `${BLOBS}/containers/delete`,
      `${BLOBS}/containers/read`,
      `${BLOBS}/containers/write`,
      DELEGATION_KEY,
    ],
    dataActions: ['delete', 'read', 'write', 'move/action', 'add/action'].map(
      (action) => `${BLOBS}/containers/blobs/${action}`,
    ),
  },
  {
    name: 'Storage Blob Data Owner',
    guid: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    description: 'Allows for full access to Azure Storage blob containers and data.',
    actions: [`${BLOBS}/containers/*`, DELEGATION_KEY],
    dataActions: [`${BLOBS}/containers/blobs/*`],
  },
  {
    name: 'Storage Blob Data Reader',
    guid: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    description: 'Allows for read access to Azure Storage blob containers and data.',
    actions: [`${BLOBS}/containers/read`, DELEGATION_KEY],
    dataActions: [`${BLOBS}/containers/blobs/read`],
  },
  {
    name: 'Storage Queue Data Contributor',
    guid: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    description: 'Allows for read, write, and delete access to Azure Storage queues and queue messages.',
    actions: [`${QUEUES}/delete`, `${QUEUES}/read`, `${QUEUES}/write`],
    dataActions: ['delete', 'read', 'write', 'process/action'].map(
      (action) => `${QUEUES}/messages/${action}`,
    ),
  },
  {
    name: 'Storage Table Data Contributor',
    guid: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    description: 'Allows for read, write and delete access to Azure Storage tables and entities.',
    actions: [`${TABLES}/read`, `${TABLES}/write`, `${TABLES}/delete`],
    dataActions: ['read', 'write', 'delete', 'add/action', 'update/action'].map(
      (action) => `${TABLES}/entities/${action}`,
    ),
  },
];

const VAULT_ROLES: readonly BuiltInRole[] = [
  {
    name: 'Key Vault Secrets User',
    guid: '4633458b-17de-408a-b874-0445c86b69e6',
    description: 'Read secret contents.',
    actions: [],
    dataActions: [`${VAULTS}/secrets/getSecret/action`, `${VAULTS}/secrets/readMetadata/action`],
  },
  {
    name: 'Key Vault Secrets Officer',
    guid: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    description: 'Perform any action on the secrets of a key vault, except manage permissions.',
    actions: VAULT_READS,
    dataActions: [`${VAULTS}/secrets/*`],
  },
  {
    name: 'Key Vault Administrator',
    guid: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    description: 'Perform all data plane operations on a key vault and all objects in it.',
    actions: VAULT_READS,
    dataActions: [`${VAULTS}/*`],
  },
  {
    name: 'Key Vault Crypto User',
    guid: '12338af0-0e69-4776-bea7-57ae8d297424',
    description: 'Perform cryptographic operations using keys.',
    actions: [],
    dataActions: [
      'read',
      'update/action',
      'backup/action',
      'encrypt/action',
      'decrypt/action',
      'wrap/action',
      'unwrap/action',
      'sign/action',
      'verify/action',
    ].map((action) => `${VAULTS}/keys/${action}`),
  },
  {
    name: 'Key Vault Purge Operator',
    guid: 'a68e7c17-0ab2-4c09-9a58-125dae29748c',
    description: 'Allows permanent deletion of soft-deleted vaults.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.KeyVault/deletedVaults/read',
      'Microsoft.KeyVault/locations/deletedVaults/read',
      'Microsoft.KeyVault/locations/deletedVaults/purge/action',
      'Microsoft.KeyVault/locations/operationResults/read',
    ],
  },
];

const HOSTING_ROLES: readonly BuiltInRole[] = [
  {
    name: 'Website Contributor',
    guid: 'de139f84-1756-47ae-9be6-808fbbe84772',
    description: 'Lets you manage websites (not web plans), but not access to them.',
    actions: [
      ...COMMON_READS,
      'Microsoft.Insights/components/*',
      'Microsoft.Web/certificates/*',
      'Microsoft.Web/serverFarms/join/action',
      'Microsoft.Web/serverFarms/read',
      'Microsoft.Web/sites/*',
    ],
  },
  {
    name: 'Monitoring Metrics Publisher',
    guid: '3913510d-42f4-4e42-8a64-420c390055eb',
    description: 'Enables publishing metrics against Azure resources.',
    actions: [
      'Microsoft.Insights/Register/Action',
      'Microsoft.Support/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
    ],
    dataActions: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write'],
  },
  {
    name: 'API Management Service Contributor',
    guid: '312a565d-c81f-4fd8-895a-4e21e48d571c',
    description: 'Can manage service and the APIs.',
    actions: [`${APIM}/*`, ...COMMON_READS],
  },
  {
    name: 'API Management Service Operator Role',
    guid: 'e022efe7-f5ba-4159-bbe4-b44f577e9b61',
    description: 'Can manage service but not the APIs.',
    actions: [
      ...[
        '*/read',
        'backup/action',
        'delete',
        'managedeployments/action',
        'read',
        'restore/action',
        'write',
      ].map((action) => `${APIM}/${action}`),
      ...COMMON_READS,
    ],
    notActions: [`${APIM}/users/keys/read`],
  },
  {
    name: 'API Management Service Reader Role',
    guid: '71522526-b88f-4d52-b57f-d31fc3546d0d',
    description: 'Read-only access to service and APIs.',
    actions: [`${APIM}/*/read`, `${APIM}/read`, ...COMMON_READS],
    notActions: [`${APIM}/users/keys/read`],
  },
];

/** The built-in roles this cloud knows; an assignment of any other is refused. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  ...GENERAL,
  ...FHIR_ROLES,
  ...STORAGE_ROLES,
  ...VAULT_ROLES,
  ...HOSTING_ROLES,
];

export function roleByGuid(guid: string): BuiltInRole | undefined {
  const wanted = guid.toLowerCase();
  return BUILT_IN_ROLES.find((role) => role.guid === wanted);
}

export function roleByName(name: string): BuiltInRole | undefined {
  const wanted = name.toLowerCase();
  return BUILT_IN_ROLES.find((role) => role.name.toLowerCase() === wanted);
}
