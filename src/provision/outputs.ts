import type { ClientConfig } from '../config/config.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { ClientAuth, ClientLaunch } from '../smart/registration.ts';
import { makePlan } from './engine/plan.ts';
import type { OutputValues, Resource } from './engine/resource.ts';
import { type NamedRecord, readPeople } from './fhir-people.ts';
import { clientApp, RESOURCE, testUser } from './resource-ids.ts';
import { secretName } from './secret-names.ts';
import type { Session } from './session.ts';
import type { Tools } from './tools.ts';

export interface ClientOutput {
  readonly name: string;
  readonly clientId: string;
  readonly auth: ClientAuth;
  readonly launch: ClientLaunch;
  readonly redirectUris: readonly string[];
  readonly launchUris: readonly string[];
  readonly scopes: readonly string[];
}

/** What `outputs` prints: everything about a provisioned stack that is no secret. */
export interface StackOutputs {
  readonly fhirUrl: string;
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly introspectUrl: string;
  readonly revokeUrl: string;
  readonly launchUrl: string;
  readonly clients: readonly ClientOutput[];
  readonly users: readonly { readonly name: string; readonly username: string; readonly fhirUser: string }[];
  /** Read from the FHIR service; empty where the data are of real people. */
  readonly groups: readonly NamedRecord[];
  readonly patients: readonly NamedRecord[];
  readonly azure: {
    readonly tenantId: string;
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly fhirServiceId: string;
    /** The FHIR service itself, behind the gateway. */
    readonly fhirServiceUrl: string;
    /** `aud` of its tokens, and what precedes `/.default` in a request for one. */
    readonly fhirAudience: string;
    /** What precedes a permission in a scope: `api://{app id}`. */
    readonly scopePrefix: string;
    readonly functionAppId: string;
    readonly functionHost: string;
    readonly apiManagementId: string;
    readonly keyVaultUrl: string;
    readonly storageAccountId: string;
  };
}

/**
 * The outputs of a provisioned environment, read from the cloud.
 *
 * @throws SmartfhirError `NOT_PROVISIONED` when what every stack has is not there
 */
export async function readOutputs(session: Session): Promise<StackOutputs> {
  const known = await readKnown(session);
  const { account, context } = session;
  const { config, names } = context;
  const of = (id: string, field: string): string => needed(known, id, field, config.env);
  const gateway = of(RESOURCE.apim, 'gatewayUrl');
  const auth = `${gateway}/auth`;
  const azure: StackOutputs['azure'] = {
    tenantId: account.tenantId,
    subscriptionId: account.subscriptionId,
    resourceGroup: names.resourceGroup,
    fhirServiceId: of(RESOURCE.fhir, 'id'),
    fhirServiceUrl: of(RESOURCE.fhir, 'url'),
    fhirAudience: of(RESOURCE.fhirApp, 'appId'),
    scopePrefix: of(RESOURCE.fhirApp, 'scopePrefix'),
    functionAppId: of(RESOURCE.app, 'id'),
    functionHost: of(RESOURCE.app, 'host'),
    apiManagementId: of(RESOURCE.apim, 'id'),
    keyVaultUrl: of(RESOURCE.vault, 'url'),
    storageAccountId: of(RESOURCE.storage, 'id'),
  };
  return {
    fhirUrl: `${gateway}/fhir`,
    issuer: account.issuer,
    authorizeUrl: `${auth}/authorize`,
    tokenUrl: `${auth}/token`,
    introspectUrl: `${auth}/introspect`,
    revokeUrl: `${auth}/revoke`,
    launchUrl: `${auth}/launch`,
    clients: config.clients.flatMap((client) => clientOutput(client, known)),
    users: config.users.flatMap(({ name }) => userOutput(name, known)),
    ...(await readPeople(session, azure)),
    azure,
  };
}

/** Outputs of the resources that the document names, and of what they depend on; nothing else is read. */
async function readKnown(session: Session): Promise<Readonly<Record<string, OutputValues>>> {
  const { config } = session.context;
  const wanted = [
    ...[RESOURCE.apim, RESOURCE.fhir, RESOURCE.fhirApp, RESOURCE.app, RESOURCE.vault, RESOURCE.storage],
    ...config.clients.map((client) => clientApp(client.name)),
    ...config.users.map((user) => testUser(user.name)),
  ];
  const resources = closure(session.stack.resources, wanted);
  const plan = await makePlan(
    { resources, finders: [] },
    { tools: session.reader, signal: session.input.signal },
  );
  return plan.outputs;
}

function closure(all: readonly Resource<Tools>[], ids: readonly string[]): readonly Resource<Tools>[] {
  const byId = new Map(all.map((resource) => [resource.id, resource]));
  const kept = new Set<string>();
  const visit = (id: string): void => {
    if (kept.has(id)) return;
    kept.add(id);
    byId.get(id)?.dependsOn.forEach(visit);
  };
  ids.forEach(visit);
  return all.filter((resource) => kept.has(resource.id));
}

function needed(
  known: Readonly<Record<string, OutputValues>>,
  id: string,
  field: string,
  env: string,
): string {
  const value = known[id]?.[field];
  if (value !== undefined) return value;
  throw new SmartfhirError('NOT_PROVISIONED', `environment "${env}" is not provisioned: ${id} is not there`, {
    command: env === 'local' ? 'smartfhir apply --local' : `smartfhir apply -e ${env}`,
  });
}

function clientOutput(
  client: ClientConfig,
  known: Readonly<Record<string, OutputValues>>,
): readonly ClientOutput[] {
  const clientId = known[clientApp(client.name)]?.['appId'];
  if (clientId === undefined) return [];
  const { name, auth, launch, redirectUris, launchUris, scopes } = client;
  return [{ name, clientId, auth, launch, redirectUris, launchUris, scopes }];
}

function userOutput(name: string, known: Readonly<Record<string, OutputValues>>): StackOutputs['users'] {
  const { userPrincipalName, fhirUser } = known[testUser(name)] ?? {};
  return userPrincipalName === undefined
    ? []
    : [{ name, username: userPrincipalName, fhirUser: fhirUser ?? '' }];
}

/** The Entra client secret of a secret client; undefined for clients that have none of their own. */
export function clientSecret(
  session: Session,
  outputs: StackOutputs,
  name: string,
): Promise<string | undefined> {
  return secret(session, outputs, secretName.clientSecret(name));
}

/** The private JWKS that smartfhir made for a private_key_jwt client, as JSON text. */
export function privateJwks(
  session: Session,
  outputs: StackOutputs,
  name: string,
): Promise<string | undefined> {
  return secret(session, outputs, secretName.jwks(name));
}

export function userPassword(
  session: Session,
  outputs: StackOutputs,
  name: string,
): Promise<string | undefined> {
  return secret(session, outputs, secretName.userPassword(name));
}

async function secret({ reader }: Session, outputs: StackOutputs, name: string): Promise<string | undefined> {
  const found = await reader.untilEffective('access to the key vault', () =>
    reader.vault.get(outputs.azure.keyVaultUrl, name),
  );
  return found?.value;
}
