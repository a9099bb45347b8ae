import type { GraphObject } from '../../azure/graph.ts';
import { clientPermissions, isInteractive } from '../client-permissions.ts';
import type { ResourceKind } from '../context.ts';
import { changed, defineResource, type FieldChange, type Resource } from '../engine/resource.ts';
import { GRAPH_APP_ID } from '../graph-permissions.ts';
import { clientApp, clientGrant, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly principalId: string;
  readonly fhirPrincipalId: string;
  readonly fhirScopes: readonly string[];
  readonly graphScopes: readonly string[];
}

interface Have {
  readonly fhir: GraphObject | undefined;
  readonly graph: GraphObject | undefined;
  readonly graphPrincipalId: string;
}

const SIGN_IN_SCOPES = ['openid', 'profile'];

/**
 * The administrator's consent for everybody, so that users choose on the gateway's page and nowhere else. What a
 * session may do is decided there. Clients with `consent: user` are left to ask each user: for them nothing may be
 * granted to everybody, an earlier consent included.
 */
export const entraGrants: ResourceKind = ({ config }) => {
  const clients = config.clients.filter(isInteractive);
  return [
    define(clientGrant('sign-in'), RESOURCE.signInApp, [], SIGN_IN_SCOPES),
    ...clients.map((client) => {
      const { scopes, graphScopes } =
        client.consent === 'admin' ? clientPermissions(client) : { scopes: [], graphScopes: [] };
      return define(clientGrant(client.name), clientApp(client.name), scopes, graphScopes);
    }),
  ];
};

function define(
  id: string,
  app: string,
  fhirScopes: readonly string[],
  graphScopes: readonly string[],
): Resource<Tools> {
  const nothing = fhirScopes.length === 0 && graphScopes.length === 0;
  return defineResource<Tools, Want, Have>({
    id,
    type: 'consent',
    label: nothing ? `consent of ${app}: asked of each user` : `consent of ${app}`,
    dependsOn: [app, RESOURCE.fhirApp],
    containedIn: app,
    desired: (outputs) => ({
      principalId: outputs.get(app, 'servicePrincipalId'),
      fhirPrincipalId: outputs.get(RESOURCE.fhirApp, 'servicePrincipalId'),
      fhirScopes,
      graphScopes,
    }),
    locate: (want) => `${want.principalId}/${want.fhirPrincipalId}`,
    async read(tools, want) {
      const graphPrincipalId = await graphPrincipal(tools);
      const all = await tools.graph.list('/oauth2PermissionGrants', {
        $filter: `clientId eq '${want.principalId}'`,
      });
      const ours = all.filter((grant) => grant['consentType'] === 'AllPrincipals');
      const to = (resourceId: string) => ours.find((grant) => grant['resourceId'] === resourceId);
      const have = { fhir: to(want.fhirPrincipalId), graph: to(graphPrincipalId), graphPrincipalId };
      const absent = have.fhir === undefined && have.graph === undefined && !nothing;
      return absent ? undefined : { have, ownership: 'ours' };
    },
    diff: (want, have) => [
      ...scopeDiff('fhir', have.fhir, want.fhirScopes),
      ...scopeDiff('graph', have.graph, want.graphScopes),
    ],
    async apply(tools, want, have) {
      const graphPrincipalId = have?.graphPrincipalId ?? (await graphPrincipal(tools));
      await grant(tools, want.principalId, want.fhirPrincipalId, want.fhirScopes, have?.fhir);
      await grant(tools, want.principalId, graphPrincipalId, want.graphScopes, have?.graph);
      return { fhir: have?.fhir, graph: have?.graph, graphPrincipalId };
    },
    async destroy({ graph }, have) {
      for (const item of [have.fhir, have.graph]) {
        if (item !== undefined) await graph.delete(`/oauth2PermissionGrants/${item.id}`);
      }
    },
    outputs: () => ({}),
  });
}

function words(text: unknown): readonly string[] {
  return String(text ?? '')
    .split(' ')
    .filter((word) => word !== '')
    .sort();
}

function scopeDiff(
  field: string,
  have: GraphObject | undefined,
  want: readonly string[],
): readonly FieldChange[] {
  return changed(`${field}.scope`, words(have?.['scope']).join(' '), words(want.join(' ')).join(' '));
}

async function graphPrincipal({ graph }: Tools): Promise<string> {
  const found = await graph.get(`/servicePrincipals(appId='${GRAPH_APP_ID}')`);
  if (found === undefined) throw new Error('this tenant has no service principal of Microsoft Graph');
  return found.id;
}

async function grant(
  { graph }: Tools,
  clientId: string,
  resourceId: string,
  scopes: readonly string[],
  have: GraphObject | undefined,
): Promise<void> {
  const scope = scopes.join(' ');
  if (have === undefined) {
    if (scopes.length === 0) return;
    await graph.post('/oauth2PermissionGrants', {
      clientId,
      consentType: 'AllPrincipals',
      resourceId,
      scope,
    });
  } else if (scopes.length === 0) {
    await graph.delete(`/oauth2PermissionGrants/${have.id}`);
  } else if (scopeDiff('', have, scopes).length > 0) {
    await graph.patch(`/oauth2PermissionGrants/${have.id}`, { scope });
  }
}
