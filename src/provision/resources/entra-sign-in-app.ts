import type { ResourceKind } from '../context.ts';
import { defineResource } from '../engine/resource.ts';
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
import { RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** The gateway's own app: with it the gateway learns who the user is, before the user chooses scopes. */
export const entraSignInApp: ResourceKind = ({ config }) => {
  const displayName = `${config.name} ${config.env} sign-in`;
  return [
    defineResource<Tools, AppContent, EntraApp>({
      id: RESOURCE.signInApp,
      type: 'app-registration',
      label: `app-registration ${displayName}`,
      dependsOn: [RESOURCE.apim],
      desired: (outputs) => ({
        displayName,
        web: { redirectUris: [`${outputs.get(RESOURCE.apim, 'gatewayUrl')}/auth/signed-in`] },
        // Its id_token carries the mapped fhirUser only where the app itself allows it.
        api: { acceptMappedClaims: true, requestedAccessTokenVersion: 2 },
        requiredResourceAccess: [
          {
            resourceAppId: GRAPH_APP_ID,
            resourceAccess: [
              { id: GRAPH_SCOPE_IDS.openid, type: 'Scope' },
              { id: GRAPH_SCOPE_IDS.profile, type: 'Scope' },
            ],
          },
        ],
      }),
      locate: () => RESOURCE.signInApp,
      read: (tools) => readApp(tools, RESOURCE.signInApp),
      diff: appDiff,
      apply: (tools, want, have) => ensureApp(tools, RESOURCE.signInApp, want, have),
      destroy: (tools, have) => deleteApp(tools, have),
      outputs: appOutputs,
    }),
  ];
};
