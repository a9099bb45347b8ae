import { authorizeFaults } from './cases/authorize.ts';
import { backendFaults } from './cases/backend.ts';
import { bulkFaults } from './cases/bulk.ts';
import { contextFaults } from './cases/context.ts';
import { corsFaults } from './cases/cors.ts';
import { discoveryFaults } from './cases/discovery.ts';
import { fhirFaults } from './cases/fhir.ts';
import { introspectionFaults } from './cases/introspection.ts';
import { launchFaults } from './cases/launch.ts';
import { oidcFaults } from './cases/oidc.ts';
import { refreshFaults } from './cases/refresh.ts';
import { revocationFaults } from './cases/revocation.ts';
import { scopesFaults } from './cases/scopes.ts';
import { securityFaults } from './cases/security.ts';
import { tokenFaults } from './cases/token.ts';
import { usCoreFaults } from './cases/us-core.ts';
import type { Fault } from './fault.ts';

export const faults: readonly Fault[] = [
  ...discoveryFaults,
  ...authorizeFaults,
  ...launchFaults,
  ...tokenFaults,
  ...oidcFaults,
  ...refreshFaults,
  ...scopesFaults,
  ...contextFaults,
  ...introspectionFaults,
  ...revocationFaults,
  ...backendFaults,
  ...bulkFaults,
  ...fhirFaults,
  ...usCoreFaults,
  ...corsFaults,
  ...securityFaults,
];
