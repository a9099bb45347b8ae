import { randomUUID } from 'node:crypto';
import { DAY } from '../../core/clock.ts';
import type { Fabric } from '../fabric.ts';
import { makeClientSecret, storedSecret } from './client-secret.ts';
import { type Directory, directoryOf } from './directory.ts';
import { FIRST_PARTY_SERVICES, GRAPH_APP_ID } from './first-party.ts';
import { newApplication, newServicePrincipal } from './new-objects.ts';
import type { ServicePrincipal } from './objects.ts';

export interface Deployer {
  readonly clientId: string;
  /** Known to the caller only: the directory keeps its hash. */
  readonly clientSecret: string;
  readonly principalId: string;
}

const DEPLOYER_NAME = 'smartfhir deployer';

/**
 * Gives the tenant what exists before anything is provisioned: Microsoft's services and the deployer, a service
 * principal with every application permission of Graph. Called again, it replaces the deployer's secret.
 */
export function bootstrapDirectory(fabric: Fabric): { deployer: Deployer } {
  const directory = directoryOf(fabric);
  for (const service of FIRST_PARTY_SERVICES) ensureFirstParty(fabric, directory, service.appId);
  const deployer = ensureDeployer(fabric, directory);
  const graph = directory.servicePrincipalByAppId(GRAPH_APP_ID);
  if (graph !== undefined) grantEveryRole(fabric, directory, deployer, graph);
  return {
    deployer: {
      clientId: deployer.appId,
      clientSecret: renewSecret(fabric, directory, deployer.appId),
      principalId: deployer.id,
    },
  };
}

function ensureFirstParty(fabric: Fabric, directory: Directory, appId: string): void {
  const service = FIRST_PARTY_SERVICES.find((item) => item.appId === appId);
  if (service === undefined || directory.servicePrincipalByAppId(appId) !== undefined) return;
  const { displayName, ...firstParty } = service;
  directory.servicePrincipals.putNow(
    newServicePrincipal(fabric.clock.now(), { appId, displayName, firstParty }),
  );
}

function ensureDeployer(fabric: Fabric, directory: Directory): ServicePrincipal {
  const known = directory.applications.list().find((item) => item.uniqueName === DEPLOYER_NAME);
  const existing = known && directory.servicePrincipalByAppId(known.appId);
  if (existing !== undefined) return existing;
  const now = fabric.clock.now();
  const application = newApplication(now, { displayName: DEPLOYER_NAME, uniqueName: DEPLOYER_NAME });
  const principal = newServicePrincipal(now, { appId: application.appId, displayName: DEPLOYER_NAME });
  directory.applications.putNow(application);
  directory.servicePrincipals.putNow(principal);
  return principal;
}

function grantEveryRole(
  fabric: Fabric,
  directory: Directory,
  principal: ServicePrincipal,
  graph: ServicePrincipal,
): void {
  const held = directory.appRoleAssignments.list().filter((item) => item.principalId === principal.id);
  for (const role of graph.firstParty?.appRoles ?? []) {
    if (held.some((item) => item.appRoleId === role.id && item.resourceId === graph.id)) continue;
    directory.appRoleAssignments.putNow({
      id: randomUUID(),
      createdDateTime: new Date(fabric.clock.now()).toISOString(),
      appRoleId: role.id,
      principalId: principal.id,
      principalType: 'ServicePrincipal',
      principalDisplayName: principal.displayName,
      resourceId: graph.id,
      resourceDisplayName: graph.displayName,
    });
  }
}

function renewSecret(fabric: Fabric, directory: Directory, appId: string): string {
  const application = directory.applicationByAppId(appId);
  if (application === undefined) throw new Error('the deployer has no application');
  const secret = makeClientSecret();
  const now = fabric.clock.now();
  const credential = storedSecret(secret, {
    keyId: randomUUID(),
    displayName: 'deployer',
    startDateTime: new Date(now).toISOString(),
    endDateTime: new Date(now + 730 * DAY).toISOString(),
  });
  directory.applications.putNow({ ...application, passwordCredentials: [credential] });
  return secret;
}
