import type { GraphObject } from '../../azure/graph.ts';
import { isInteractive } from '../client-permissions.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type Resource } from '../engine/resource.ts';
import { claimsOf, clientApp, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

const POLICIES = '/policies/claimsMappingPolicies';

interface PolicyWant {
  readonly displayName: string;
  readonly definition: string;
}

/**
 * The policy that puts the user's `fhirUser` into tokens, and where it applies: access tokens, id_tokens of clients,
 * and the id_token by which the gateway knows the user's record before it asks for scopes.
 */
export const entraClaims: ResourceKind = (context) => [
  policy(context),
  assignment('fhir', RESOURCE.fhirApp),
  assignment('sign-in', RESOURCE.signInApp),
  ...context.config.clients
    .filter(isInteractive)
    .map((client) => assignment(client.name, clientApp(client.name))),
];

function policy({ owner }: StackContext): Resource<Tools> {
  return defineResource<Tools, PolicyWant, GraphObject>({
    id: RESOURCE.claimsPolicy,
    type: 'claims-policy',
    label: 'claims-policy fhirUser',
    dependsOn: [RESOURCE.fhirApp],
    desired: (outputs) => ({
      displayName: owner.mark(RESOURCE.claimsPolicy),
      definition: definitionOf(outputs.get(RESOURCE.fhirApp, 'extension')),
    }),
    locate: (want) => want.displayName,
    async read({ graph }, want) {
      const have = (await graph.list(POLICIES)).find((item) => item['displayName'] === want.displayName);
      return have && { have, ownership: 'ours' };
    },
    diff: (want, have) => changed('definition', firstDefinition(have), want.definition),
    async apply({ graph }, want, have) {
      const body = {
        displayName: want.displayName,
        definition: [want.definition],
        isOrganizationDefault: false,
      };
      if (have === undefined) return graph.post(POLICIES, body);
      await graph.patch(`${POLICIES}/${have.id}`, body);
      return have;
    },
    destroy: ({ graph }, have) => graph.delete(`${POLICIES}/${have.id}`),
    outputs: (have) => ({ id: have.id }),
  });
}

function definitionOf(extension: string): string {
  return JSON.stringify({
    ClaimsMappingPolicy: {
      Version: 1,
      IncludeBasicClaimSet: 'true',
      ClaimsSchema: [{ Source: 'user', ExtensionID: extension, JwtClaimType: 'fhirUser' }],
    },
  });
}

function firstDefinition(have: GraphObject): string | undefined {
  const { definition } = have;
  return Array.isArray(definition) ? String(definition[0]) : undefined;
}

interface AssignmentWant {
  readonly principalId: string;
  readonly policyId: string;
}

/** Entra allows one claims mapping policy per service principal. */
function assignment(name: string, app: string): Resource<Tools> {
  const path = (principalId: string): string => `/servicePrincipals/${principalId}/claimsMappingPolicies`;
  return defineResource<
    Tools,
    AssignmentWant,
    { readonly principalId: string; readonly policyIds: readonly string[] }
  >({
    id: claimsOf(name),
    type: 'claims-assignment',
    label: `fhirUser claim of ${app}`,
    dependsOn: [RESOURCE.claimsPolicy, app],
    containedIn: app,
    desired: (outputs) => ({
      principalId: outputs.get(app, 'servicePrincipalId'),
      policyId: outputs.get(RESOURCE.claimsPolicy, 'id'),
    }),
    locate: (want) => `${want.principalId}/${want.policyId}`,
    async read({ graph }, want) {
      const policyIds = (await graph.list(path(want.principalId))).map((item) => item.id);
      return policyIds.length === 0
        ? undefined
        : { have: { principalId: want.principalId, policyIds }, ownership: 'ours' };
    },
    diff: (want, have) => changed('policy', have.policyIds.join(' '), want.policyId),
    async apply({ graph, target }, want, have) {
      for (const id of have?.policyIds ?? []) {
        if (id !== want.policyId) await graph.delete(`${path(want.principalId)}/${id}/$ref`);
      }
      if (have?.policyIds.includes(want.policyId) !== true) {
        const reference = `${target.endpoints.graph}/v1.0${POLICIES}/${want.policyId}`;
        await graph.add(path(want.principalId), reference);
      }
      return { principalId: want.principalId, policyIds: [want.policyId] };
    },
    async destroy({ graph }, have) {
      for (const id of have.policyIds) await graph.delete(`${path(have.principalId)}/${id}/$ref`);
    },
    outputs: () => ({}),
  });
}
