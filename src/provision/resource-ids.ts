/** Ids of the resources of a stack: what they call one another by, what marks and plans say. */
export const RESOURCE = {
  group: 'group',
  storage: 'storage/account',
  packages: 'storage/packages',
  vault: 'vault',
  workspace: 'fhir/workspace',
  fhir: 'fhir/service',
  plan: 'functions/plan',
  app: 'functions/app',
  settings: 'functions/settings',
  package: 'functions/package',
  hostKey: 'functions/host-key',
  apim: 'apim/service',
  fhirApp: 'entra/fhir',
  signInApp: 'entra/sign-in',
  claimsPolicy: 'entra/claims-policy',
  sessionKey: 'secret/session-key',
  functionKey: 'secret/function-key',
  signInSecret: 'secret/sign-in',
  deployerVaultRole: 'role/deployer-vault',
  deployerFhirRole: 'role/deployer-fhir',
  deployerPackagesRole: 'role/deployer-packages',
  appVaultRole: 'role/functions-vault',
  appBlobRole: 'role/functions-blobs',
  appTableRole: 'role/functions-tables',
  apimVaultRole: 'role/apim-vault',
  fhirBlobRole: 'role/fhir-blobs',
} as const;

export const provider = (namespace: string): string => `provider/${namespace}`;
export const clientApp = (name: string): string => `entra/client/${name}`;
export const clientGrant = (name: string): string => `entra/grant/${name}`;
export const clientRoles = (name: string): string => `entra/app-roles/${name}`;
export const claimsOf = (name: string): string => `entra/claims/${name}`;
export const clientSecret = (name: string): string => `secret/client/${name}`;
export const clientKeys = (name: string): string => `secret/jwks/${name}`;
export const userPassword = (name: string): string => `secret/user/${name}`;
export const testUser = (name: string): string => `user/${name}`;
export const userFhirRole = (name: string): string => `role/user-fhir/${name}`;
export const clientFhirRole = (name: string): string => `role/client-fhir/${name}`;
export const clientExportRole = (name: string): string => `role/client-export/${name}`;
export const namedValue = (id: string): string => `apim/named-value/${id}`;
export const api = (id: string): string => `apim/api/${id}`;
export const fragment = (id: string): string => `apim/fragment/${id}`;
