/**
 * What is only believed about Azure: no public source states it, or only a second-hand one. Each constant names the
 * belief its users depend on, so that one run against live Azure can correct it here.
 */

/** Entra dates `iat` and `nbf` five minutes back, so that clients with a slow clock accept the token. */
export const ENTRA_BACKDATE_SECONDS = 300;

/** User access tokens live a random time between these bounds; app-only tokens live the shorter one. */
export const ENTRA_ACCESS_TOKEN_SECONDS = { shortest: 3600, longest: 5400 } as const;

/** Access tokens of managed identities live a day. */
export const ENTRA_MANAGED_IDENTITY_TOKEN_SECONDS = 86_400;

/** How far Azure's own services let clocks disagree when they check a bearer token. Zero is the strictest reading. */
export const BEARER_CLOCK_SKEW_SECONDS = 0;

/** `openid`, `profile`, `email` and `offline_access` need a grant on Microsoft Graph like any other permission. */
export const ENTRA_OIDC_SCOPES_NEED_CONSENT = true;

/** A token response for `{resource}/.default` repeats `{resource}/.default` after the granted names. */
export const ENTRA_RESPONSE_REPEATS_DEFAULT_SCOPE = true;

/** With `acceptMappedClaims`, `api://{appId}` as the audience of a v1 token is refused (AADSTS501461). */
export const ENTRA_MAPPED_CLAIMS_REFUSE_API_URI = true;

/** Wrong passwords in a row after which sign-in is locked (AADSTS50053), and for how long. */
export const ENTRA_LOCKOUT = { failures: 10, milliseconds: 60_000 } as const;

/** Errors that Entra shows instead of redirecting (unknown client, bad redirect URI) are pages with this status. */
export const ENTRA_ERROR_PAGE_STATUS = 400;

/** How long an unfinished sign-in page stays usable, and how long a browser session lasts without being renewed. */
export const ENTRA_INTERACTION_MINUTES = 30;
export const ENTRA_SESSION_HOURS = 24;

/** Kudu's `/api/publish` of Flex Consumption demands this action on the site from an ARM token's bearer. */
export const PUBLISH_ACTION = 'Microsoft.Web/sites/publish/Action';

/** The name under which a published package lies in the deployment container. */
export const PUBLISHED_PACKAGE_BLOB = 'released-package.zip';

/** The host keeps its secrets in this container of AzureWebJobsStorage; without access to it no function runs. */
export const HOST_SECRETS_CONTAINER = 'azure-webjobs-secrets';

/**
 * Keys are the host's: ARM hands listing, setting and removing them on to it, and passes on that it cannot read its
 * storage as 400 BadRequest with this text.
 */
export const HOST_KEYS_UNREADABLE = 'Encountered an error (InternalServerError) from host runtime.';

/** A Function app whose host cannot start (no package, broken package, no storage) answers 503 with this text. */
export const HOST_NOT_RUNNING = 'Function host is not running.';

/** `/api/publish` answers with the deployment’s id as a JSON string, 202 at once with `isAsync=true`, else 200 when done. */
export const PUBLISH_ANSWERS_ID = true;

/** App settings that Flex Consumption refuses; prefixes end in `*`. */
export const FLEX_FORBIDDEN_SETTINGS = [
  'WEBSITE_RUN_FROM_PACKAGE',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'FUNCTIONS_EXTENSION_VERSION',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_CONTENT*',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'ENABLE_ORYX_BUILD',
] as const;

/** A Flex Consumption plan holds one app; a second is refused. */
export const FLEX_ONE_APP_PER_PLAN = true;

/** Node.js versions that a new Flex Consumption app may ask for. */
export const FLEX_NODE_VERSIONS = ['22', '24'] as const;

/** A vault written with api-version 2026-02-01 without `enableRbacAuthorization` uses RBAC (product page). */
export const KEY_VAULT_RBAC_BY_DEFAULT = true;

/** What a storage account has when the request does not say: the portal's and the API's defaults of 2026. */
export const STORAGE_DEFAULTS = {
  accessTier: 'Hot',
  allowBlobPublicAccess: false,
  allowCrossTenantReplication: false,
  minimumTlsVersion: 'TLS1_2',
  networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] },
  publicNetworkAccess: 'Enabled',
  supportsHttpsTrafficOnly: true,
  encryption: {
    keySource: 'Microsoft.Storage',
    services: { blob: { enabled: true, keyType: 'Account' }, file: { enabled: true, keyType: 'Account' } },
  },
} as const;

