import type { ResourceKind } from '../context.ts';
import { apiManagementApis } from './api-management-apis.ts';
import { apiManagementFragments } from './api-management-fragments.ts';
import { apiManagementNamedValues } from './api-management-named-values.ts';
import { apiManagementService } from './api-management-service.ts';
import { clientKeySets } from './client-keys.ts';
import { clientSecrets } from './client-secrets.ts';
import { entraAppRoles } from './entra-app-roles.ts';
import { entraClaims } from './entra-claims.ts';
import { entraClientApps } from './entra-client-apps.ts';
import { entraFhirApp } from './entra-fhir-app.ts';
import { entraGrants } from './entra-grants.ts';
import { entraSignInApp } from './entra-sign-in-app.ts';
import { fhirService } from './fhir-service.ts';
import { fhirWorkspace } from './fhir-workspace.ts';
import { functionsApp } from './functions-app.ts';
import { functionsHostKey } from './functions-host-key.ts';
import { functionsPackage } from './functions-package.ts';
import { functionsPlan } from './functions-plan.ts';
import { functionsSettings } from './functions-settings.ts';
import { keyVault } from './key-vault.ts';
import { packageContainer } from './package-container.ts';
import { providers } from './providers.ts';
import { randomSecrets } from './random-secrets.ts';
import { resourceGroup } from './resource-group.ts';
import { roleAssignments } from './role-assignments.ts';
import { storageAccount } from './storage-account.ts';
import { testUsers } from './test-users.ts';

/** Every kind of resource of a stack, in the order plans list them: one file each, one line here. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  providers,
  resourceGroup,
  storageAccount,
  packageContainer,
  keyVault,
  entraFhirApp,
  fhirWorkspace,
  fhirService,
  functionsPlan,
  functionsApp,
  apiManagementService,
  entraSignInApp,
  entraClientApps,
  entraGrants,
  entraAppRoles,
  entraClaims,
  randomSecrets,
  clientSecrets,
  clientKeySets,
  testUsers,
  roleAssignments,
  functionsSettings,
  functionsPackage,
  functionsHostKey,
  apiManagementNamedValues,
  apiManagementFragments,
  apiManagementApis,
];
