import type { ArmBody } from '../../azure/arm.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type Outputs, type Resource } from '../engine/resource.ts';
import { isUnknown } from '../engine/unknown.ts';
import {
  clientApp,
  clientExportRole,
  clientFhirRole,
  RESOURCE,
  testUser,
  userFhirRole,
} from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** Built-in roles, by the ids they have in every tenant (Azure built-in roles). */
const ROLE = {
  fhirSmartUser: '4ba50f17-9666-485c-a643-ff00808643f0',
  fhirDataExporter: '3db33094-8700-4567-8da5-1501d4e7e843',
  fhirDataContributor: '5a1fc7df-4bf1-4951-a576-89034ee01acd',
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  blobDataReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
} as const;

interface Assignment {
  readonly id: string;
  readonly role: keyof typeof ROLE;
  /** Resource whose output `id` is the scope. */
  readonly scope: string;
  /** Resource and output that name the principal; undefined: who is signed in. */
  readonly principal: readonly [id: string, field: string] | undefined;
  readonly principalType: 'User' | 'ServicePrincipal';
}

/** Every role, each at the one resource it is needed for. */
export const roleAssignments: ResourceKind = (context) =>
  assignmentsOf(context).map((item) => define(item, context));

function assignmentsOf({ account, config }: StackContext): readonly Assignment[] {
  const identity = (id: string, role: keyof typeof ROLE, scope: string, owner: string): Assignment => ({
    id,
    role,
    scope,
    principal: [owner, 'principalId'],
    principalType: 'ServicePrincipal',
  });
  const deployer = (id: string, role: keyof typeof ROLE, scope: string): Assignment => ({
    id,
    role,
    scope,
    principal: undefined,
    principalType: account.deployer.principalType,
  });
  const backends = config.clients.filter((client) => client.launch === 'backend');
  return [
    deployer(RESOURCE.deployerVaultRole, 'secretsOfficer', RESOURCE.vault),
    ...(config.data.seed === 'none'
      ? []
      : [deployer(RESOURCE.deployerFhirRole, 'fhirDataContributor', RESOURCE.fhir)]),
    // So that plan sees whether the published package is still there.
    deployer(RESOURCE.deployerPackagesRole, 'blobDataReader', RESOURCE.packages),
    identity(RESOURCE.appVaultRole, 'secretsUser', RESOURCE.vault, RESOURCE.app),
    identity(RESOURCE.appBlobRole, 'blobDataOwner', RESOURCE.storage, RESOURCE.app),
    identity(RESOURCE.appTableRole, 'tableDataContributor', RESOURCE.storage, RESOURCE.app),
    identity(RESOURCE.apimVaultRole, 'secretsUser', RESOURCE.vault, RESOURCE.apim),
    identity(RESOURCE.fhirBlobRole, 'blobDataContributor', RESOURCE.storage, RESOURCE.fhir),
    ...config.users.map(
      ({ name }): Assignment => ({
        id: userFhirRole(name),
        role: 'fhirSmartUser',
        scope: RESOURCE.fhir,
        principal: [testUser(name), 'id'],
        principalType: 'User',
      }),
    ),
    ...backends.flatMap(({ name }): Assignment[] => {
      const of = (id: string, role: keyof typeof ROLE): Assignment => ({
        id,
        role,
        scope: RESOURCE.fhir,
        principal: [clientApp(name), 'servicePrincipalId'],
        principalType: 'ServicePrincipal',
      });
      return [of(clientFhirRole(name), 'fhirSmartUser'), of(clientExportRole(name), 'fhirDataExporter')];
    }),
  ];
}

interface Want {
  readonly armId: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly roleDefinitionId: string;
}

function define(item: Assignment, { account, owner }: StackContext): Resource<Tools> {
  const desired = (outputs: Outputs): Want => {
    const scope = outputs.get(item.scope, 'id');
    const principalId =
      item.principal === undefined ? account.deployer.principalId : outputs.get(...item.principal);
    const name = owner.guid(scope.toLowerCase(), principalId, ROLE[item.role]);
    return {
      // The GUID of an unknown principal would look known.
      armId: `${scope}/providers/Microsoft.Authorization/roleAssignments/${markedUnknown(principalId, scope) ?? name}`,
      principalId,
      principalType: item.principalType,
      roleDefinitionId: `/subscriptions/${account.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${ROLE[item.role]}`,
    };
  };
  return defineResource<Tools, Want, ArmBody>({
    id: item.id,
    type: 'role-assignment',
    label: `${item.role} for ${item.principal?.[0] ?? 'the deployer'} on ${item.scope}`,
    dependsOn: [item.scope, ...(item.principal === undefined ? [] : [item.principal[0]])],
    containedIn: item.scope,
    desired,
    locate: (want) => want.armId,
    async read({ arm }, want) {
      const have = await arm.get(want.armId);
      if (have !== undefined) {
        const ours = owner.markedResource(have.properties['description']) === item.id;
        return { have, ownership: ours ? 'ours' : 'foreign' };
      }
      const twin = await sameGrant(arm, want);
      return twin && { have: twin, ownership: 'shared' };
    },
    diff: (want, have) =>
      changed('principalId', have.properties['principalId'], want.principalId, { replaces: true }),
    apply: (tools, { armId, ...properties }) => {
      const body = { properties: { ...properties, description: owner.mark(item.id) } };
      return tools.untilEffective('the new identity', () => tools.arm.put(armId, body), isUnknownPrincipal);
    },
    destroy: ({ arm }, have) => arm.delete(have.id),
    outputs: (have) => ({ id: have.id }),
  });
}

/** The unknown among the parts, if one is: it must stay visible in the id. */
function markedUnknown(...parts: readonly string[]): string | undefined {
  return parts.find(isUnknown);
}

function isUnknownPrincipal(status: number, codes: readonly string[]): boolean {
  return status === 400 && codes.includes('PrincipalNotFound');
}

/** Somebody else's assignment of the same role to the same principal at the same scope: Azure refuses a second one. */
async function sameGrant(arm: Tools['arm'], want: Want): Promise<ArmBody | undefined> {
  const collection = want.armId.slice(0, want.armId.lastIndexOf('/'));
  const scope = collection.slice(0, collection.toLowerCase().indexOf('/providers/microsoft.authorization/'));
  const found = await arm.list(collection, { $filter: `principalId eq '${want.principalId}'` });
  const guid = (id: unknown): string =>
    String(id)
      .slice(String(id).lastIndexOf('/') + 1)
      .toLowerCase();
  return found.find(
    ({ properties }) =>
      guid(properties['roleDefinitionId']) === guid(want.roleDefinitionId) &&
      String(properties['scope']).toLowerCase() === scope.toLowerCase(),
  );
}