/** How far the clock of a client that signs an assertion may be off. */
export const ENTRA_ASSERTION_SKEW_SECONDS = 300;

/** A role and a scope of one application may share a value only when they share the id too. */
export const GRAPH_VALUES_UNIQUE_ACROSS_ROLES_AND_SCOPES = true;

/** Soft-deleted applications keep their `uniqueName` and `identifierUris` taken. */
export const GRAPH_DELETED_APPLICATIONS_KEEP_NAMES = true;

/** Items over all collections of one application; more is refused. */
export const GRAPH_APPLICATION_ITEM_LIMIT = 1000;

/** Values taken already (`uniqueName`, `identifierUris`, `userPrincipalName`) are refused with this status. */
export const GRAPH_TAKEN_VALUE_STATUS = 400;

/** A grant or assignment that names an object not yet replicated is refused with this status. */
export const GRAPH_MISSING_REFERENCE_STATUS = 404;

/** App-only callers need this role to set another user's password; `User.ReadWrite.All` is not enough. */
export const GRAPH_PASSWORD_ROLE = 'User-PasswordProfile.ReadWrite.All';

/** The FHIR service's 401 carries this challenge, as ASP.NET's bearer handler writes it by default. */
export const FHIR_CHALLENGE = 'Bearer';

/** The FHIR service lets token times disagree by this much. Zero is the strictest reading. */
export const FHIR_CLOCK_SKEW_SECONDS = 0;

/** The FHIR service reads app roles (`roles`) as scopes, so that app-only tokens work. */
export const FHIR_READS_APP_ROLES = true;

/** Status of a token whose SMART scopes or `fhirUser` the FHIR service refuses; older builds answer 500. */
export const FHIR_SMART_REFUSAL_STATUS = 400;

/** Longest time one `$export` job of the FHIR service takes to start, in milliseconds before time scaling. */
export const FHIR_EXPORT_START_MS = 1000;

/** The newest `x-ms-version` the storage services take; the clients of late 2026 send it. */
export const STORAGE_NEWEST_VERSION = '2026-10-06';

/** A write to a provider the subscription is not registered for is a conflict, not a bad request. */
export const ARM_MISSING_REGISTRATION_STATUS = 409;

/** A role assignment that names an unknown role is a bad request (reading an unknown role is 404). */
export const ARM_UNKNOWN_ROLE_STATUS = 400;

/** A workspace of Health Data Services cannot be deleted before what is in it. */
export const HEALTHCARE_WORKSPACE_MUST_BE_EMPTY = true;

/** Names: workspaces are letters and digits, FHIR services may have hyphens inside; both 3 to 24 long. */
export const HEALTHCARE_WORKSPACE_NAME = /^[a-z0-9]{3,24}$/i;
export const HEALTHCARE_FHIR_SERVICE_NAME = /^[a-z0-9][a-z0-9-]{1,22}[a-z0-9]$/i;

/** `smartProxyEnabled: true` is refused: the SMART on FHIR proxy is retired. */
export const HEALTHCARE_SMART_PROXY_REFUSED_STATUS = 400;

/** Names of secrets have 127 characters at most. */
export const KEY_VAULT_LONGEST_SECRET_NAME = 127;

/** Inner code of the 409 for a secret name that is soft-deleted. */
export const KEY_VAULT_DELETED_NAME_INNER_CODE = 'ObjectIsDeletedButRecoverable';

/** A bearer token the storage services do not accept (Azurite answers 400). */
export const STORAGE_INVALID_TOKEN_STATUS = 401;

/** `/*` of an API Management operation needs at least one segment: the API's bare path has its own operation. */
export const APIM_WILDCARD_NEEDS_SEGMENT = true;

/** A path below an API that no operation fits is an error that the API's own `on-error` sees. */
export const APIM_NOT_FOUND_RUNS_API_ON_ERROR = true;

/** Signature algorithms that `validate-jwt` takes from a JWKS; elliptic-curve keys are not documented. */
export const APIM_JWKS_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
];

/** Status of a request body that is larger than the gateway may buffer. */
export const APIM_REQUEST_TOO_LARGE_STATUS = 413;
