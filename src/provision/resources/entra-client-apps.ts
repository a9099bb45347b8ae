import type { ClientConfig } from '../../config/config.ts';
import { clientPermissions, isInteractive } from '../client-permissions.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { defineResource, type Outputs, type Resource } from '../engine/resource.ts';
import {
  type AppContent,
  appDiff,
  appOutputs,
  deleteApp,
  type EntraApp,
  ensureApp,
  readApp,
} from '../entra-app.ts';
import { GRAPH_APP_ID, GRAPH_SCOPE_IDS } from '../graph-permissions.ts';
import { clientApp, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** One app registration per SMART client. The only redirect URI Entra knows is the gateway's. */
export const entraClientApps: ResourceKind = (context) =>
  context.config.clients.map((client) => define(client, context));

function define(client: ClientConfig, context: StackContext): Resource<Tools> {
  const id = clientApp(client.name);
  const displayName = `${context.config.name} ${context.config.env} ${client.name}`;
  return defineResource<Tools, AppContent, EntraApp>({
    id,
    type: 'app-registration',
    label: `app-registration ${displayName}`,
    dependsOn: [RESOURCE.fhirApp, RESOURCE.apim],
    desired: (outputs) => content(client, displayName, context, outputs),
    locate: () => id,
    read: (tools) => readApp(tools, id),
    diff: appDiff,
    apply: (tools, want, have) => ensureApp(tools, id, want, have),
    destroy: (tools, have) => deleteApp(tools, have),
    outputs: appOutputs,
  });
}

function content(
  client: ClientConfig,
  displayName: string,
  context: StackContext,
  outputs: Outputs,
): AppContent {
  const callback = isInteractive(client) ? [`${outputs.get(RESOURCE.apim, 'gatewayUrl')}/auth/callback`] : [];
  const isPublic = client.auth === 'public';
  return {
    displayName,
    isFallbackPublicClient: isPublic,
    web: { redirectUris: isPublic ? [] : callback },
    publicClient: { redirectUris: isPublic ? callback : [] },
    // id_tokens carry the mapped fhirUser only where the client's own app allows it.
    api: { acceptMappedClaims: true, requestedAccessTokenVersion: 2 },
    requiredResourceAccess: requiredAccess(client, context, outputs),
  };
}

function requiredAccess(client: ClientConfig, { owner }: StackContext, outputs: Outputs) {
  const { scopes, graphScopes, roles } = clientPermissions(client);
  const fhir = [
    ...scopes.map((scope) => ({ id: owner.guid('scope', scope), type: 'Scope' })),
    ...roles.map((role) => ({ id: owner.guid('role', role), type: 'Role' })),
  ];
  const graph = graphScopes.map((scope) => ({ id: GRAPH_SCOPE_IDS[scope], type: 'Scope' }));
  return [
    ...(fhir.length === 0
      ? []
      : [{ resourceAppId: outputs.get(RESOURCE.fhirApp, 'appId'), resourceAccess: fhir }]),
    ...(graph.length === 0 ? [] : [{ resourceAppId: GRAPH_APP_ID, resourceAccess: graph }]),
  ];
}
